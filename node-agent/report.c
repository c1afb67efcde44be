/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "clock.h"
#include "fsio.h"
#include "limits.h"

#define RETRY_FIRST_MS  1000
#define RETRY_MOST_MS   30000
#define REPORT_FILE_MAX (LIMIT_REPORT_QUEUE * LIMIT_EVENT_BYTES)

struct report {
	struct report_options o;
	struct event *queue;
	size_t n;
	uint64_t next_seq;
	int64_t due_ms; /* monotonic */
	int retry_ms;
	enum phase_name progress_phase; /* of the last progress */
	unsigned int progress_percent;
	int64_t progress_ms;
	enum phase_name waiting_phase; /* when the last event was a waiting; else PHASE_INVALID */
	char *waiting_for;
	struct err trouble;
};

struct report *report_free(struct report *r)
{
	if (!r)
		return NULL;
	for (size_t i = 0; i < r->n; i++)
		event_release(&r->queue[i]);
	free(r->queue);
	free((char *)r->o.node);
	free((char *)r->o.file);
	free(r->waiting_for);
	err_release(&r->trouble);
	free(r);
	return NULL;
}

static json_t *to_json(const struct report *r, size_t most)
{
	json_t *array = json_array();

	for (size_t i = 0; i < r->n && i < most; i++)
		json_array_append_new(array, event_to_json(&r->queue[i]));
	return array;
}

/* A queue that cannot be kept is still delivered: the disk's trouble shows in the phase itself. */
static void save(struct report *r)
{
	_cleanup_json_ json_t *doc = NULL;
	_cleanup_(freep) char *text = NULL;
	char id[SHA256_TEXT_SIZE];
	struct err err = ERR_INIT;

	if (!r->o.file)
		return;
	doc = json_object();
	jsonx_put_string(doc, "planId", sha256_format(&r->o.plan_id, id));
	json_object_set_new(doc, "nextSeq", json_integer((json_int_t)r->next_seq));
	json_object_set_new(doc, "events", to_json(r, r->n));
	text = jsonx_canonical(doc);
	if (file_write(AT_FDCWD, r->o.file, text, strlen(text), 0600, &err) < 0)
		err_move(&r->trouble, &err);
}

static void take_out(struct report *r, size_t i)
{
	event_release(&r->queue[i]);
	r->n--;
	memmove(r->queue + i, r->queue + i + 1, (r->n - i) * sizeof(*r->queue));
}

static bool is_said_again(const struct report *r, size_t i)
{
	for (size_t k = i + 1; k < r->n; k++)
		if (r->queue[k].phase == r->queue[i].phase &&
		    r->queue[k].state == r->queue[i].state)
			return true;
	return false;
}

/* There are far fewer phases and states than events that may be queued, so one is said again. */
static void keep_limit(struct report *r)
{
	size_t i = 0;

	if (r->n <= LIMIT_REPORT_QUEUE)
		return;
	while (i < r->n && !is_said_again(r, i))
		i++;
	if (i == r->n)
		BUG("a queue of events that all differ");
	take_out(r, i);
}

static int take_events(struct report *r, const json_t *events, struct err *err)
{
	const json_t *item;
	size_t i;
	int ret = 0;

	json_array_foreach (events, i, item) {
		_cleanup_(freep) char *path = xasprintf("$.events[%zu]", i);
		struct event e;

		if (event_from_json(item, path, &e, err) < 0) {
			ret = -1;
			continue;
		}
		*ARRAY_APPEND(r->queue, r->n) = e;
		keep_limit(r);
	}
	return ret;
}

/* -1: something of it is lost. */
static int load(struct report *r, struct err *err)
{
	_cleanup_(freep) char *text = NULL, *id = NULL;
	_cleanup_json_ json_t *doc = NULL;
	char own[SHA256_TEXT_SIZE];
	struct jsonx_reader reader;
	const json_t *events;
	uint64_t next = 1;
	size_t len;

	if (!r->o.file || access(r->o.file, F_OK) < 0)
		return 0;
	if (file_read(AT_FDCWD, r->o.file, REPORT_FILE_MAX, &text, &len, err) < 0 ||
	    jsonx_parse(text, len, r->o.file, &doc, err) < 0)
		return -1;
	jsonx_begin(&reader, doc, "$", err);
	jsonx_string(&reader, "planId", &id);
	jsonx_u64(&reader, "nextSeq", INT64_MAX, &next);
	events = jsonx_array(&reader, "events", SIZE_MAX);
	if (jsonx_done(&reader) < 0)
		return -1;
	if (!streq(id, sha256_format(&r->o.plan_id, own)))
		return 0;
	if (next > r->next_seq)
		r->next_seq = next;
	return take_events(r, events, err);
}

struct report *report_new(const struct report_options *o)
{
	struct report *r = xcalloc(1, sizeof(*r));
	_cleanup_(err_release) struct err why = ERR_INIT;

	r->o = *o;
	r->o.node = xstrdup(o->node);
	r->o.file = xstrdup(o->file);
	r->next_seq = o->next_seq ? o->next_seq : 1;
	r->progress_phase = r->waiting_phase = PHASE_INVALID;
	if (load(r, &why) < 0) {
		err_wrap(&why, "events from before this start are lost");
		report_add(r, PHASE_INVALID, EVENT_NOTE, 0, err_text(&why));
	}
	return r;
}

static bool leave_out(struct report *r, enum phase_name phase, unsigned int percent)
{
	int64_t now = clock_monotonic_ms();

	if (r->n >= LIMIT_REPORT_QUEUE)
		return true;
	if (r->progress_phase == phase &&
	    (percent <= r->progress_percent || now < r->progress_ms + REPORT_PROGRESS_MS))
		return true;
	r->progress_phase = phase;
	r->progress_percent = percent;
	r->progress_ms = now;
	return false;
}

/* Whether the last event said the same: what lasts for hours is one event. */
static bool waits_still(struct report *r, enum phase_name phase, const char *why)
{
	if (r->waiting_phase != phase)
		return false;
	if (streq_null(r->waiting_for, why))
		return true;
	if (r->n > 0) /* the last of the queue is the last that was added */
		take_out(r, r->n - 1);
	return false;
}

static void append(struct report *r, enum phase_name phase, enum event_state state,
		   unsigned int percent, const char *message)
{
	struct event *e = ARRAY_APPEND(r->queue, r->n);

	*e = (struct event){
		.node = xstrdup(r->o.node),
		.mac = r->o.mac,
		.plan_id = r->o.plan_id,
		.seq = r->next_seq++,
		.phase = phase,
		.state = state,
		.percent = (uint8_t)(percent > 100 ? 100 : percent),
		.message = message ? xstrndup(message, LIMIT_MESSAGE) : NULL,
		.time_ms = clock_now_ms(),
	};
	keep_limit(r);
	free(r->waiting_for);
	r->waiting_phase = state == EVENT_WAITING ? phase : PHASE_INVALID;
	r->waiting_for = state == EVENT_WAITING ? xstrdup(message) : NULL;
}

void report_add(struct report *r, enum phase_name phase, enum event_state state,
		unsigned int percent, const char *message)
{
	if (state == EVENT_PROGRESS && leave_out(r, phase, percent))
		return;
	if (state == EVENT_WAITING && waits_still(r, phase, message)) {
		report_send(r);
		return;
	}
	/* the next attempt starts from nothing */
	if (state == EVENT_STARTED || state == EVENT_WAITING)
		r->progress_phase = PHASE_INVALID;
	append(r, phase, state, percent, message);
	if (state != EVENT_PROGRESS)
		save(r);
	report_send(r);
}

static void forget_acked(struct report *r, uint64_t acked)
{
	size_t gone = 0;

	while (gone < r->n && r->queue[gone].seq <= acked)
		event_release(&r->queue[gone++]);
	r->n -= gone;
	if (gone > 0)
		memmove(r->queue, r->queue + gone, r->n * sizeof(*r->queue));
}

int report_due(const struct report *r)
{
	int64_t left = r->due_ms - clock_monotonic_ms();

	return left > 0 ? (int)left : 0;
}

void report_send(struct report *r)
{
	while (r->n > 0 && report_due(r) == 0) {
		_cleanup_json_ json_t *events = to_json(r, LIMIT_EVENTS_PER_POST);
		struct err err = ERR_INIT;
		uint64_t acked = 0;
		size_t before = r->n;
		int sent = r->o.post(r->o.arg, events, &acked, &err);

		if (sent == 0) {
			forget_acked(r, acked);
			if (r->n < before) {
				r->retry_ms = 0;
				err_release(&r->trouble);
				save(r);
				continue;
			}
			err_set(&err, ERR_PROTOCOL, "the provisioner acknowledges nothing");
		}
		err_move(&r->trouble, &err);
		r->retry_ms = r->retry_ms ? r->retry_ms * 2 : RETRY_FIRST_MS;
		if (r->retry_ms > RETRY_MOST_MS)
			r->retry_ms = RETRY_MOST_MS;
		r->due_ms = clock_monotonic_ms() + r->retry_ms;
	}
}

bool report_empty(const struct report *r)
{
	return r->n == 0;
}

const char *report_trouble(const struct report *r)
{
	return err_text(&r->trouble);
}

void report_flush(struct report *r, void (*said)(void *arg, const char *text), void *arg)
{
	_cleanup_(freep) char *last = NULL;

	for (;;) {
		report_send(r);
		if (r->n == 0)
			return;
		if (!last || !streq(last, report_trouble(r))) {
			free(last);
			last = xstrdup(report_trouble(r));
			said(arg, last);
		}
		poll(NULL, 0, report_due(r));
	}
}
