/* SPDX-License-Identifier: Apache-2.0 */
/* provision check */
#include "cmd/cmd.h"

#include "dhcp/dhcp_advice.h"
#include "problems.h"
#include "render/render_ipxe.h"
#include "secrets.h"
#include "workspace.h"

#include <stdio.h>
#include <string.h>

/* What is worth a word and is no fault of the files. */
struct findings {
	struct strv notes;
	struct strv advice; /* `dhcp: mode: off`: lines for another server's configuration */
	size_t nodes;
	bool unchecked; /* the asset store lacks what a plan needs */
};

static void findings_release(struct findings *f)
{
	strv_release(&f->notes);
	strv_release(&f->advice);
}

static void print_problems(const struct problems *ps)
{
	for (size_t i = 0; i < ps->n; i++) {
		_cleanup_(freep) char *line = problem_format(&ps->p[i]);

		puts(line);
	}
}

static json_t *problems_to_json(const struct problems *ps)
{
	json_t *list = json_array();

	for (size_t i = 0; i < ps->n; i++) {
		json_t *j = json_object();

		jsonx_put_string(j, "file", ps->p[i].file);
		if (ps->p[i].line) {
			json_object_set_new(j, "line", json_integer(ps->p[i].line));
			json_object_set_new(j, "column", json_integer(ps->p[i].column));
		}
		jsonx_put_string(j, "text", ps->p[i].text);
		json_array_append_new(list, j);
	}
	return list;
}

/* What a record wants and the asset store lacks is no fault of the files: each is told once, and of
 * a store without any asset that it has none. */
static void note_missing(struct findings *f, bool has_assets, const char *text)
{
	const char *what = strchr(text, ':') ? strchr(text, ':') + 2 : text;

	f->unchecked = true;
	if (has_assets && !strv_has(&f->notes, what))
		strv_add(&f->notes, what);
}

static void add_once(struct problems *ps, const struct problem *p)
{
	for (size_t i = 0; i < ps->n; i++)
		if (streq(ps->p[i].file, p->file) && ps->p[i].line == p->line &&
		    ps->p[i].column == p->column && streq(ps->p[i].text, p->text))
			return;
	problems_add(ps, p->file, p->line, p->column, "%s", p->text);
}

/* What the templates make of a node; nodes that share a template share what is wrong with it. */
static bool check_config(const struct workspace *w, const struct node *n, struct problems *ps)
{
	_cleanup_(problems_release) struct problems own = {0};
	_cleanup_config_ struct config_item *config = workspace_config(w, n, &own);

	for (size_t i = 0; i < own.n; i++)
		add_once(ps, &own.p[i]);
	return config != NULL;
}

static void check_plans(const struct workspace *w, struct problems *ps, struct findings *f)
{
	for (size_t i = 0; i < w->inventory->n_nodes; i++) {
		const struct node *n = &w->inventory->nodes[i];
		const struct plan_facts facts = workspace_facts(w, n);
		_cleanup_(plan_freep) struct plan *p = NULL;
		struct err err = ERR_INIT;

		if (!check_config(w, n, ps) || workspace_plan(w, n, &facts, &p, &err) == 0)
			continue;
		if (err.kind == ERR_REFUSED)
			note_missing(f, w->manifest.n > 0, err_text(&err));
		else
			problems_add(ps, n->place.file, 0, 0, "%s", err_text(&err));
		err_release(&err);
	}
}

/* Only here is the address known that cluster.yaml leaves to the interface. */
static void check_own_address(const struct workspace *w, struct problems *ps)
{
	char ip[IPV4_TEXT_SIZE];

	for (size_t i = 0; i < w->inventory->n_nodes && !w->inventory->cluster.address.a; i++) {
		const struct node *n = &w->inventory->nodes[i];

		if (n->address.ip.a == w->address.a)
			problems_add(ps, n->place_address.file, n->place_address.line,
				     n->place_address.column,
				     "address: %s is the provisioner's own; give the node another",
				     ipv4_format(w->address, ip));
	}
}

/* Everything that is read at the daemon's start, in the same way. */
static void check_all(const struct cmd_context *ctx, struct problems *ps, struct findings *f)
{
	_cleanup_(workspace_release) struct workspace w = {0};
	_cleanup_(inventory_freep) struct inventory *inv = NULL;
	_cleanup_(templates_freep) struct templates *templates = NULL;
	struct ipxe_scripts *scripts = NULL;
	struct err err = ERR_INIT;
	bool wrong = false;

	if (ipxe_scripts_load(ctx->paths.data, ctx->paths.config, &scripts, &err) < 0) {
		problems_add(ps, "ipxe-scripts", 0, 0, "%s", err_text(&err));
		err_release(&err);
	}
	ipxe_scripts_free(scripts);
	/* both, so that one's problems do not hide the other's */
	if (templates_load(ctx->paths.data, ctx->paths.config, &templates, ps) < 0)
		wrong = true;
	if (inventory_load(ctx->paths.config, &inv, ps) < 0 || wrong)
		return;
	f->nodes = inv->n_nodes;
	if (workspace_load(&ctx->paths, &w, &err) < 0) {
		problems_add(ps, "cluster.yaml", 0, 0, "%s", err_text(&err));
		err_release(&err);
		return;
	}
	/* the files are good for another host as well: what is missing on this one is a note */
	if (!secrets_exist(ctx->paths.state))
		strv_take(
			&f->notes,
			xasprintf("there are no keys in %s/secrets, without which provisiond does "
				  "not start: restore the backup of %s, or provision init --keys "
				  "makes new ones",
				  ctx->paths.state, ctx->paths.state));
	check_own_address(&w, ps);
	if (inv->cluster.dhcp == DHCP_OFF)
		dhcp_advice(w.address, inv->cluster.http_port, &f->advice);
	if (!w.manifest.n)
		strv_add(&f->notes, "there are no assets yet (provision assets build)");
	templates_check_used(w.templates, &inv->cluster, inv->nodes, inv->n_nodes, ps);
	check_plans(&w, ps, f);
}

static void print_all(const struct cmd_context *ctx, const struct problems *ps,
		      const struct findings *f)
{
	if (ctx->json) {
		_cleanup_json_ json_t *j = json_object();

		json_object_set_new(j, "problems", problems_to_json(ps));
		jsonx_put_strv(j, "notes", &f->notes);
		jsonx_put_strv(j, "advice", &f->advice);
		cmd_print_json(j);
		return;
	}
	print_problems(ps);
	for (size_t i = 0; i < f->notes.n; i++)
		printf("note: %s\n", f->notes.v[i]);
	for (size_t i = 0; i < f->advice.n; i++)
		puts(f->advice.v[i]);
	if (!ps->n)
		printf("%zu node%s, nothing is wrong%s\n", f->nodes, f->nodes == 1 ? "" : "s",
		       f->unchecked ? " in the files; plans that lack an asset were not checked to "
				      "their end"
				    : "");
}

static int run_check(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_(findings_release) struct findings f = {0};

	while (cmd_getopt(&cmd_check, ctx, argc, argv, NULL, err) != -1)
		return err->kind == ERR_NONE ? 0 : -1;
	if (cmd_need_args(&cmd_check, argc, 0, err) < 0)
		return -1;
	check_all(ctx, &ps, &f);
	problems_sort(&ps);
	print_all(ctx, &ps, &f);
	if (!ps.n)
		return 0;
	return err_set(err, ERR_CONFIG, "%zu problem%s in %s", ps.n, ps.n == 1 ? "" : "s",
		       ctx->paths.config);
}

const struct command cmd_check = {
	.name = "check",
	.summary = "Tell everything that is wrong with the configuration, with line and fix",
	.usage = "\n"
		 "With `dhcp: mode: off` it also prints what the other DHCP server has to be "
		 "told.\n",
	.run = run_check,
};
