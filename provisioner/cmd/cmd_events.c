/* SPDX-License-Identifier: Apache-2.0 */
/* provision events [NODE] [--follow] */
#include "cmd/cmd.h"

#include <stdio.h>

#include "cmd/colour.h"
#include "op.h"
#include "parse.h"

enum { OPT_FOLLOW, OPT_AFTER };

static const struct option options[] = {
	{"follow", no_argument, NULL, OPT_FOLLOW},
	{"after", required_argument, NULL, OPT_AFTER},
	{0},
};

/* How long the daemon keeps the question when nothing happens. */
#define WAIT_S 60

static void print_event(const json_t *e, bool colour)
{
	const char *phase = json_string_value(json_object_get(e, "phase"));
	const char *state = json_string_value(json_object_get(e, "state"));
	const char *message = json_string_value(json_object_get(e, "message"));
	_cleanup_(freep) char *when = time_text(json_integer_value(json_object_get(e, "received")));
	_cleanup_(freep) char *percent = NULL;

	if (streq(state, "progress"))
		percent =
			xasprintf(" %d%%", (int)json_integer_value(json_object_get(e, "percent")));
	printf("%s  %-12s  %-10s  %s%s%s%s%s%s\n", when,
	       json_string_value(json_object_get(e, "node")), phase ? phase : "-",
	       colour_of(state, colour), state, colour_of(NULL, colour), percent ? percent : "",
	       message ? "  " : "", message ? message : "");
}

static void print_events(const json_t *reply, bool json, bool colour)
{
	const json_t *e;
	size_t i;

	json_array_foreach (json_object_get(reply, "events"), i, e) {
		if (json) {
			_cleanup_(freep) char *line = jsonx_canonical(e);

			puts(line);
		} else {
			print_event(e, colour);
		}
	}
	fflush(stdout);
}

static int show(struct cmd_context *ctx, const char *node, json_int_t after, bool follow,
		struct err *err)
{
	const bool colour = colour_wanted();
	bool more = true;

	while (more && !ferror(stdout)) {
		_cleanup_json_ json_t *args = json_object(), *reply = NULL;

		jsonx_put_string(args, "node", node);
		json_object_set_new(args, "after", json_integer(after));
		if (follow)
			json_object_set_new(args, "wait", json_integer(WAIT_S));
		if (op_call(&ctx->paths, "events", args, &reply, err) < 0)
			return -1;
		print_events(reply, ctx->json, colour);
		after = json_integer_value(json_object_get(reply, "last"));
		more = follow || json_array_size(json_object_get(reply, "events")) > 0;
		if (follow && !op_daemon_lives(&ctx->paths))
			return err_set(err, ERR_NOT_FOUND,
				       "provisiond is not running: there is nothing to follow");
	}
	return 0;
}

static int run_events(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	bool follow = false;
	uint64_t after = 0;
	int c;

	while ((c = cmd_getopt(&cmd_events, ctx, argc, argv, options, err)) != -1) {
		if (c == OPT_FOLLOW)
			follow = true;
		else if (c != OPT_AFTER)
			return err->kind == ERR_NONE ? 0 : -1;
		else if (parse_u64(optarg, INT64_MAX, &after, err) < 0)
			return err_wrap(err, "--after");
	}
	if (argc > optind + 1)
		return cmd_need_args(&cmd_events, argc, 1, err);
	return show(ctx, argc > optind ? argv[optind] : NULL, (json_int_t)after, follow, err);
}

const struct command cmd_events = {
	.name = "events",
	.summary = "Print what nodes have told, oldest first",
	.usage = "[NODE] [--follow] [--after ID]\n"
		 "\n"
		 "--follow  goes on with what comes, until interrupted\n"
		 "--after   leaves out the events up to this id\n"
		 "--json    one event a line\n",
	.run = run_events,
};
