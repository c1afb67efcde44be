/* SPDX-License-Identifier: Apache-2.0 */
/* provision remove-node NODE */
#include "cmd/cmd.h"

#include "grant.h"
#include "inventory_edit.h"
#include "op.h"
#include "workspace.h"

#include <stdio.h>

enum { OPT_FORCE };

static const struct option options[] = {
	{"force", no_argument, NULL, OPT_FORCE},
	{0},
};

static bool is_only_control_plane(const struct inventory *inv, const struct node *n)
{
	return n->role == ROLE_CONTROL_PLANE && !inv->cluster.kubeconfig &&
	       inventory_count_control_planes(inv) == 1;
}

/* What `check` would say of the folder without the node's file. */
static int check_rest(const struct cmd_context *ctx, const struct inventory *inv,
		      const struct node *n, struct err *err)
{
	_cleanup_(inventory_freep) struct inventory *after = NULL;
	_cleanup_(problems_release) struct problems ps = {0};

	if (inventory_load_as_if(ctx->paths.config, NULL, n->place.file, &after, &ps) < 0) {
		if (problems_to_err(&ps, err) < 0)
			err_wrap(err, "without %s (--force removes it all the same)", n->name);
		err->kind = ERR_REFUSED;
		return -1;
	}
	if (is_only_control_plane(inv, n) && inv->n_nodes > 1)
		return err_set(
			err, ERR_REFUSED,
			"node %s is the only control plane: the other nodes (%zu) would have "
			"no cluster to join, and provision check calls that wrong; add another "
			"control plane first, or --force",
			n->name, inv->n_nodes - 1);
	return 0;
}

/* The intent first: a machine must not be installed without a record. */
static int drop_intent(const struct cmd_context *ctx, const char *name, struct err *err)
{
	_cleanup_json_ json_t *args = json_object(), *reply = NULL;

	jsonx_put_string(args, "node", name);
	json_object_set_new(args, "removed", json_true());
	if (op_call(&ctx->paths, "intent-cancel", args, &reply, err) == 0)
		return 0;
	if (err->kind != ERR_NOT_FOUND)
		return -1;
	err_release(err);
	return 0;
}

static void report(const struct cmd_context *ctx, const struct inventory *inv, const struct node *n)
{
	/* with the only control plane the cluster goes that could be asked */
	_cleanup_(freep) char *next =
		is_only_control_plane(inv, n) ? NULL : xasprintf("kubectl delete node %s", n->name);

	if (ctx->json) {
		_cleanup_json_ json_t *j = json_object();

		jsonx_put_string(j, "node", n->name);
		jsonx_put_string(j, "removed", n->place.file);
		jsonx_put_string(j, "next", next);
		cmd_print_json(j);
		return;
	}
	printf("%s/%s is gone; the machine keeps what is on its disks\n", ctx->paths.config,
	       n->place.file);
	if (next)
		printf("if it has joined, the cluster still lists it: %s\n", next);
}

static int run_remove(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	_cleanup_(inventory_freep) struct inventory *inv = NULL;
	const struct node *n = NULL;
	bool force = false;
	int c;

	while ((c = cmd_getopt(&cmd_remove_node, ctx, argc, argv, options, err)) != -1) {
		if (c != OPT_FORCE)
			return err->kind == ERR_NONE ? 0 : -1;
		force = true;
	}
	if (cmd_need_args(&cmd_remove_node, argc, 1, err) < 0 ||
	    workspace_inventory(&ctx->paths, &inv, err) < 0 ||
	    inventory_need(inv, argv[optind], &n, err) < 0)
		return -1;
	if (!force && check_rest(ctx, inv, n, err) < 0)
		return -1;
	/* whatever its role is by now, it may have been a control plane; only root can tell */
	if ((grant_is_needed(&inv->cluster, n) || geteuid() == 0) &&
	    secrets_exist(ctx->paths.state) && grant_remove(ctx->paths.state, n->name, err) < 0)
		return -1;
	if (drop_intent(ctx, n->name, err) < 0 ||
	    inventory_remove_node(ctx->paths.config, inv, n->name, err) < 0)
		return -1;
	report(ctx, inv, n);
	return 0;
}

const struct command cmd_remove_node = {
	.name = "remove-node",
	.summary = "Remove a node's file and its open intent",
	.usage =
		"NODE [--force]\n"
		"\n"
		"Nothing on the machine is touched, and the cluster keeps its Node object until "
		"kubectl\n"
		"delete node NODE. What leaves a configuration that check calls wrong is refused.\n"
		"\n"
		"--force  removes it all the same\n",
	.run = run_remove,
};
