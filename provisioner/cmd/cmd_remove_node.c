/* SPDX-License-Identifier: Apache-2.0 */
/* provision remove-node NODE */
#include "cmd/cmd.h"

#include "grant.h"
#include "inventory_edit.h"
#include "op.h"
#include "workspace.h"

#include <stdio.h>

static int run_remove(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	_cleanup_(inventory_freep) struct inventory *inv = NULL;
	_cleanup_json_ json_t *args = json_object();
	_cleanup_json_ json_t *reply = NULL;
	const struct node *n = NULL;
	const char *name;

	while (cmd_getopt(&cmd_remove_node, ctx, argc, argv, NULL, err) != -1)
		return err->kind == ERR_NONE ? 0 : -1;
	if (cmd_need_args(&cmd_remove_node, argc, 1, err) < 0 ||
	    workspace_inventory(&ctx->paths, &inv, err) < 0)
		return -1;
	name = argv[optind];
	if (inventory_need(inv, name, &n, err) < 0)
		return -1;
	if (grant_is_needed(&inv->cluster, n) && secrets_exist(ctx->paths.state) &&
	    grant_remove(ctx->paths.state, name, err) < 0)
		return -1;
	/* first the intent: a machine must not be installed without a record */
	jsonx_put_string(args, "node", name);
	json_object_set_new(args, "thoughWritten", json_true());
	if (op_call(&ctx->paths, "intent-cancel", args, &reply, err) < 0) {
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		err_release(err);
	}
	if (inventory_remove_node(ctx->paths.config, inv, name, err) < 0)
		return -1;
	if (ctx->json) {
		_cleanup_json_ json_t *j = json_object();

		jsonx_put_string(j, "node", name);
		jsonx_put_string(j, "removed", n->place.file);
		cmd_print_json(j);
	} else {
		printf("%s/%s is gone; the machine keeps what is on its disks\n", ctx->paths.config,
		       n->place.file);
	}
	return 0;
}

const struct command cmd_remove_node = {
	.name = "remove-node",
	.summary = "Remove a node's record, and its open installation",
	.usage = "NODE\n"
		 "\n"
		 "Nothing on the machine is touched, and the cluster keeps its Node object\n"
		 "(kubectl delete node NODE).\n",
	.run = run_remove,
};
