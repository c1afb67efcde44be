/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/events, /v1/live/events: what an install tells; acknowledged when it is durable. */
#include <stdio.h>

#include "http/web.h"
#include "limits.h"

struct batch {
	struct event events[LIMIT_EVENTS_PER_POST];
	size_t n;
	uint64_t last; /* the highest seq */
};

static struct batch *batch_free(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++)
		event_release(&b->events[i]);
	free(b);
	return NULL;
}

static void batch_freep(struct batch **b)
{
	batch_free(*b);
}

/* An event may only speak of the installation whose key signed it. */
static int check_event(const struct event *e, const struct intent *in, size_t i, struct err *err)
{
	if (!streq(e->node, in->node) || mac_compare(&e->mac, &in->mac) != 0 ||
	    !sha256_equal(&e->plan_id, &in->plan_id))
		return err_set(err, ERR_REFUSED,
			       "$[%zu] is an event of another installation than the one claimed "
			       "with this key",
			       i);
	if (e->seq == 0)
		return err_set(err, ERR_PROTOCOL, "$[%zu].seq is 0", i);
	if (e->seq > LIMIT_EVENTS_PER_PLAN)
		return err_set(err, ERR_REFUSED,
			       "$[%zu].seq is %ju, and one installation tells at most %d events: "
			       "provision reinstall %s",
			       i, (uintmax_t)e->seq, LIMIT_EVENTS_PER_PLAN, in->node);
	return 0;
}

static int read_batch(const json_t *body, const struct intent *in, struct batch *b, struct err *err)
{
	json_t *item;
	size_t i;

	if (!json_is_array(body) || json_array_size(body) > LIMIT_EVENTS_PER_POST)
		return err_set(err, ERR_PROTOCOL, "the body is not an array of at most %d events",
			       LIMIT_EVENTS_PER_POST);
	json_array_foreach (body, i, item) {
		_cleanup_(freep) char *path = xasprintf("$[%zu]", i);

		if (event_from_json(item, path, &b->events[b->n], err) < 0)
			return -1;
		b->n++;
		if (check_event(&b->events[i], in, i, err) < 0)
			return -1;
		if (b->events[i].seq > b->last)
			b->last = b->events[i].seq;
	}
	return 0;
}

/* After Ready only lost acknowledgements are waited for: an installed node has nothing to add.
 * *ret_known: the batch is stored already, so it is acknowledged and that is all. */
static int check_late(struct web *web, const struct intent *in, const struct batch *b,
		      int64_t now_ms, bool *ret_known, struct err *err)
{
	bool done[PHASE_MAX];
	uint64_t stored;

	*ret_known = false;
	if (in->state != INTENT_DONE || now_ms - in->done_ms <= EVENTS_GRACE_S * 1000LL)
		return 0;
	if (store_plan_progress(web->store, &in->mac, &in->plan_id, done, &stored, err) < 0)
		return -1;
	*ret_known = b->last <= stored;
	return *ret_known ? 0
			  : err_set(err, ERR_REFUSED,
				    "%s has been Ready for a while: nothing more is recorded of "
				    "its installation (provision reinstall %s)",
				    in->node, in->node);
}

static struct http_reply acknowledge(const struct batch *b)
{
	return http_reply_json(200, json_pack("{s:I}", "acked", (json_int_t)b->last));
}

static struct http_reply too_many(unsigned int seconds)
{
	struct err err = ERR_INIT;
	struct http_reply reply;
	char text[16];

	err_set(&err, ERR_BUSY, "more than %d events a minute", LIMIT_EVENTS_PER_MINUTE);
	reply = http_reply_err(&err);
	reply.status = 429;
	snprintf(text, sizeof(text), "%u", seconds);
	http_reply_header(&reply, "Retry-After", text);
	return reply;
}

static int answer(struct web *web, const struct http_request *r, bool in_memory,
		  struct http_reply *ret, struct err *err)
{
	_cleanup_(intent_release) struct intent in = {0};
	_cleanup_(batch_freep) struct batch *b = xcalloc(1, sizeof(*b));
	_cleanup_json_ json_t *body = NULL;
	uint8_t key[ED25519_KEY_SIZE];
	const int64_t now_ms = web_now_ms();
	unsigned int wait;
	bool known;

	if ((in_memory ? web_bearer(r, key, err) : web_signed(r, key, err)) < 0)
		return -1;
	if (store_intent_by_key(web->store, key, &in, err) < 0)
		return err->kind == ERR_NOT_FOUND ? err_set(err, ERR_REFUSED,
							    "no installation was claimed with this "
							    "key")
						  : -1;
	if (in.in_memory != in_memory)
		return err_set(err, ERR_REFUSED, "no installation was claimed with this key");
	if (in.state == INTENT_CANCELLED || in.state == INTENT_EXPIRED)
		return err_set(err, ERR_REFUSED,
			       "the installation of %s was taken back or asked for anew: boot it "
			       "from the network",
			       in.node);
	if (web_body(r, &body, err) < 0 || read_batch(body, &in, b, err) < 0 ||
	    check_late(web, &in, b, now_ms, &known, err) < 0)
		return -1;
	if (known) {
		*ret = acknowledge(b);
		return 0;
	}
	wait = rate_take(web->rates, in.id, b->n, LIMIT_EVENTS_PER_MINUTE, now_ms);
	if (wait) {
		*ret = too_many(wait);
		return 0;
	}
	if (b->n && store_events_append(web->store, b->events, b->n, now_ms, err) < 0)
		return -1;
	*ret = acknowledge(b);
	return 0;
}

struct http_reply web_events(void *ctx, const struct http_request *r)
{
	struct http_reply reply;
	struct err err = ERR_INIT;

	return answer(ctx, r, false, &reply, &err) < 0 ? http_reply_err(&err) : reply;
}

struct http_reply web_live_events(void *ctx, const struct http_request *r)
{
	struct http_reply reply;
	struct err err = ERR_INIT;

	return answer(ctx, r, true, &reply, &err) < 0 ? http_reply_err(&err) : reply;
}
