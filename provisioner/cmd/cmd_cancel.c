/* SPDX-License-Identifier: Apache-2.0 */
/* provision cancel NODE */
#include "cmd/cmd.h"

#include <stdio.h>

#include "op.h"

static int run_cancel(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	_cleanup_json_ json_t *args = json_object(), *reply = NULL;
	const char *node, *more;

	while (cmd_getopt(&cmd_cancel, ctx, argc, argv, NULL, err) != -1)
		return err->kind == ERR_NONE ? 0 : -1;
	if (cmd_need_args(&cmd_cancel, argc, 1, err) < 0)
		return -1;
	node = argv[optind];
	jsonx_put_string(args, "node", node);
	if (op_call(&ctx->paths, "intent-cancel", args, &reply, err) < 0)
		return -1;
	if (!json_is_true(json_object_get(reply, "cancelled")))
		return err_set(err, ERR_NOT_FOUND,
			       "node %s has no open intent (provision status %s)", node, node);
	if (ctx->json) {
		cmd_print_json(reply);
		return 0;
	}
	printf("%s is not installed; its file stays, and provision reinstall %s asks anew\n", node,
	       node);
	more = json_string_value(json_object_get(reply, "message"));
	if (more)
		printf("%s\n", more);
	return 0;
}

const struct command cmd_cancel = {
	.name = "cancel",
	.summary = "Take the open intent of a node back, so that it is not installed",
	.usage =
		"NODE\n"
		"\n"
		"The node's file stays. A machine that has begun stops at its next report; what it "
		"has\n"
		"erased by then is gone. Once its disks are written this is refused: the node "
		"joins "
		"by\n"
		"itself, and reinstall or remove-node are the ways on.\n",
	.run = run_cancel,
};
