/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/cmd.h"

#include "parse.h"

#include <stdio.h>
#include <string.h>

enum { OPT_CONFIG = CMD_OPTION_FIRST, OPT_STATE, OPT_RUN, OPT_DATA, OPT_JSON, OPT_HELP };

static const struct option global_options[] = {
	{"config", required_argument, NULL, OPT_CONFIG},
	{"state", required_argument, NULL, OPT_STATE},
	{"run", required_argument, NULL, OPT_RUN},
	{"data", required_argument, NULL, OPT_DATA},
	{"json", no_argument, NULL, OPT_JSON},
	{"help", no_argument, NULL, OPT_HELP},
};

static const char global_help[] =
	"  --config DIR   cluster.yaml and nodes/ (PROVISION_CONFIG, default /etc/provision)\n"
	"  --state DIR    the store, keys and assets (PROVISION_STATE, default "
	"/var/lib/provision)\n"
	"  --run DIR      the daemon's socket (PROVISION_RUN, default /run/provision)\n"
	"  --data DIR     templates and scripts (PROVISION_DATA)\n"
	"  --json         answer in JSON; an error is JSON on standard error\n";

const char *cmd_global_help(void)
{
	return global_help;
}

static size_t count(const struct option *options)
{
	size_t n = 0;

	while (options && options[n].name)
		n++;
	return n;
}

void cmd_print_usage(const struct command *cmd)
{
	const char *p = cmd->usage;
	bool first = true;

	/* each line up to the first empty one is a form of the command */
	while (*p && *p != '\n') {
		size_t len = strcspn(p, "\n");

		printf("%s provision %s %.*s\n", first ? "usage:" : "      ", cmd->name, (int)len,
		       p);
		first = false;
		p += len + (p[len] == '\n');
	}
	if (first)
		printf("usage: provision %s\n", cmd->name);
	printf("\n%s.\n%s\nFor every command:\n%s", cmd->summary, p, global_help);
}

/* A wrong option: what was meant, from what this command and all know. */
static int refuse(const struct command *cmd, const struct option *options, int argc, char **argv,
		  bool lacks_value, struct err *err)
{
	const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";
	size_t n = count(options), len = strcspn(word, "=");
	_cleanup_(freep) const char **names = xcalloc(n, sizeof(*names));
	_cleanup_(freep) char *shown = printable(word, len);
	_cleanup_(freep) char *bare = NULL;
	const char *near;

	if (lacks_value)
		return err_set(err, ERR_USAGE, "%s wants a value (provision %s --help)", shown,
			       cmd->name);
	for (size_t i = 0; i < n; i++)
		names[i] = options[i].name;
	bare = xstrndup(word + strspn(word, "-"), len);
	near = nearest_name(bare, names, n);
	return err_set(err, ERR_USAGE, "%s does not know %s%s%s%s (provision %s --help)", cmd->name,
		       shown, near ? "; did you mean --" : "", near ? near : "", near ? "?" : "",
		       cmd->name);
}

/* Applies a global option; false when it is none. */
static bool apply_global(struct cmd_context *ctx, int opt)
{
	switch (opt) {
	case OPT_CONFIG:
		paths_set(&ctx->paths.config, optarg);
		return true;
	case OPT_STATE:
		paths_set(&ctx->paths.state, optarg);
		return true;
	case OPT_RUN:
		paths_set(&ctx->paths.run, optarg);
		return true;
	case OPT_DATA:
		paths_set(&ctx->paths.data, optarg);
		return true;
	case OPT_JSON:
		ctx->json = true;
		return true;
	default:
		return false;
	}
}

static int get_option(const struct command *cmd, struct cmd_context *ctx, int argc, char **argv,
		      const char *short_options, const struct option *options, struct err *err)
{
	size_t n = count(options);
	_cleanup_(freep) struct option *all =
		xcalloc(n + ARRAY_SIZE(global_options) + 1, sizeof(*all));

	if (n)
		memcpy(all, options, n * sizeof(*all));
	memcpy(all + n, global_options, sizeof(global_options));
	opterr = 0;
	for (;;) {
		int opt = getopt_long(argc, argv, short_options, all, NULL);

		if (opt == '?' || opt == ':') {
			refuse(cmd, all, argc, argv, opt == ':', err);
			return '?';
		}
		if (opt == OPT_HELP) {
			cmd_print_usage(cmd);
			return '?';
		}
		if (opt == -1 || !apply_global(ctx, opt))
			return opt;
	}
}

int cmd_getopt(const struct command *cmd, struct cmd_context *ctx, int argc, char **argv,
	       const struct option *options, struct err *err)
{
	return get_option(cmd, ctx, argc, argv, ":", options, err);
}

int cmd_getopt_leading(const struct command *cmd, struct cmd_context *ctx, int argc, char **argv,
		       const struct option *options, struct err *err)
{
	return get_option(cmd, ctx, argc, argv, "+:", options, err);
}

int cmd_need_args(const struct command *cmd, int argc, int n, struct err *err)
{
	if (argc - optind == n)
		return 0;
	return err_set(err, ERR_USAGE, "%s takes %d argument%s, %d given (provision %s --help)",
		       cmd->name, n, n == 1 ? "" : "s", argc - optind, cmd->name);
}

void cmd_print_json(const json_t *j)
{
	_cleanup_(freep) char *text = jsonx_pretty(j);

	fputs(text, stdout);
}
