/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/secrets/join, /v1/live/join: what a node needs to become a member, minted at this
 * moment. */
#include <string.h>

#include "http/web.h"
#include "limits.h"
#include "live_join.h"
#include "plan.h"

/* Who asks, and for which plan. */
struct asking {
	uint8_t key[ED25519_KEY_SIZE];
	struct sha256 plan_id;
	bool in_memory;      /* by its word, not by a signature; gets a file ready made */
	struct ipv4 node_ip; /* of one in memory: see live_join.h */
};

static int read_asking(const struct http_request *r, struct asking *ret, struct err *err)
{
	_cleanup_json_ json_t *body = NULL;
	_cleanup_(freep) char *text = NULL, *node_ip = NULL;
	struct jsonx_reader reader;

	if ((ret->in_memory ? web_bearer(r, ret->key, err) : web_signed(r, ret->key, err)) < 0 ||
	    web_body(r, &body, err) < 0)
		return -1;
	jsonx_begin(&reader, body, "$", err);
	jsonx_string(&reader, "planId", &text);
	if (ret->in_memory)
		jsonx_opt_string(&reader, "nodeIp", &node_ip);
	if (jsonx_done(&reader) < 0)
		return -1;
	if (node_ip && ipv4_parse(node_ip, &ret->node_ip, err) < 0) {
		err->kind = ERR_PROTOCOL;
		return err_wrap(err, "$.nodeIp");
	}
	return sha256_parse(text, &ret->plan_id, err) < 0 ? err_wrap(err, "$.planId") : 0;
}

static int check_state(const struct intent *in, struct err *err)
{
	switch (in->state) {
	case INTENT_WRITTEN:
		return 0;
	case INTENT_DONE:
		return err_set(err, ERR_REFUSED,
			       "%s is Ready: nothing is handed out any more (provision reinstall "
			       "%s)",
			       in->node, in->node);
	default:
		return err_set(err, ERR_REFUSED,
			       "secrets of %s are handed out once its disks are written, and while "
			       "its installation was not taken back",
			       in->node);
	}
}

/* A machine in memory has no disk to be written: its pools are what has to be there. */
static int check_pools(struct web *web, const struct intent *in, struct err *err)
{
	bool done[PHASE_MAX];
	uint64_t seq;

	if (in->state != INTENT_CLAIMED)
		return check_state(in, err);
	if (store_plan_progress(web->store, &in->mac, &in->plan_id, done, &seq, err) < 0)
		return -1;
	return done[PHASE_POOLS]
		       ? 0
		       : err_set(err, ERR_REFUSED,
				 "secrets of %s are handed out once its pools are there", in->node);
}

/* A join needs somebody to join. */
static int check_cluster(struct web *web, const struct site *site, const struct intent *in,
			 struct err *err)
{
	_cleanup_(freep) char *maker = NULL;
	bool initialised;

	if (in->makes_cluster || site->inventory->cluster.kubeconfig)
		return 0;
	if (store_cluster_initialised(web->store, NULL, &initialised, err) < 0)
		return -1;
	if (initialised)
		return 0;
	if (store_cluster_maker(web->store, in->node, &maker, err) < 0)
		return -1;
	return maker ? err_set(err, ERR_BUSY, "waits for %s, which makes the cluster", maker)
		     : err_set(err, ERR_BUSY,
			       "the cluster has no control plane yet: install a node with `role: "
			       "control-plane`");
}

/* The intent of this key, checked. *ret_stranger: the plan is not the one claimed with the key. */
static int load(struct web *web, const struct asking *a, struct intent *ret, bool *ret_stranger,
		struct err *err)
{
	*ret_stranger = false;
	if (store_intent_by_key(web->store, a->key, ret, err) < 0) {
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		*ret_stranger = true;
		return err_set(err, ERR_REFUSED, "no installation was claimed with this key");
	}
	if (ret->in_memory != a->in_memory) {
		*ret_stranger = true;
		return err_set(err, ERR_REFUSED, "no installation was claimed with this key");
	}
	if (!sha256_equal(&a->plan_id, &ret->plan_id)) {
		*ret_stranger = true;
		return err_set(err, ERR_REFUSED, "$.planId is not the plan claimed with this key");
	}
	return a->in_memory ? check_pools(web, ret, err) : check_state(ret, err);
}

/* Somebody who knows a plan wants its secrets with another key than the one that claimed it. err is
 * replaced when that cannot be recorded. */
static void note_stranger(struct web *web, const struct asking *a, struct ipv4 peer,
			  struct err *err)
{
	_cleanup_(intent_release) struct intent in = {0};
	_cleanup_(err_release) struct err why = ERR_INIT;
	_cleanup_(freep) char *text = NULL;
	char ip[IPV4_TEXT_SIZE];

	if (store_intent_by_plan(web->store, &a->plan_id, &in, &why) < 0) {
		if (why.kind != ERR_NOT_FOUND)
			err_move(err, &why);
		return;
	}
	text = xasprintf("join secrets were refused to %s, which asked with another key than the "
			 "one that claimed the plan",
			 ipv4_format(peer, ip));
	if (web_note(web, &in, PHASE_JOIN, EVENT_NOTE, text, &why) < 0)
		err_move(err, &why);
}

/* Stored before anything leaves: from here on no other key may have the plan. in: as it is at this
 * moment, for an operator may take it back between any two requests. */
static int mark_handed_out(struct web *web, const struct asking *a, struct intent *in,
			   struct err *err)
{
	bool stranger;

	if (store_begin(web->store, err) < 0)
		return -1;
	if (load(web, a, in, &stranger, err) < 0)
		goto undo;
	in->secret_out = true;
	if (store_intent_save(web->store, in, err) < 0)
		goto undo;
	return store_commit(web->store, err);
undo:
	store_rollback(web->store);
	return -1;
}

/* The keeper refused: so nothing left, and the next key may still have the plan. err is replaced
 * when that cannot be stored. */
static void nothing_left(struct web *web, const struct asking *a, struct err *err)
{
	_cleanup_(intent_release) struct intent now = {0};
	struct err why = ERR_INIT;

	if (store_begin(web->store, &why) < 0) {
		err_move(err, &why);
		return;
	}
	if (store_intent_by_key(web->store, a->key, &now, &why) == 0) {
		now.secret_out = false;
		if (store_intent_save(web->store, &now, &why) == 0 &&
		    store_commit(web->store, &why) == 0)
			return;
	}
	store_rollback(web->store);
	err_move(err, &why);
}

/* What was minted, for the record. Minting took a while: only the token's id goes into what the
 * intent is by now. token_id: NULL when it makes the cluster. */
static int note_minted(struct web *web, const struct asking *a, const struct intent *in,
		       const char *token_id, struct err *err)
{
	_cleanup_(intent_release) struct intent now = {0};

	if (store_begin(web->store, err) < 0)
		return -1;
	if (store_intent_by_key(web->store, a->key, &now, err) < 0)
		goto undo;
	if (token_id) {
		free(now.token_id);
		now.token_id = xstrdup(token_id);
		if (store_intent_save(web->store, &now, err) < 0)
			goto undo;
	}
	/* the keeper revoked that one first */
	if (in->token_id && token_id &&
	    store_event_note(web->store, in->node, &in->mac, PHASE_JOIN, EVENT_NOTE,
			     in->in_memory
				     ? "joins anew: the Node object of its last start is removed, "
				       "and the join token of then is revoked"
				     : "a new join token was minted; the one before it is revoked",
			     web_now_ms(), err) < 0)
		goto undo;
	if (in->makes_cluster &&
	    store_event_note(web->store, in->node, &in->mac, PHASE_JOIN, EVENT_NOTE,
			     "the keys of the new cluster were handed out", web_now_ms(), err) < 0)
		goto undo;
	return store_commit(web->store, err);
undo:
	store_rollback(web->store);
	return -1;
}

/* The secrets that the node is given. New reference; NULL after an error. */
static json_t *mint(struct web *web, const struct http_request *r, const struct asking *a,
		    const struct intent *in, struct err *err)
{
	_cleanup_json_ json_t *question = json_object(), *reply = NULL;
	json_t *secrets;

	jsonx_put_string(question, "op", "join");
	jsonx_put_string(question, "node", in->node);
	json_object_set_new(question, "init", json_boolean(in->makes_cluster));
	json_object_set_new(question, "controlPlane", json_boolean(in->control_plane));
	/* Who asks again was cut short before it was a member for good; the Node object of that
	 * attempt is in the way like one of an earlier life. */
	json_object_set_new(question, "reinstall",
			    json_boolean(in->kind == INTENT_REINSTALL || in->token_id));
	jsonx_put_string(question, "revoke", in->token_id);
	/* the keeper takes nobody's word for whose request it is */
	jsonx_put_string(question, "key", http_header(r, "Provision-Key"));
	jsonx_put_string(question, "time", http_header(r, "Provision-Time"));
	jsonx_put_string(question, "signature", http_header(r, "Provision-Signature"));
	jsonx_put_string(question, "body", r->body);
	if (keeper_ask(web->keeper, question, &reply, err) < 0)
		return NULL;
	secrets = json_object_get(reply, "secrets");
	if (!secrets) {
		err_set(err, ERR_INTERNAL, "the keeper gave no secrets");
		return NULL;
	}
	if (note_minted(web, a, in, json_string_value(json_object_get(reply, "tokenId")), err) < 0)
		return NULL;
	return json_incref(secrets);
}

static void keeper_givep(struct keeper **k)
{
	if (*k)
		keeper_give(*k);
}

static int reply_with(const struct asking *a, const struct intent *in, json_t *secrets,
		      struct http_reply *ret, struct err *err)
{
	_cleanup_(secret_release) struct secret config = SECRET_INIT;

	if (!a->in_memory) {
		*ret = http_reply_json(200, json_incref(secrets));
	} else {
		if (live_join_config(in->plan, secrets, a->node_ip, &config, err) < 0)
			return -1;
		*ret = http_reply_copy(200, "text/plain; charset=utf-8", secret_reveal(&config),
				       secret_length(&config));
	}
	http_reply_header(ret, "Cache-Control", "no-store");
	return 0;
}

static int answer(struct web *web, const struct http_request *r, bool in_memory,
		  struct http_reply *ret, struct err *err)
{
	_cleanup_site_ struct site *site = site_slot_get(web->sites);
	_cleanup_(intent_release) struct intent asks = {0}, in = {0};
	_cleanup_json_ json_t *secrets = NULL;
	_cleanup_(keeper_givep) struct keeper *taken = NULL;
	struct asking a = {.in_memory = in_memory};
	bool stranger;

	if (read_asking(r, &a, err) < 0)
		return -1;
	if (load(web, &a, &asks, &stranger, err) < 0) {
		if (stranger)
			note_stranger(web, &a, r->peer, err);
		return -1;
	}
	if (check_cluster(web, site, &asks, err) < 0)
		return -1;
	if (rate_take(web->join_rates, asks.id, 1, LIMIT_JOINS_PER_MINUTE, web_now_ms()))
		return err_set(err, ERR_BUSY, "more than %d joins a minute",
			       LIMIT_JOINS_PER_MINUTE);
	/* until the token's id is stored: who asks next revokes that one */
	if (keeper_take(web->keeper, err) < 0)
		return -1;
	taken = web->keeper;
	if (mark_handed_out(web, &a, &in, err) < 0)
		return -1;
	secrets = mint(web, r, &a, &in, err);
	if (!secrets) {
		if (!asks.secret_out && (err->kind == ERR_REFUSED || err->kind == ERR_CONFIG))
			nothing_left(web, &a, err);
		return -1;
	}
	return reply_with(&a, &in, secrets, ret, err);
}

struct http_reply web_join(void *ctx, const struct http_request *r)
{
	struct http_reply reply;
	struct err err = ERR_INIT;

	return answer(ctx, r, false, &reply, &err) < 0 ? http_reply_err(&err) : reply;
}

struct http_reply web_live_join(void *ctx, const struct http_request *r)
{
	struct http_reply reply;
	struct err err = ERR_INIT;

	return answer(ctx, r, true, &reply, &err) < 0 ? http_reply_err(&err) : reply;
}
