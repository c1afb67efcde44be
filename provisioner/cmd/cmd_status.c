/* SPDX-License-Identifier: Apache-2.0 */
/* provision status [NODE] */
#include "cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "cmd/colour.h"
#include "op.h"

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "-";
}

static int widest(const json_t *list, const char *key, const char *head)
{
	size_t width = strlen(head), i;
	const json_t *item;

	json_array_foreach (list, i, item)
		if (strlen(text_of(item, key)) > width)
			width = strlen(text_of(item, key));
	return (int)width;
}

/* "unpack 45%" while it is in the phase. */
static char *phase_text(const json_t *node)
{
	const char *phase = text_of(node, "phase"), *state = text_of(node, "state");
	json_int_t percent = json_integer_value(json_object_get(node, "percent"));

	if (streq(state, "installing") && percent > 0 && percent < 100)
		return xasprintf("%s %d%%", phase, (int)percent);
	return xstrdup(streq(state, "ready") ? "-" : phase);
}

/* What the node tells, or of one that is ready, when it became so: it tells nothing after that. */
static char *message_text(const json_t *node)
{
	const char *message = json_string_value(json_object_get(node, "message"));
	_cleanup_(freep) char *when = NULL;

	if (!streq(text_of(node, "state"), "ready"))
		return xstrdup(message ? message : "");
	when = time_text(json_integer_value(json_object_get(node, "since")));
	return xasprintf("became Ready at %s", when);
}

static void print_node(const json_t *node, int width, int64_t now_ms, bool colour)
{
	_cleanup_(freep) char *phase = phase_text(node), *message = message_text(node);
	_cleanup_(freep) char *since = NULL;
	const char *state = text_of(node, "state");

	since = since_text(json_integer_value(json_object_get(node, "since")), now_ms);
	printf("%-*s  %-13s  %s%-10s%s  %-15s  %-9s  %s%s%s\n", width, text_of(node, "name"),
	       text_of(node, "role"), colour_of(state, colour), state, colour_of(NULL, colour),
	       phase, since, message,
	       json_is_false(json_object_get(node, "declared")) ? " (its file is gone)" : "",
	       json_is_true(json_object_get(node, "drift"))
		       ? " (its file was edited since; provision reinstall applies it)"
		       : "");
}

static void print_nodes(const json_t *reply, bool colour)
{
	const json_t *nodes = json_object_get(reply, "nodes"), *node;
	const int64_t now_ms = json_integer_value(json_object_get(reply, "time"));
	const int width = widest(nodes, "name", "NODE");
	size_t i;

	if (json_array_size(nodes) == 0) {
		puts("no nodes yet: provision add-node MAC");
		return;
	}
	printf("%-*s  %-13s  %-10s  %-15s  %-9s  %s\n", width, "NODE", "ROLE", "STATE", "PHASE",
	       "SINCE", "MESSAGE");
	json_array_foreach (nodes, i, node)
		print_node(node, width, now_ms, colour);
}

static void print_unknown(const json_t *reply)
{
	const json_t *unknown = json_object_get(reply, "unknown"), *m;
	const int64_t now_ms = json_integer_value(json_object_get(reply, "time"));
	size_t i;

	if (json_array_size(unknown) == 0)
		return;
	printf("\nmachines that no file names (provision add-node MAC):\n");
	json_array_foreach (unknown, i, m) {
		_cleanup_(freep) char *since =
			since_text(json_integer_value(json_object_get(m, "last")), now_ms);

		printf("%s  %-6s  seen %s ago\n", text_of(m, "mac"), text_of(m, "arch"), since);
	}
}

/* An edit that did nothing, and why. */
static void print_configuration(const struct paths *paths, const json_t *reply)
{
	const char *problem = json_string_value(json_object_get(reply, "configProblem"));
	const json_t *held = json_object_get(reply, "waitsForRestart"), *key;
	size_t i;

	if (problem)
		printf("\nthe files in %s are not in force: %s; the last good configuration stays "
		       "(provision check)\n",
		       paths->config, problem);
	if (json_array_size(held) == 0)
		return;
	printf("\nwaits for a restart of provisiond:");
	json_array_foreach (held, i, key)
		printf("%s %s", i ? "," : "", json_string_value(key));
	printf(" (systemctl restart provisiond)\n");
}

static int run_status(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	_cleanup_json_ json_t *args = json_object(), *reply = NULL;
	const bool colour = colour_wanted();

	while (cmd_getopt(&cmd_status, ctx, argc, argv, NULL, err) != -1)
		return err->kind == ERR_NONE ? 0 : -1;
	if (argc > optind + 1)
		return cmd_need_args(&cmd_status, argc, 1, err);
	if (argc > optind)
		jsonx_put_string(args, "node", argv[optind]);
	if (op_call(&ctx->paths, "status", args, &reply, err) < 0)
		return -1;
	if (ctx->json) {
		cmd_print_json(reply);
		return 0;
	}
	print_nodes(reply, colour);
	print_unknown(reply);
	print_configuration(&ctx->paths, reply);
	if (!json_is_true(json_object_get(reply, "daemon")))
		printf("\nprovisiond is not running: no machine is served (systemctl start "
		       "provisiond)\n");
	return 0;
}

const struct command cmd_status = {
	.name = "status",
	.summary = "Show every node: what it is doing, since when, and the last error",
	.usage =
		"[NODE]\n"
		"\n"
		"declared    a file; nobody asked for an installation\n"
		"open        waits for the machine to be powered on\n"
		"installing  in the phase that is shown\n"
		"waiting     for what the message says, and goes on by itself then; in the\n"
		"            phase claim that is somebody's word (provision approve)\n"
		"failed      the message is the phase's last error, and says whether the\n"
		"            machine tries again or is held\n"
		"ready       became a Ready member of the cluster at the time shown; how it\n"
		"            is now the cluster knows: kubectl get nodes\n"
		"cancelled   the intent was taken back\n"
		"expired     the intent was open for seven days and no machine came\n"
		"\n"
		"\"its file is gone\": an intent of a node that nodes/ has no more. \"its file was "
		"edited\n"
		"since\": the node runs what its file said when it was installed; provision "
		"reinstall\n"
		"applies the edit.\n",
	.run = run_status,
};
