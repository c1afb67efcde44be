/* SPDX-License-Identifier: Apache-2.0 */
/* provision approve NODE [CODE] [--erase SERIAL]..., provision reinstall NODE */
#include "cmd/cmd.h"

#include <stdio.h>

#include "grant.h"
#include "op.h"
#include "workspace.h"

enum { OPT_ERASE, OPT_CONFIRM, OPT_DISCARD };

static const struct option approve_options[] = {
	{"erase", required_argument, NULL, OPT_ERASE},
	{0},
};

static const struct option reinstall_options[] = {
	{"erase", required_argument, NULL, OPT_ERASE},
	{"confirm", no_argument, NULL, OPT_CONFIRM},
	{"discard-cluster-state", no_argument, NULL, OPT_DISCARD},
	{0},
};

static void say(const struct cmd_context *ctx, const json_t *reply, const char *text)
{
	const char *more = json_string_value(json_object_get(reply, "message"));

	if (ctx->json) {
		cmd_print_json(reply);
		return;
	}
	printf("%s\n", text);
	if (more)
		printf("%s\n", more);
}

static int run_approve(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	_cleanup_json_ json_t *args = json_object(), *reply = NULL;
	json_t *erase = json_array();
	int c;

	json_object_set_new(args, "erase", erase);
	while ((c = cmd_getopt(&cmd_approve, ctx, argc, argv, approve_options, err)) != -1) {
		if (c != OPT_ERASE)
			return err->kind == ERR_NONE ? 0 : -1;
		json_array_append_new(erase, json_string(optarg));
	}
	if (argc != optind + 2 && cmd_need_args(&cmd_approve, argc, 1, err) < 0)
		return -1;
	jsonx_put_string(args, "node", argv[optind]);
	if (argc == optind + 2)
		jsonx_put_string(args, "code", argv[optind + 1]);
	if (op_call(&ctx->paths, "approve", args, &reply, err) < 0)
		return -1;
	say(ctx, reply, "approved, for this installation only");
	return 0;
}

static int run_reinstall(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	_cleanup_json_ json_t *args = json_object(), *reply = NULL;
	_cleanup_(inventory_freep) struct inventory *inv = NULL;
	_cleanup_(freep) char *text = NULL;
	json_t *erase = json_array();
	const struct node *n = NULL;
	bool keys;
	bool again;
	int c;

	json_object_set_new(args, "erase", erase);
	jsonx_put_string(args, "kind", "reinstall");
	while ((c = cmd_getopt(&cmd_reinstall, ctx, argc, argv, reinstall_options, err)) != -1) {
		if (c == OPT_ERASE)
			json_array_append_new(erase, json_string(optarg));
		else if (c == OPT_CONFIRM)
			json_object_set_new(args, "confirm", json_true());
		else if (c == OPT_DISCARD)
			json_object_set_new(args, "discardClusterState", json_true());
		else
			return err->kind == ERR_NONE ? 0 : -1;
	}
	if (cmd_need_args(&cmd_reinstall, argc, 1, err) < 0 ||
	    workspace_inventory(&ctx->paths, &inv, err) < 0 ||
	    inventory_need(inv, argv[optind], &n, err) < 0)
		return -1;
	keys = grant_is_needed(&inv->cluster, n);
	jsonx_put_string(args, "node", n->name);
	if ((keys && grant_check(ctx->paths.state, err) < 0) ||
	    op_call(&ctx->paths, "intent-open", args, &reply, err) < 0 ||
	    (keys && grant_ask(ctx->paths.state, n->name, err) < 0))
		return -1;
	again = streq_null(json_string_value(json_object_get(reply, "kind")), "reinstall");
	text = xasprintf("%s is installed%s at its next network boot, once, within 7 days\n"
			 "what happens to its disks: provision plan %s",
			 argv[optind], again ? " again" : "", argv[optind]);
	say(ctx, reply, text);
	return 0;
}

const struct command cmd_approve = {
	.name = "approve",
	.summary = "Permit what the open intent of a node waits for",
	.usage = "NODE CODE\n"
		 "NODE --erase SERIAL [--erase SERIAL]...\n"
		 "\n"
		 "CODE     the machine that shows this code on its console is the right one\n"
		 "--erase  this disk may be erased, though it holds something; compared with what "
		 "the\n"
		 "         machine reported, if it did\n"
		 "\n"
		 "Both are good for the intent that is open now and for no other.\n",
	.run = run_approve,
};

const struct command cmd_reinstall = {
	.name = "reinstall",
	.summary = "Open an intent to make a node's system anew",
	.usage = "NODE [--erase SERIAL]... [--confirm] [--discard-cluster-state]\n"
		 "\n"
		 "Only what is recorded as this node's own system is made anew; its other pools "
		 "are\n"
		 "mounted again, and disks that its file does not name are not touched.\n"
		 "\n"
		 "--erase    this disk may be erased too, though it holds something\n"
		 "--confirm  the machine shows a code, and waits for `provision approve NODE "
		 "CODE`\n"
		 "--discard-cluster-state  of a control plane: what its etcd holds may be lost\n"
		 "\n"
		 "The intent is for the next network boot, once, within seven days.\n",
	.run = run_reinstall,
};
