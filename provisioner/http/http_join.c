/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/secrets/join: what a node needs to become a member, minted at this moment. */
#include <string.h>

#include "http/web.h"
#include "plan.h"

static int check_intent(const struct intent *in, const json_t *body, struct err *err)
{
	_cleanup_(freep) char *text = NULL;
	struct jsonx_reader r;
	struct sha256 id;

	jsonx_begin(&r, body, "$", err);
	jsonx_string(&r, "planId", &text);
	if (jsonx_done(&r) < 0)
		return -1;
	if (sha256_parse(text, &id, err) < 0)
		return err_wrap(err, "$.planId");
	if (!sha256_equal(&id, &in->plan_id))
		return err_set(err, ERR_REFUSED, "$.planId is not the plan claimed with this key");
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

/* The intent of this key, checked. */
static int load(struct web *web, const uint8_t key[ED25519_KEY_SIZE], const json_t *body,
		struct intent *ret, struct err *err)
{
	if (store_intent_by_key(web->store, key, ret, err) < 0)
		return err->kind == ERR_NOT_FOUND ? err_set(err, ERR_REFUSED,
							    "no installation was claimed with this "
							    "key")
						  : -1;
	return check_intent(ret, body, err);
}

/* Stored before anything leaves: from here on no other key may have the plan. in: as it is at this
 * moment, for an operator may take it back between any two requests. */
static int mark_handed_out(struct web *web, const uint8_t key[ED25519_KEY_SIZE], const json_t *body,
			   struct intent *in, struct err *err)
{
	bool again;

	if (store_begin(web->store, err) < 0)
		return -1;
	if (load(web, key, body, in, err) < 0)
		goto undo;
	again = in->secret_out;
	in->secret_out = true;
	if (store_intent_save(web->store, in, err) < 0 ||
	    (again && store_event_note(web->store, in->node, &in->mac, PHASE_JOIN, EVENT_NOTE,
				       "join secrets were asked for again; the earlier token is "
				       "revoked",
				       web_now_ms(), err) < 0))
		goto undo;
	return store_commit(web->store, err);
undo:
	store_rollback(web->store);
	return -1;
}

/* Minting took a while: only the token's id goes into what the intent is by now. */
static int note_token(struct web *web, const uint8_t key[ED25519_KEY_SIZE], const char *token_id,
		      struct err *err)
{
	_cleanup_(intent_release) struct intent now = {0};

	if (store_begin(web->store, err) < 0)
		return -1;
	if (store_intent_by_key(web->store, key, &now, err) < 0)
		goto undo;
	free(now.token_id);
	now.token_id = xstrdup(token_id);
	if (store_intent_save(web->store, &now, err) < 0)
		goto undo;
	return store_commit(web->store, err);
undo:
	store_rollback(web->store);
	return -1;
}

static int mint(struct web *web, const struct intent *in, json_t **ret, struct err *err)
{
	_cleanup_json_ json_t *question = json_object(), *reply = NULL;
	const char *token_id;
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
	if (keeper_ask(web->keeper, question, &reply, err) < 0)
		return -1;
	token_id = json_string_value(json_object_get(reply, "tokenId"));
	secrets = json_object_get(reply, "secrets");
	if (!secrets)
		return err_set(err, ERR_INTERNAL, "the keeper gave no secrets");
	if (token_id && note_token(web, in->key, token_id, err) < 0)
		return -1;
	*ret = json_incref(secrets);
	return 0;
}

static int answer(struct web *web, const struct http_request *r, struct http_reply *ret,
		  struct err *err)
{
	_cleanup_site_ struct site *site = site_slot_get(web->sites);
	_cleanup_(intent_release) struct intent asks = {0}, in = {0};
	_cleanup_json_ json_t *body = NULL;
	uint8_t key[ED25519_KEY_SIZE];
	json_t *secrets = NULL;

	if (web_signed(r, key, err) < 0 || web_body(r, &body, err) < 0)
		return -1;
	if (load(web, key, body, &asks, err) < 0 || check_cluster(web, site, &asks, err) < 0 ||
	    mark_handed_out(web, key, body, &in, err) < 0 || mint(web, &in, &secrets, err) < 0)
		return -1;
	*ret = http_reply_json(200, secrets);
	http_reply_header(ret, "Cache-Control", "no-store");
	return 0;
}

struct http_reply web_join(void *ctx, const struct http_request *r)
{
	struct http_reply reply;
	struct err err = ERR_INIT;

	return answer(ctx, r, &reply, &err) < 0 ? http_reply_err(&err) : reply;
}
