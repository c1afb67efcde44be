/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/live/claim: what a machine whose image runs in memory has to do, as lines for a shell.
 */
#include <string.h>

#include "http/http_turn.h"
#include "live_work.h"
#include "parse.h"

#define TYPE "text/tab-separated-values; charset=utf-8"

/* wait TEXT / code CODE / retry SECONDS */
static struct http_reply wait_reply(const struct turn *t)
{
	_cleanup_(freep) char *wait = printable_text(t->wait, strlen(t->wait)), *text = NULL;

	text = xasprintf("wait\t%s\n%s%s%sretry\t%d\n", wait, t->show_code ? "code\t" : "",
			 t->show_code ? t->code : "", t->show_code ? "\n" : "", TURN_RETRY_S);
	return http_reply_copy(202, TYPE, text, strlen(text));
}

static int work_of(struct turn *t, char **ret, struct err *err)
{
	const struct intent *in = &t->intent;
	_cleanup_(plan_freep) struct plan *p = NULL;
	_cleanup_json_ json_t *j = NULL;
	struct live_progress progress = {0};
	bool done[PHASE_MAX];

	if (store_plan_progress(t->web->store, &in->mac, &in->plan_id, done, &progress.next_seq,
				err) < 0 ||
	    jsonx_parse(in->plan, strlen(in->plan), "the frozen plan", &j, err) < 0 ||
	    plan_from_json(j, &p, err) < 0)
		return -1;
	progress.next_seq++;
	/* said twice: what was Ready once is never made again, whatever became of the events */
	progress.pools_made = done[PHASE_POOLS] || in->done_ms;
	progress.ready = intent_is_ready(in);
	return live_work(p, &in->plan_id, &progress, &t->claim.disks, ret, err);
}

/* The machine is not as its plan says: somebody has to look; it asks again meanwhile. */
static int hold(struct turn *t, struct err *why, struct err *err)
{
	if (why->kind != ERR_REFUSED) {
		err_move(err, why);
		return -1;
	}
	t->wait = xstrdup(err_text(why));
	err_release(why);
	return web_note(t->web, &t->intent, PHASE_CLAIM, EVENT_WAITING, t->wait, err);
}

static int answer(struct turn *t, struct http_reply *ret, struct err *err)
{
	_cleanup_(freep) char *text = NULL;
	_cleanup_json_ json_t *body = NULL;
	struct err why = ERR_INIT;

	if (web_bearer(t->r, t->key, err) < 0 || web_body(t->r, &body, err) < 0 ||
	    claim_from_report(body, &t->claim, err) < 0 || turn_settle(t, err) < 0)
		return -1;
	if (!t->wait && work_of(t, &text, &why) < 0 && hold(t, &why, err) < 0)
		return -1;
	*ret = t->wait ? wait_reply(t) : http_reply_copy(200, TYPE, text, strlen(text));
	return 0;
}

struct http_reply web_live_claim(void *ctx, const struct http_request *r)
{
	_cleanup_(turn_release) struct turn t;
	struct http_reply reply;
	struct err err = ERR_INIT;

	turn_init(&t, ctx, r);
	return answer(&t, &reply, &err) < 0 ? http_reply_err(&err) : reply;
}
