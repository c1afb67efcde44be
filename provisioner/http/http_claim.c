/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/claim: the plan of a machine, resolved against its disks and frozen, or word to wait. */
#include <string.h>

#include "http/http_turn.h"

static int plan_reply(struct turn *t, struct http_reply *ret, struct err *err)
{
	_cleanup_json_ json_t *reply = json_object();
	json_t *done_list = json_array(), *plan;
	char id[SHA256_TEXT_SIZE];
	bool done[PHASE_MAX];
	uint64_t seq;

	json_object_set_new(reply, "done", done_list);
	if (store_plan_progress(t->web->store, &t->intent.mac, &t->intent.plan_id, done, &seq,
				err) < 0 ||
	    jsonx_parse(t->intent.plan, strlen(t->intent.plan), "the frozen plan", &plan, err) < 0)
		return -1;
	json_object_set_new(reply, "plan", plan);
	for (int i = 0; i < PHASE_MAX; i++)
		if (done[i])
			json_array_append_new(done_list,
					      json_string(phase_name((enum phase_name)i)));
	jsonx_put_string(reply, "planId", sha256_format(&t->intent.plan_id, id));
	jsonx_put_string(reply, "state", intent_state_name(t->intent.state));
	json_object_set_new(reply, "nextSeq", json_integer((json_int_t)seq + 1));
	*ret = http_reply_json(200, json_incref(reply));
	return 0;
}

static struct http_reply wait_reply(const struct turn *t)
{
	json_t *j = json_object();

	jsonx_put_string(j, "wait", t->wait);
	if (t->show_code)
		jsonx_put_string(j, "code", t->code);
	json_object_set_new(j, "retryAfter", json_integer(TURN_RETRY_S));
	return http_reply_json(202, j);
}

static int answer(struct turn *t, struct http_reply *ret, struct err *err)
{
	_cleanup_json_ json_t *body = NULL;

	if (web_signed(t->r, t->key, err) < 0 || web_body(t->r, &body, err) < 0 ||
	    claim_from_json(body, &t->claim, err) < 0 || turn_settle(t, err) < 0)
		return -1;
	if (!t->wait)
		return plan_reply(t, ret, err);
	*ret = wait_reply(t);
	return 0;
}

struct http_reply web_claim(void *ctx, const struct http_request *r)
{
	_cleanup_(turn_release) struct turn t;
	struct http_reply reply;
	struct err err = ERR_INIT;

	turn_init(&t, ctx, r);
	return answer(&t, &reply, &err) < 0 ? http_reply_err(&err) : reply;
}
