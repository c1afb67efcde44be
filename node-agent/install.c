/* SPDX-License-Identifier: Apache-2.0 */
#include "install.h"

#include <poll.h>

#include "log.h"

/* How long after a claim that found no intent, or nobody, the next one follows. */
#define CLAIM_AGAIN_MS 10000

void install_open(struct install *i, const char *url, const char *ca_pem, struct identity *identity)
{
	*i = (struct install){.identity = identity, .claim.state = CLAIM_INVALID};
	i->ca_pem = xstrdup(ca_pem);
	i->api = api_new(url, ca_pem, identity);
}

/* Waiting is nothing new after it has been said once. */
static void say_once(char **last, const char *text)
{
	if (*last && streq(*last, text))
		return;
	free(*last);
	*last = xstrdup(text);
	log_warning("claim: %s", text);
}

static void show_wait(const struct claim_answer *a, char **last)
{
	_cleanup_(freep) char *text = NULL;

	if (a->code)
		text = xasprintf("waiting: %s; the code of this machine is %s", a->wait, a->code);
	else
		text = xasprintf("waiting: %s", a->wait);
	say_once(last, text);
}

/* What an operator may still change without touching the machine. */
static bool may_change(enum err_kind kind)
{
	return phase_is_retried(kind) || kind == ERR_NOT_FOUND || kind == ERR_REFUSED;
}

static int claim_once(struct install *i, const json_t *request, char **said, int *ret_again_ms,
		      struct err *err)
{
	struct err why = ERR_INIT;

	*ret_again_ms = 0;
	if (claim_send(i->api, request, &i->claim, &why) < 0) {
		if (!may_change(why.kind)) {
			err_move(err, &why);
			return -1;
		}
		say_once(said, err_text(&why));
		err_release(&why);
		*ret_again_ms = CLAIM_AGAIN_MS;
		return 0;
	}
	if (i->claim.wait) {
		show_wait(&i->claim, said);
		*ret_again_ms = (int)i->claim.retry_s * 1000;
		claim_answer_release(&i->claim);
	}
	return 0;
}

int install_claim(struct install *i, json_t *(*request)(void *arg, struct err *err),
		  void (*wait)(void *arg, int ms), void *arg, struct err *err)
{
	_cleanup_(freep) char *said = NULL;

	for (;;) {
		_cleanup_json_ json_t *j = request(arg, err);
		int again_ms;

		if (!j || claim_once(i, j, &said, &again_ms, err) < 0)
			return err_wrap(err, "claim");
		if (again_ms == 0)
			return 0;
		wait(arg, again_ms);
	}
}

static int post_events(void *arg, const json_t *events, uint64_t *ret_acked, struct err *err)
{
	struct install *i = arg;
	_cleanup_json_ json_t *reply = NULL;
	struct jsonx_reader r;
	long status;

	if (api_post(i->api, "/v1/events", events, 65536, &status, &reply, err) < 0)
		return -1;
	jsonx_begin(&r, reply, "$", err);
	jsonx_u64(&r, "acked", INT64_MAX, ret_acked);
	return jsonx_done_lenient(&r);
}

void install_report(struct install *i, const char *file)
{
	const struct plan *plan = i->claim.plan;
	struct report_options o = {
		.node = plan->node,
		.mac = plan->macs[0],
		.plan_id = i->claim.plan_id,
		.next_seq = i->claim.next_seq,
		.file = file,
		.post = post_events,
		.arg = i,
	};

	i->report = report_new(&o);
}

int install_run(struct install *i, const struct phase *table, size_t n, const char *trace,
		const char *after_failure, struct err *err)
{
	i->loop = (struct phase_loop){
		.table = table,
		.n = n,
		.arg = i,
		.resume = &i->claim.resume,
		.report = i->report,
		.trace = trace,
		.after_failure = after_failure,
		.current = PHASE_INVALID,
	};
	return phase_run(&i->loop, err);
}

void install_hold(struct install *i, const struct err *err)
{
	log_line(LOG_LEVEL_ERROR,
		 "----------------------------------------------------------------");
	log_err(err);
	log_error("This machine is held here and nothing on it changes. `provision status` shows "
		  "the same; when the reason is gone, power the machine off and on.");
	for (;;) {
		int due = -1;

		if (i->report && !report_empty(i->report)) {
			report_send(i->report);
			due = report_empty(i->report) ? -1 : report_due(i->report);
		}
		poll(NULL, 0, due);
	}
}

void install_release(struct install *i)
{
	i->report = report_free(i->report);
	claim_answer_release(&i->claim);
	i->api = api_free(i->api);
	i->identity = identity_free(i->identity);
	free(i->ca_pem);
	i->ca_pem = NULL;
}
