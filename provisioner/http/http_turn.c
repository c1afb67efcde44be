/* SPDX-License-Identifier: Apache-2.0 */
#include "http/http_turn.h"

#include <string.h>

#include "limits.h"
#include "nonce.h"
#include "plan_facts.h"
#include "plan_resolve.h"

void turn_init(struct turn *t, struct web *web, const struct http_request *r)
{
	*t = (struct turn){
		.web = web, .r = r, .site = site_slot_get(web->sites), .now_ms = web_now_ms()};
}

void turn_release(struct turn *t)
{
	site_unref(t->site);
	claim_release(&t->claim);
	intent_release(&t->intent);
	free(t->wait);
}

static int note(struct turn *t, enum event_state state, const char *message, struct err *err)
{
	return web_note(t->web, &t->intent, PHASE_CLAIM, state, message, err);
}

/* Which record the machine's cards belong to. */
static int find_node(struct turn *t, struct err *err)
{
	const struct claim *c = &t->claim;
	char mac[MAC_TEXT_SIZE];

	for (size_t i = 0; i < c->n_macs; i++) {
		const struct node *n = inventory_by_mac(t->site->inventory, &c->macs[i]);

		if (n && t->node && n != t->node)
			return err_set(err, ERR_REFUSED,
				       "the machine's cards belong to two nodes, %s and %s: put "
				       "all its MACs into one",
				       t->node->name, n->name);
		if (n)
			t->node = n;
	}
	if (t->node)
		return 0;
	unknown_seen(t->web->unknown, &c->macs[0], arch_name(c->arch), c->uuid, c->serial,
		     t->r->peer, t->now_ms);
	return err_set(err, ERR_NOT_FOUND,
		       "no node file has this machine's MAC: provision add-node %s",
		       mac_format(&c->macs[0], mac));
}

static int check_nonce(const struct turn *t, struct err *err)
{
	const struct claim *c = &t->claim;

	if (c->installed)
		return 0;
	if (!c->nonce)
		return err_set(err, ERR_REFUSED,
			       "$.nonce is missing: boot the machine from the network, by the "
			       "script that it is given there");
	for (size_t i = 0; i < c->n_macs; i++)
		if (nonce_is_good(t->web->nonce_key, &c->macs[i], t->now_ms / 1000, c->nonce))
			return 0;
	return err_set(err, ERR_REFUSED,
		       "$.nonce is not of a boot of this machine: boot it from the network again");
}

/* A plan of another version of the program may not be readable any more. The system that it made is
 * then a stranger's, which errs on the safe side; a pool that it made would be a stranger's too,
 * and somebody might give it away. */
static int add_past(const struct turn *t, const struct store_plan *past, struct plan_history *h,
		    struct err *err)
{
	struct err why = ERR_INIT;

	if (plan_history_add(h, &past->id, past->made_pools, past->json, &why) == 0)
		return 0;
	if (past->made_pools)
		err_set(err, ERR_REFUSED,
			"the plan of an earlier installation of %s cannot be read, and its pools "
			"would not be known again: %s",
			t->node->name, err_text(&why));
	err_release(&why);
	return past->made_pools ? -1 : 0;
}

static int read_history(struct turn *t, struct plan_history *h, struct err *err)
{
	struct store_plan *past = NULL;
	size_t n = 0;
	int r;

	r = store_plan_history(t->web->store, t->node->name, &past, &n, err);
	for (size_t i = 0; i < n; i++) {
		if (r == 0)
			r = add_past(t, &past[i], h, err);
		free(past[i].json);
	}
	free(past);
	return r;
}

static int make_plan(struct turn *t, struct plan **ret, struct err *err)
{
	_cleanup_(plan_history_release) struct plan_history history = {0};
	_cleanup_(web_urls_release) struct web_urls urls = {0};
	_cleanup_(plan_freep) struct plan *p = NULL;
	struct site_facts facts = {0};

	web_urls_init(&urls, t->site, t->r);
	facts.url = urls.url;
	facts.assets_url = urls.assets;
	if (plan_facts_read(t->web->store, t->node, &t->intent, &facts.plan, err) < 0 ||
	    read_history(t, &history, err) < 0 ||
	    site_plan(t->site, t->node, &facts, &p, err) < 0 ||
	    plan_resolve(p, &t->claim.disks, &history, &t->intent.consents, err) < 0)
		return -1;
	p->installation =
		xasprintf("%lld-%lld", (long long)t->intent.id, (long long)t->intent.created_ms);
	*ret = TAKE_PTR(p);
	return 0;
}

/* For `approve --erase`, which compares its serials with these. Written only when they change. */
static int keep_report(struct turn *t, struct err *err)
{
	_cleanup_(hardware_release) struct hardware now = {0};
	struct hardware *kept = &t->intent.hardware;

	claim_report(&t->claim, &now);
	if (hardware_equal(kept, &now))
		return 0;
	hardware_release(kept);
	*kept = now;
	now = (struct hardware){0};
	return store_intent_save(t->web->store, &t->intent, err);
}

/* What an operator can mend holds the machine; it asks again and finds the mended state. */
static int hold(struct turn *t, struct err *why, struct err *err)
{
	if (why->kind != ERR_REFUSED && why->kind != ERR_CONFIG && why->kind != ERR_NOT_FOUND) {
		err_move(err, why);
		return -1;
	}
	t->wait = xstrdup(err_text(why));
	err_release(why);
	if (keep_report(t, err) < 0)
		return -1;
	return note(t, EVENT_WAITING, t->wait, err);
}

/* An agent cannot do the plan of an image in memory, nor the other way round. */
static int check_kind(const struct turn *t, const struct plan *p, struct err *err)
{
	if (p->in_memory == t->claim.in_memory)
		return 0;
	return err_set(err, ERR_REFUSED,
		       "the image of %s %s, and another one is running: boot the machine from the "
		       "network again",
		       t->node->name, p->in_memory ? "runs in memory" : "is written to its disk");
}

static int freeze(struct turn *t, struct err *err)
{
	_cleanup_(plan_freep) struct plan *p = NULL;
	_cleanup_json_ json_t *j = NULL;
	struct intent *in = &t->intent;
	struct err why = ERR_INIT;

	if (site_basis(t->site, t->node, &in->basis, &why) < 0 || make_plan(t, &p, &why) < 0 ||
	    check_kind(t, p, &why) < 0)
		return hold(t, &why, err);
	j = plan_to_json(p);
	free(in->plan);
	in->plan = jsonx_canonical(j);
	if (strlen(in->plan) > LIMIT_PLAN_BYTES) {
		err_set(&why, ERR_CONFIG,
			"the plan of %s has more than %d MiB with its inlined files: take large "
			"ones out of the templates",
			in->node, LIMIT_PLAN_BYTES / (1024 * 1024));
		return hold(t, &why, err);
	}
	in->plan_id = plan_id(p);
	in->state = INTENT_CLAIMED;
	in->claimed_ms = t->now_ms;
	in->mac = p->macs[0];
	in->control_plane = p->kube.role == ROLE_CONTROL_PLANE && p->kube.action != KUBE_NONE;
	in->makes_cluster = p->kube.action == KUBE_INIT;
	in->in_memory = p->in_memory;
	in->has_key = true;
	memcpy(in->key, t->key, sizeof(in->key));
	hardware_release(&in->hardware);
	claim_hardware(&t->claim, &in->hardware);
	return store_intent_save(t->web->store, in, err);
}

static int ask_code(struct turn *t, struct err *err)
{
	struct intent *in = &t->intent;

	t->show_code = true;
	/* another sentence each: the same one would not be recorded twice */
	t->wait = xasprintf("%s: provision approve %s CODE",
			    in->state == INTENT_OPEN
				    ? "an operator has to compare the code on this console"
				    : "the plan was claimed with another key, so an operator has "
				      "to compare the code on this console first",
			    t->node->name);
	/* only remembered: what anybody claims takes no approval back */
	if (in->codes.n < LIMIT_CODES && !strv_has(&in->codes, t->code)) {
		strv_add(&in->codes, t->code);
		if (store_intent_save(t->web->store, in, err) < 0)
			return -1;
	}
	return note(t, EVENT_WAITING, t->wait, err);
}

static int take_new_key(struct turn *t, struct err *err)
{
	struct intent *in = &t->intent;

	memcpy(in->key, t->key, sizeof(in->key));
	if (in->in_memory) {
		/* the whole way again, up to Ready; the next boot shows another code */
		in->state = INTENT_CLAIMED;
		in->claimed_ms = t->now_ms;
		strv_release(&in->codes);
	}
	if (store_intent_save(t->web->store, in, err) < 0)
		return -1;
	/* never left out: who fills the allowance of notes first must not get by unseen */
	return store_event_note(
		t->web->store, in->node, &in->mac, PHASE_CLAIM, EVENT_NOTE,
		in->in_memory ? "claimed again by the same hardware at another boot"
			      : "claimed again with a new key by the same hardware, before any "
				"secret was handed out",
		t->now_ms, err);
}

/* On its way to Ready a newer installation was asked for, and that was taken back. */
static int go_on(struct turn *t, struct err *err)
{
	struct intent *in = &t->intent;

	if (!intent_stands(in) || in->state != INTENT_DONE || intent_is_ready(in))
		return 0;
	in->state = INTENT_CLAIMED;
	return store_intent_save(t->web->store, in, err);
}

static int read_intent(struct turn *t, struct err *err)
{
	struct err why = ERR_INIT;

	t->has_intent = store_intent_of_node(t->web->store, t->node->name, &t->intent, &why) == 0;
	if (t->has_intent)
		return 0;
	if (why.kind == ERR_NOT_FOUND) {
		err_release(&why);
		return 0;
	}
	err_move(err, &why);
	return -1;
}

/* A refusal is an alarm: somebody else may be at it. */
static int refuse(struct turn *t, struct err *why, struct err *err)
{
	char ip[IPV4_TEXT_SIZE];
	_cleanup_(freep) char *text = NULL;

	if (why->kind == ERR_REFUSED) {
		text = xasprintf("a claim from %s was refused: %s", ipv4_format(t->r->peer, ip),
				 err_text(why));
		if (note(t, EVENT_NOTE, text, err) < 0) {
			err_release(why);
			return -1;
		}
	}
	return 0;
}

/* Inside the transaction. *ret_why is what the machine is told when it is refused. */
static int decide(struct turn *t, struct err *ret_why, struct err *err)
{
	enum claim_verdict verdict;

	if (read_intent(t, err) < 0)
		return -1;
	claim_code(t->web->nonce_key, t->key, t->code);
	if (claim_judge(t->node, t->has_intent ? &t->intent : NULL, &t->claim, t->key, t->code,
			t->now_ms, &verdict, ret_why) < 0)
		return refuse(t, ret_why, err);
	switch (verdict) {
	case CLAIM_FREEZE:
		return freeze(t, err);
	case CLAIM_ASK_CODE:
		return ask_code(t, err);
	case CLAIM_NEW_KEY:
		return take_new_key(t, err);
	case CLAIM_AGAIN:
		return go_on(t, err);
	}
	BUG("a verdict out of range");
}

static int settle(struct turn *t, struct err *ret_why, struct err *err)
{
	if (store_begin(t->web->store, err) < 0)
		return -1;
	if (decide(t, ret_why, err) < 0) {
		store_rollback(t->web->store);
		return -1;
	}
	return store_commit(t->web->store, err);
}

int turn_settle(struct turn *t, struct err *err)
{
	_cleanup_(err_release) struct err why = ERR_INIT;

	if (find_node(t, err) < 0 || check_nonce(t, err) < 0 || settle(t, &why, err) < 0)
		return -1;
	if (why.kind == ERR_NONE)
		return 0;
	err_move(err, &why);
	return -1;
}
