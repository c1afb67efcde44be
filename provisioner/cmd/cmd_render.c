/* SPDX-License-Identifier: Apache-2.0 */
/* provision render NODE ipxe|grub|ignition|plan */
#include "cmd/cmd.h"

#include "limits.h"
#include "render/ignition_spec.h"
#include "render/render_explain.h"
#include "render/render_ignition.h"
#include "render/render_ipxe.h"
#include "render/render_live.h"
#include "secrets.h"
#include "workspace.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* Stands for the nonce, which only a boot in progress has. */
#define NO_NONCE "0"

enum { OPT_SPEC, OPT_EXPLAIN };

static const struct option options[] = {
	{"spec", required_argument, NULL, OPT_SPEC},
	{"explain", no_argument, NULL, OPT_EXPLAIN},
	{0},
};

static int digest_of_ca(const struct workspace *w, char text[SHA256_TEXT_SIZE], struct err *err)
{
	struct sha256 digest;

	if (!w->ca_pem)
		return err_set(err, ERR_NOT_FOUND,
			       "the provisioner has no certificate yet (provision init)");
	if (secrets_cert_digest(w->ca_pem, &digest, err) < 0)
		return -1;
	sha256_format(&digest, text);
	return 0;
}

/* The script of an installation, as it is served while an intent is open; of an image that runs in
 * memory, as it is served from then on. */
static int render_script(const struct cmd_context *ctx, const char *name, bool grub,
			 struct err *err)
{
	_cleanup_(workspace_release) struct workspace w = {0};
	struct ipxe_scripts *scripts = NULL;
	char mac[MAC_TEXT_SIZE], dashed[MAC_TEXT_SIZE], ca[SHA256_TEXT_SIZE];
	_cleanup_(freep) char *boot = NULL, *now = NULL, *arguments = NULL;
	const struct node *n = NULL;
	struct ipxe_values v = {0};
	struct buf out;

	if (workspace_load(&ctx->paths, &w, err) < 0 ||
	    inventory_need(w.inventory, name, &n, err) < 0 || digest_of_ca(&w, ca, err) < 0 ||
	    ipxe_scripts_load(ctx->paths.data, ctx->paths.config, &scripts, err) < 0)
		return -1;
	mac_format(&n->macs[0], mac);
	for (size_t i = 0; i < sizeof(mac); i++)
		dashed[i] = mac[i] == ':' ? '-' : mac[i];
	boot = asset_path_boot(n, &w.inventory->cluster);
	now = xasprintf("%jd", (intmax_t)time(NULL));
	arguments = strv_join(&n->kernel_arguments, " ");
	v = (struct ipxe_values){.node = n->name,
				 .mac = mac,
				 .mac_dash = dashed,
				 .arch = arch_name(n->arch),
				 .http = w.http,
				 .host = w.http + strlen("http://"),
				 .image = node_image(n, &w.inventory->cluster),
				 .url = w.url,
				 .boot = boot,
				 .ca = ca,
				 .time = now,
				 .arguments = arguments,
				 .nonce = NO_NONCE};
	buf_init(&out, LIMIT_SCRIPT);
	render_ipxe(scripts, ipxe_script_of(live_kind_of(v.image), grub), &v, &out);
	fputs(out.data ? out.data : "", stdout);
	buf_release(&out);
	ipxe_scripts_free(scripts);
	return 0;
}

static int render_plan_json(const struct cmd_context *ctx, const char *name, struct err *err)
{
	_cleanup_(plan_freep) struct plan *p = NULL;
	_cleanup_(freep) char *state = NULL;
	_cleanup_json_ json_t *j = NULL, *shown = NULL;

	if (cmd_find_plan(ctx, name, &p, &state, err) < 0)
		return -1;
	j = plan_to_json(p);
	shown = plan_config_redacted(j);
	cmd_print_json(shown);
	return 0;
}

static int render_config(const struct cmd_context *ctx, const char *name, enum ignition_spec spec,
			 struct err *err)
{
	_cleanup_(plan_freep) struct plan *p = NULL;
	_cleanup_(freep) char *state = NULL;
	_cleanup_json_ json_t *j = NULL, *shown = NULL;
	struct live_values boot = {.nonce = NO_NONCE, .now_s = time(NULL)};

	if (cmd_find_plan(ctx, name, &p, &state, err) < 0)
		return -1;
	if (p->in_memory && !p->ca_pem)
		return err_set(err, ERR_NOT_FOUND,
			       "the provisioner has no certificate yet (provision init)");
	boot.mac = &p->macs[0];
	j = p->in_memory ? render_live(p, &boot) : render_ignition(p);
	if (ignition_spec_lower(j, spec, err) < 0)
		return -1;
	shown = plan_config_redacted(j);
	cmd_print_json(shown);
	return 0;
}

/* A record keeps one place for all its kernel arguments. */
static void place_arguments(struct config_item *config, const struct value_sources *sources)
{
	const struct config_item *arguments = config_item_get(config, "kernelArguments");
	const struct config_item *list =
		arguments ? config_item_get(arguments, "shouldExist") : NULL;

	for (size_t i = 0; list && i < list->n; i++) {
		struct config_item *item = list->items[i];
		const char *text = config_item_text(item);
		unsigned int line, column;

		if (!text || !streq(item->at.file, sources->node_file) ||
		    !value_source_listed(sources, "kernelArguments", text, &line, &column))
			continue;
		item->at.line = line;
		item->at.column = column;
	}
}

/* What the files make of the node now, whatever an installation has frozen. */
static int explain(const struct cmd_context *ctx, const char *name, struct err *err)
{
	_cleanup_(workspace_release) struct workspace w = {0};
	_cleanup_(value_sources_release) struct value_sources sources = {0};
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_config_ struct config_item *config = NULL;
	const struct node *n = NULL;

	if (workspace_load(&ctx->paths, &w, err) < 0 ||
	    inventory_need(w.inventory, name, &n, err) < 0 ||
	    value_sources_load(ctx->paths.config, n, &sources, err) < 0)
		return -1;
	config = workspace_config(&w, n, &ps);
	if (!config)
		return problems_to_err(&ps, err);
	plan_config_redact(config);
	place_arguments(config, &sources);
	if (ctx->json) {
		_cleanup_json_ json_t *j = render_explain_json(config, &sources);

		cmd_print_json(j);
	} else {
		_cleanup_(freep) char *text = render_explain(config, &sources);

		fputs(text, stdout);
	}
	return 0;
}

static int run_render(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	enum ignition_spec spec = IGNITION_SPEC_3_4;
	bool explained = false;
	const char *what;
	int opt;

	while ((opt = cmd_getopt(&cmd_render, ctx, argc, argv, options, err)) != -1) {
		if (opt == '?')
			return err->kind == ERR_NONE ? 0 : -1;
		if (opt == OPT_EXPLAIN) {
			explained = true;
			continue;
		}
		spec = ignition_spec_parse(optarg);
		if (spec == IGNITION_SPEC_INVALID)
			return err_set(err, ERR_USAGE, "--spec takes 3.3 or 3.4, not \"%.40s\"",
				       optarg);
	}
	if (cmd_need_args(&cmd_render, argc, 2, err) < 0)
		return -1;
	what = argv[optind + 1];
	if (explained && !streq(what, "ignition"))
		return err_set(err, ERR_USAGE, "--explain goes with render NODE ignition");
	if (explained)
		return explain(ctx, argv[optind], err);
	if (streq(what, "ipxe") || streq(what, "grub"))
		return render_script(ctx, argv[optind], streq(what, "grub"), err);
	if (streq(what, "ignition"))
		return render_config(ctx, argv[optind], spec, err);
	if (streq(what, "plan"))
		return render_plan_json(ctx, argv[optind], err);
	return err_set(err, ERR_USAGE, "render takes ipxe, grub, ignition or plan, not \"%.40s\"",
		       what);
}

const struct command cmd_render = {
	.name = "render",
	.summary = "Print what a node is served",
	.usage =
		"NODE ipxe|grub|ignition|plan [--spec 3.3|3.4] [--explain]\n"
		"\n"
		"  ipxe       the script that starts an installation (nonce 0: a real one has the\n"
		"             boot's own)\n"
		"  grub       the same as a configuration of GRUB\n"
		"  ignition   the config for a foreign Ignition client that reads this version of\n"
		"             the spec (3.4); of an image in memory with what a boot is told\n"
		"  plan       the plan that node-agent runs, as JSON\n"
		"\n"
		"  --explain  ignition: every value with the file and line that it came from, as\n"
		"             the files are now\n"
		"\n"
		"Hashes of passwords are not shown.\n",
	.run = run_render,
};
