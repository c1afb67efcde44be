/* SPDX-License-Identifier: Apache-2.0 */
/* provision watch [NODE...] [--until-ready]: a line a phase with a clock, live; or, with --json, a
 * node's status as often as it changes. */
#include "cmd/cmd.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cmd/colour.h"
#include "event.h"
#include "op.h"

enum { OPT_UNTIL_READY };

static const struct option options[] = {
	{"until-ready", no_argument, NULL, OPT_UNTIL_READY},
	{0},
};

/* A plain log has a line when a phase is this much further, in percent. */
#define PLAIN_STEP 25
#define BAR_WIDTH  24

struct watched {
	char *name;
	int64_t created_ms; /* of its intent: earlier events are another installation's */
	int64_t began_ms;   /* of the phase */
	enum phase_name phase;
	unsigned int percent, told;
	char *live;  /* what it is doing, or NULL */
	char *state; /* "ready", "failed", ... as last told */
	char *message;
	char *told_json; /* its status as last told, with --json */
};

struct watch {
	struct cmd_context *ctx;
	struct watched *w;
	size_t n;
	int width;
	bool all; /* no node was named: new ones join */
	bool terminal;
	bool drained; /* what comes now is new */
	size_t drawn; /* live lines on the screen now */
	json_int_t after;
};

static void watch_release(struct watch *v)
{
	for (size_t i = 0; i < v->n; i++) {
		free(v->w[i].name);
		free(v->w[i].live);
		free(v->w[i].state);
		free(v->w[i].message);
		free(v->w[i].told_json);
	}
	free(v->w);
}

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void set(char **member, const char *value)
{
	char *copy = xstrdup(value);

	free(*member);
	*member = copy;
}

static struct watched *find(struct watch *v, const char *name)
{
	for (size_t i = 0; i < v->n; i++)
		if (streq(v->w[i].name, name))
			return &v->w[i];
	return NULL;
}

static void erase_live(struct watch *v)
{
	if (v->drawn)
		printf("\033[%zuA\033[J", v->drawn);
	v->drawn = 0;
}

static void draw_bar(unsigned int percent)
{
	const unsigned int full = percent * BAR_WIDTH / 100;

	putchar('[');
	for (unsigned int i = 0; i < BAR_WIDTH; i++)
		putchar(i < full ? '#' : ' ');
	printf("] %3u%%  ", percent);
}

static void draw_live(struct watch *v)
{
	for (size_t i = 0; v->terminal && i < v->n; i++) {
		const struct watched *w = &v->w[i];
		_cleanup_(freep) char *clock = NULL;

		if (!w->live)
			continue;
		clock = since_text(w->began_ms, now_ms());
		printf("%-*s  %s%-10s%s  ", v->width, w->name, colour_of("installing", true),
		       w->live, colour_of(NULL, true));
		if (w->percent > 0 && w->percent < 100)
			draw_bar(w->percent);
		printf("%s\n", clock);
		v->drawn++;
	}
	fflush(stdout);
}

/* One line that stays. */
static void tell(struct watch *v, const struct watched *w, const struct event *e, const char *what)
{
	_cleanup_(freep) char *clock = since_text(w->began_ms, e->received_ms);
	const char *phase = e->phase == PHASE_INVALID ? "-" : phase_name(e->phase);

	printf("%-*s  %-10s  %s%-8s%s  %-8s%s%s\n", v->width, w->name, phase,
	       colour_of(event_state_name(e->state), v->terminal), what,
	       colour_of(NULL, v->terminal), clock, e->message ? "  " : "",
	       e->message ? e->message : "");
}

static void tell_progress(struct watch *v, struct watched *w, const struct event *e)
{
	char percent[16];

	w->percent = e->percent;
	if (v->terminal || e->percent < w->told + PLAIN_STEP)
		return;
	w->told = e->percent;
	snprintf(percent, sizeof(percent), "%u%%", e->percent);
	tell(v, w, e, percent);
}

static void begin_phase(struct watched *w, const struct event *e)
{
	w->phase = e->phase;
	w->began_ms = e->received_ms;
	w->percent = w->told = 0;
}

static void apply(struct watch *v, struct watched *w, const struct event *e)
{
	if (e->state != EVENT_NOTE && (e->state == EVENT_STARTED || e->phase != w->phase))
		begin_phase(w, e);
	set(&w->message, e->message);
	switch (e->state) {
	case EVENT_STARTED:
		set(&w->live, phase_name(e->phase));
		set(&w->state, "installing");
		if (!v->terminal)
			tell(v, w, e, "started");
		return;
	case EVENT_PROGRESS:
		set(&w->live, phase_name(e->phase));
		set(&w->state, "installing");
		tell_progress(v, w, e);
		return;
	case EVENT_DONE:
		set(&w->live, NULL);
		set(&w->state, e->phase == PHASE_READY ? "ready" : "installing");
		break;
	case EVENT_WAITING:
		set(&w->live, "waiting");
		set(&w->state, "waiting");
		break;
	case EVENT_FAILED:
		set(&w->live, NULL);
		set(&w->state, "failed");
		break;
	default:
		break;
	}
	tell(v, w, e, event_state_name(e->state));
}

static struct watched *add(struct watch *v, const char *name)
{
	struct watched *w = ARRAY_APPEND(v->w, v->n);

	w->name = xstrdup(name);
	w->phase = PHASE_INVALID;
	if ((int)strlen(name) > v->width)
		v->width = (int)strlen(name);
	return w;
}

static int read_events(struct watch *v, const json_t *reply, struct err *err)
{
	const json_t *item;
	size_t i;

	json_array_foreach (json_object_get(reply, "events"), i, item) {
		_cleanup_(event_release) struct event e = {0};
		struct watched *w;

		if (event_from_json(item, "$", &e, err) < 0)
			return -1;
		w = find(v, e.node);
		if (!w && v->all && v->drained)
			w = add(v, e.node);
		if (w && !v->ctx->json && e.received_ms >= w->created_ms)
			apply(v, w, &e);
	}
	v->after = json_integer_value(json_object_get(reply, "last"));
	return 0;
}

/* wait: seconds that the daemon keeps the question when nothing happens; 0: what is there. */
static int ask(struct watch *v, int wait, size_t *ret_n, struct err *err)
{
	_cleanup_json_ json_t *args = json_object(), *reply = NULL;
	int r;

	json_object_set_new(args, "after", json_integer(v->after));
	json_object_set_new(args, "wait", json_integer(wait));
	if (op_call(&v->ctx->paths, "events", args, &reply, err) < 0)
		return -1;
	*ret_n = json_array_size(json_object_get(reply, "events"));
	erase_live(v);
	r = read_events(v, reply, err);
	draw_live(v);
	return r;
}

/* One line, when it is another than the last. */
static void tell_json(struct watched *w, const json_t *node)
{
	_cleanup_(freep) char *line = jsonx_canonical(node);

	if (w->told_json && streq(w->told_json, line))
		return;
	puts(line);
	fflush(stdout);
	free(w->told_json);
	w->told_json = TAKE_PTR(line);
}

/* Where everybody stands, and whether the daemon lives. */
static int read_status(struct watch *v, struct err *err)
{
	_cleanup_json_ json_t *reply = NULL;
	const json_t *node;
	size_t i;

	if (op_call(&v->ctx->paths, "status", NULL, &reply, err) < 0)
		return -1;
	if (!json_is_true(json_object_get(reply, "daemon")))
		return err_set(err, ERR_NOT_FOUND,
			       "provisiond is not running: there is nothing to watch (systemctl "
			       "start provisiond)");
	json_array_foreach (json_object_get(reply, "nodes"), i, node) {
		const char *name = json_string_value(json_object_get(node, "name"));
		struct watched *w = find(v, name);

		if (!w && v->all)
			w = add(v, name);
		if (!w)
			continue;
		set(&w->state, json_string_value(json_object_get(node, "state")));
		set(&w->message, json_string_value(json_object_get(node, "message")));
		w->created_ms = json_integer_value(
			json_object_get(json_object_get(node, "intent"), "created"));
		if (v->ctx->json)
			tell_json(w, node);
	}
	for (i = 0; i < v->n; i++)
		if (!v->all && !v->w[i].state)
			return err_set(err, ERR_NOT_FOUND, "there is no node \"%s\"", v->w[i].name);
	return 0;
}

/* 1: all that were asked for are Ready; 0: not yet; -1: one will not be. */
static int judge(struct watch *v, struct err *err)
{
	size_t ready = 0, expected = 0;

	for (size_t i = 0; i < v->n; i++) {
		const struct watched *w = &v->w[i];

		if (!w->state || (v->all && streq(w->state, "declared")))
			continue;
		expected++;
		if (streq(w->state, "ready"))
			ready++;
		if (streq(w->state, "failed") || streq(w->state, "expired") ||
		    streq(w->state, "cancelled"))
			return err_set(err, ERR_REFUSED, "node %s: %s%s%s", w->name, w->state,
				       w->message ? ": " : "", w->message ? w->message : "");
	}
	return expected && ready == expected;
}

static int watch(struct watch *v, bool until_ready, struct err *err)
{
	size_t n = 1;
	int r;

	if (read_status(v, err) < 0)
		return -1;
	while (n > 0)
		if (ask(v, 0, &n, err) < 0)
			return -1;
	v->drained = true;
	for (;;) {
		/* what was judged by events of the past stands in the status */
		if ((until_ready || v->ctx->json) && read_status(v, err) < 0)
			return -1;
		r = until_ready ? judge(v, err) : 0;
		if (r)
			return r < 0 ? -1 : 0;
		/* a status changes without an event, too: when a reinstall is asked for */
		do {
			if (ferror(stdout) || ask(v, v->terminal ? 1 : 30, &n, err) < 0)
				return err->kind == ERR_NONE ? 0 : -1;
		} while (n == 0 && !v->ctx->json);
	}
}

static int run_watch(struct cmd_context *ctx, int argc, char **argv, struct err *err)
{
	_cleanup_(watch_release) struct watch v = {.ctx = ctx, .width = 4};
	bool until_ready = false;
	int c;

	while ((c = cmd_getopt(&cmd_watch, ctx, argc, argv, options, err)) != -1) {
		if (c != OPT_UNTIL_READY)
			return err->kind == ERR_NONE ? 0 : -1;
		until_ready = true;
	}
	v.terminal = colour_wanted() && !ctx->json;
	v.all = argc == optind;
	for (int i = optind; i < argc; i++)
		if (!find(&v, argv[i]))
			add(&v, argv[i]);
	return watch(&v, until_ready, err);
}

const struct command cmd_watch = {
	.name = "watch",
	.summary = "Follow installations: a line for each phase, with a clock",
	.usage = "[NODE]... [--until-ready]\n"
		 "\n"
		 "Without NODE all are watched. On a terminal the phases in progress stay at the\n"
		 "bottom, with a bar while the image streams; elsewhere lines are printed.\n"
		 "\n"
		 "--until-ready  ends with 0 once all of them are Ready, and otherwise once one "
		 "has\n"
		 "               failed; what waits, it waits for\n"
		 "--json         a line for each node, as in `provision status --json`, and one\n"
		 "               more whenever that changes\n",
	.run = run_watch,
};
