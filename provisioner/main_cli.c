/* SPDX-License-Identifier: Apache-2.0 */
/* provision: the command. */
#include "cmd/cmd.h"
#include "limits.h"
#include "log.h"
#include "parse.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct command *const commands[] = {
	&cmd_init,    &cmd_add_node,  &cmd_remove_node, &cmd_check,      &cmd_plan,
	&cmd_render,  &cmd_assets,    &cmd_status,      &cmd_watch,      &cmd_events,
	&cmd_approve, &cmd_reinstall, &cmd_cancel,      &cmd_kubeconfig, &cmd_import,
};

static int run_nothing(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	(void)ctx;
	(void)argc;
	(void)argv;
	(void)err;
	return 0;
}

/* What stands before the subcommand is read as an option of this one. */
static const struct command cmd_provision = {
	.name = "COMMAND",
	.summary = "Turns bare machines into Kubernetes nodes",
	.usage = "[OPTIONS] [ARGUMENTS]\n",
	.run = run_nothing,
};

enum { OPT_VERSION = 1 };

static const struct option options[] = {
	{"version", no_argument, NULL, OPT_VERSION},
	{0},
};

static void print_help(void)
{
	printf("usage: provision COMMAND [OPTIONS] [ARGUMENTS]\n\n%s.\n\n", cmd_provision.summary);
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-12s  %s\n", commands[i]->name, commands[i]->summary);
	printf("\nFor every command (provision COMMAND --help tells the rest):\n%s",
	       cmd_global_help());
}

static const struct command *find_command(const char *name, struct err *err)
{
	const char *names[ARRAY_SIZE(commands)];
	_cleanup_(freep) char *shown = NULL;
	const char *near;

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		names[i] = commands[i]->name;
		if (streq(name, names[i]))
			return commands[i];
	}
	near = nearest_name(name, names, ARRAY_SIZE(names));
	shown = printable(name, strnlen(name, LIMIT_NAME));
	err_set(err, ERR_USAGE, "there is no command %s%s%s%s (provision --help)", shown,
		near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
	return NULL;
}

static int run(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	const struct command *cmd;
	int opt, first;

	/* --help before the subcommand is the list of all */
	for (int i = 1; i < argc && argv[i][0] == '-'; i++) {
		if (streq(argv[i], "--help") || streq(argv[i], "-h")) {
			print_help();
			return 0;
		}
	}
	while ((opt = cmd_getopt_leading(&cmd_provision, ctx, argc, argv, options, err)) != -1) {
		if (opt != OPT_VERSION)
			return err->kind == ERR_NONE ? 0 : -1;
		printf("provision %s\n", PACKAGE_VERSION);
		return 0;
	}
	first = optind;
	if (first >= argc || streq(argv[first], "help")) {
		print_help();
		return first >= argc ? err_set(err, ERR_USAGE, "a command is wanted") : 0;
	}
	cmd = find_command(argv[first], err);
	if (!cmd)
		return -1;
	optind = 0; /* starts getopt anew on the rest */
	return cmd->run(ctx, argc - first, argv + first, err);
}

/* On standard error as well: the answer on standard output may be whole, as `check` prints its own.
 */
static void print_error(const struct err *err, bool json)
{
	_cleanup_json_ json_t *j = NULL;
	_cleanup_(freep) char *line = NULL;

	if (!json) {
		log_err(err);
		return;
	}
	j = json_pack("{s:{s:s,s:s}}", "error", "kind", err_kind_name(err->kind), "message",
		      err_text(err));
	if (!j) /* no UTF-8 */
		BUG("an error that is no text");
	line = jsonx_canonical(j);
	fprintf(stderr, "%s\n", line);
}

int main(int argc, char **argv)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	struct cmd_context ctx = {.json = false};
	int code = 0;

	log_open("provision", LOG_LEVEL_INFO);
	paths_init(&ctx.paths);
	if (run(&ctx, argc, argv, &err) < 0 && err.kind == ERR_NONE)
		BUG("a command failed without a word");
	if (err.kind == ERR_NONE && fflush(stdout) != 0)
		err_errno(&err, ERR_IO, errno, "standard output");
	if (err.kind != ERR_NONE) {
		fflush(stdout);
		print_error(&err, ctx.json);
		code = err_exit_code(err.kind);
	}
	paths_release(&ctx.paths);
	return code;
}
