/* SPDX-License-Identifier: Apache-2.0 */
#include "event.h"

#include "limits.h"

#include <string.h>

static const char *const states[EVENT_STATE_MAX] = {
	[EVENT_STARTED] = "started", [EVENT_PROGRESS] = "progress", [EVENT_WAITING] = "waiting",
	[EVENT_DONE] = "done",       [EVENT_FAILED] = "failed",     [EVENT_NOTE] = "note",
};

const char *event_state_name(enum event_state s)
{
	if ((unsigned int)s >= EVENT_STATE_MAX)
		BUG("event state out of range");
	return states[s];
}

enum event_state event_state_parse(const char *word)
{
	for (int i = 0; i < EVENT_STATE_MAX; i++)
		if (streq(states[i], word))
			return (enum event_state)i;
	return EVENT_INVALID;
}

json_t *event_to_json(const struct event *e)
{
	json_t *j = json_object();
	char mac[MAC_TEXT_SIZE], plan[SHA256_TEXT_SIZE];

	jsonx_put_string(j, "node", e->node);
	jsonx_put_string(j, "mac", mac_format(&e->mac, mac));
	jsonx_put_string(j, "planId", sha256_format(&e->plan_id, plan));
	json_object_set_new(j, "seq", json_integer((json_int_t)e->seq));
	if (e->phase != PHASE_INVALID)
		jsonx_put_string(j, "phase", phase_name(e->phase));
	jsonx_put_string(j, "state", event_state_name(e->state));
	json_object_set_new(j, "percent", json_integer(e->percent));
	jsonx_put_string(j, "message", e->message);
	json_object_set_new(j, "time", json_integer(e->time_ms));
	if (e->received_ms)
		json_object_set_new(j, "received", json_integer(e->received_ms));
	if (e->id)
		json_object_set_new(j, "id", json_integer(e->id));
	return j;
}

void event_tidy_message(char *s)
{
	size_t len = strlen(s);

	if (len > LIMIT_MESSAGE) {
		len = LIMIT_MESSAGE;
		while (len && ((unsigned char)s[len] & 0xc0) == 0x80)
			len--;
		s[len] = '\0';
	}
	for (char *p = s; *p; p++) {
		unsigned char c = (unsigned char)*p;

		if (c == '\n' || c == '\t')
			*p = ' ';
		else if (c < 0x20 || c == 0x7f)
			*p = '?';
		else if (c == 0xc2 && (unsigned char)p[1] < 0xa0) /* C1 controls: CSI and others */
			p[0] = p[1] = '?';
	}
}

int event_from_json(const json_t *j, const char *path, struct event *ret_event, struct err *err)
{
	const char *phase_names[PHASE_MAX];
	_cleanup_(event_release) struct event e = {.phase = PHASE_INVALID, .state = EVENT_INVALID};
	_cleanup_(freep) char *mac = NULL;
	_cleanup_(freep) char *plan = NULL;
	uint64_t percent = 0, time_ms = 0, received = 0, id = 0;
	int phase = PHASE_INVALID, state = EVENT_INVALID;
	struct err why = ERR_INIT;
	struct jsonx_reader r;

	for (int i = 0; i < PHASE_MAX; i++)
		phase_names[i] = phase_name((enum phase_name)i);
	jsonx_begin(&r, j, path, err);
	jsonx_string(&r, "node", &e.node);
	jsonx_string(&r, "mac", &mac);
	jsonx_string(&r, "planId", &plan);
	jsonx_u64(&r, "seq", INT64_MAX, &e.seq);
	jsonx_opt_enum(&r, "phase", phase_names, PHASE_MAX, &phase);
	jsonx_enum(&r, "state", states, EVENT_STATE_MAX, &state);
	jsonx_opt_u64(&r, "percent", 100, &percent);
	jsonx_opt_string(&r, "message", &e.message);
	jsonx_u64(&r, "time", INT64_MAX, &time_ms);
	jsonx_opt_u64(&r, "received", INT64_MAX, &received);
	jsonx_opt_u64(&r, "id", INT64_MAX, &id);
	if (mac && mac_parse(mac, &e.mac, &why) < 0)
		jsonx_fail(&r, "mac", "is wrong: %s", err_text(&why));
	if (plan && sha256_parse(plan, &e.plan_id, &why) < 0)
		jsonx_fail(&r, "planId", "is wrong: %s", err_text(&why));
	if (e.node && strlen(e.node) > LIMIT_NAME)
		jsonx_fail(&r, "node", "is longer than a node's name");
	err_release(&why);
	if (jsonx_done(&r) < 0)
		return -1;
	e.phase = (enum phase_name)phase;
	e.state = (enum event_state)state;
	e.percent = (uint8_t)percent;
	e.time_ms = (int64_t)time_ms;
	e.received_ms = (int64_t)received;
	e.id = (int64_t)id;
	if (e.message)
		event_tidy_message(e.message);
	*ret_event = e;
	e = (struct event){0};
	return 0;
}

void event_release(struct event *e)
{
	free(e->node);
	free(e->message);
	*e = (struct event){0};
}
