/* SPDX-License-Identifier: Apache-2.0 */
/* provision plan NODE */
#include "cmd/cmd.h"

#include "op.h"
#include "plan_facts.h"
#include "render/render_plan.h"
#include "workspace.h"

#include <stdio.h>

static int read_frozen(const json_t *reply, struct plan **ret, char **ret_state, struct err *err)
{
	const char *state = json_string_value(json_object_get(reply, "state"));

	if (!state)
		return err_set(err, ERR_PROTOCOL, "the daemon's answer has no state");
	if (plan_from_json(json_object_get(reply, "plan"), ret, err) < 0)
		return -1;
	*ret_state = xstrdup(state);
	return 0;
}

int cmd_find_plan(const struct cmd_context *ctx, const char *node, struct plan **ret,
		  char **ret_state, struct err *err)
{
	_cleanup_(workspace_release) struct workspace w = {0};
	_cleanup_json_ json_t *args = json_object();
	_cleanup_json_ json_t *reply = NULL;
	const struct node *n = NULL;
	struct plan_facts facts;

	jsonx_put_string(args, "node", node);
	if (op_call(&ctx->paths, "plan", args, &reply, err) < 0) {
		/* the store is not there or not ours to read: the record is */
		if (err->kind != ERR_NOT_FOUND && err->kind != ERR_IO)
			return -1;
		err_release(err);
	}
	if (json_object_get(reply, "plan"))
		return read_frozen(reply, ret, ret_state, err);
	if (workspace_load(&ctx->paths, &w, err) < 0 ||
	    inventory_need(w.inventory, node, &n, err) < 0)
		return -1;
	facts = workspace_facts(&w, n);
	if (reply && plan_facts_from_json(json_object_get(reply, "facts"), &facts, err) < 0)
		return -1;
	return workspace_plan(&w, n, &facts, ret, err);
}

static int run_plan(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	_cleanup_(plan_freep) struct plan *p = NULL;
	_cleanup_(freep) char *state = NULL, *text = NULL;

	while (cmd_getopt(&cmd_plan, ctx, argc, argv, NULL, err) != -1)
		return err->kind == ERR_NONE ? 0 : -1;
	if (cmd_need_args(&cmd_plan, argc, 1, err) < 0 ||
	    cmd_find_plan(ctx, argv[optind], &p, &state, err) < 0)
		return -1;
	if (!p)
		BUG("neither a plan nor an error");
	if (ctx->json) {
		_cleanup_json_ json_t *j = plan_to_json(p), *shown = plan_config_redacted(j);

		cmd_print_json(shown);
		return 0;
	}
	text = render_plan(p);
	printf("%s%s%s%s", text,
	       state ? "\nfrozen when the machine asked for it; this install is " : "",
	       state ? state : "", state ? "\n" : "");
	return 0;
}

const struct command cmd_plan = {
	.name = "plan",
	.summary = "Show what happens to which disk of a node, before it happens",
	.usage = "NODE\n"
		 "\n"
		 "Until the machine has asked for its plan the disks are rules; from then on each "
		 "one\n"
		 "stands there by its serial: erase, keep or adopt.\n",
	.run = run_plan,
};
