/* SPDX-License-Identifier: Apache-2.0 */
/* What a person says about installations: ask for one, take it back, permit it. */
#include "op_run.h"

#include <string.h>

#include "buf.h"
#include "claim_policy.h"
#include "limits.h"
#include "parse.h"

struct wish {
	char *node, *code;
	int kind;
	struct strv erase;
	bool confirm, discard_state, removed;
};

static void wish_release(struct wish *w)
{
	free(w->node);
	free(w->code);
	strv_release(&w->erase);
}

static const char *const kind_words[INTENT_KIND_MAX] = {"install", "reinstall"};

static int read_wish(const json_t *args, struct wish *w, struct err *err)
{
	struct jsonx_reader r;

	jsonx_begin(&r, args, "$", err);
	jsonx_string(&r, "node", &w->node);
	jsonx_opt_string(&r, "code", &w->code);
	jsonx_opt_enum(&r, "kind", kind_words, INTENT_KIND_MAX, &w->kind);
	jsonx_opt_strv(&r, "erase", LIMIT_DISKS, &w->erase);
	jsonx_opt_bool(&r, "confirm", &w->confirm);
	jsonx_opt_bool(&r, "discardClusterState", &w->discard_state);
	jsonx_opt_bool(&r, "removed", &w->removed);
	return jsonx_done(&r);
}

static void add_consents(struct intent *in, const struct strv *erase)
{
	for (size_t i = 0; i < erase->n; i++)
		if (!strv_has(&in->consents, erase->v[i]))
			strv_add(&in->consents, erase->v[i]);
}

static json_t *reply_of(const struct intent *in, const char *message)
{
	json_t *j = json_object();

	jsonx_put_string(j, "node", in->node);
	jsonx_put_string(j, "kind", intent_kind_name(in->kind));
	jsonx_put_string(j, "state", intent_state_name(in->state));
	json_object_set_new(j, "expires", json_integer(in->expires_ms));
	jsonx_put_strv(j, "erase", &in->consents);
	jsonx_put_string(j, "message", message);
	return j;
}

/* The intent that counts; *ret_found false when there never was one. */
static int newest(const struct op_context *ctx, const char *node, struct intent *ret,
		  bool *ret_found, struct err *err)
{
	struct err why = ERR_INIT;

	*ret_found = store_intent_of_node(ctx->store, node, ret, &why) == 0;
	if (*ret_found)
		return 0;
	if (why.kind == ERR_NOT_FOUND) {
		err_release(&why);
		return 0;
	}
	err_move(err, &why);
	return -1;
}

static int add_new(const struct op_context *ctx, const struct node *n, enum intent_kind kind,
		   const struct wish *w, bool confirm, struct intent *ret, struct err *err)
{
	*ret = (struct intent){
		.node = xstrdup(n->name),
		.mac = n->macs[0],
		.kind = kind,
		.state = INTENT_OPEN,
		.created_ms = ctx->now_ms,
		.expires_ms = ctx->now_ms + INTENT_LIFETIME_S * 1000LL,
		.confirm = confirm,
	};
	add_consents(ret, &w->erase);
	return store_intent_add(ctx->store, ret, err);
}

/* Asked again while it is open: the consents add up, the time starts anew. */
static int renew(const struct op_context *ctx, const struct wish *w, struct intent *in,
		 struct err *err)
{
	add_consents(in, &w->erase);
	in->confirm = in->confirm || w->confirm;
	in->expires_ms = ctx->now_ms + INTENT_LIFETIME_S * 1000LL;
	return store_intent_save(ctx->store, in, err);
}

/* Some installation of the node began to write on its disks. */
static int was_installed(const struct op_context *ctx, const char *node, bool *ret, struct err *err)
{
	struct store_plan *past = NULL;
	size_t n = 0;

	if (store_plan_history(ctx->store, node, &past, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		free(past[i].json);
	free(past);
	*ret = n > 0;
	return 0;
}

/* A lost or fresh store does not know what the machine holds: for a control plane that may be all
 * there is of the cluster. An intent that is live was asked for by somebody who knew. */
static int check_unrecorded(const struct op_context *ctx, const struct node *n,
			    const struct intent *newest, struct err *err)
{
	bool recorded = false;

	if (n->role != ROLE_CONTROL_PLANE || (newest && intent_is_live(newest, ctx->now_ms)))
		return 0;
	if (was_installed(ctx, n->name, &recorded, err) < 0)
		return -1;
	if (recorded)
		return 0;
	return err_set(err, ERR_REFUSED,
		       "node %s is a control plane and no earlier installation is recorded here: "
		       "what the cluster knows (its etcd) may be on its disks and would be lost; "
		       "if it holds nothing that is needed, provision reinstall %s "
		       "--discard-cluster-state; a machine that is new comes in by provision "
		       "remove-node %s and provision add-node MAC",
		       n->name, n->name, n->name);
}

/* A control plane keeps what the cluster knows on its system's disks, which an installation erases.
 */
static int check_cluster_state(const struct op_context *ctx, const struct node *n, struct err *err)
{
	bool holds = false, others = false;

	if (store_node_holds_cluster(ctx->store, n->name, &holds, err) < 0 ||
	    store_cluster_initialised(ctx->store, n->name, &others, err) < 0)
		return -1;
	if (!holds)
		return 0;
	if (others)
		return err_set(err, ERR_REFUSED,
			       "node %s is one of the control planes: take its member out of etcd "
			       "first (`etcdctl member remove` on another one), then say "
			       "--discard-cluster-state",
			       n->name);
	return err_set(err, ERR_REFUSED,
		       "node %s is the only control plane: everything that the cluster knows (its "
		       "etcd) is on its system disk and would be lost; save it, then say "
		       "--discard-cluster-state",
		       n->name);
}

/* A reinstall in place of an installation that was asked for and is not over. That a code is to be
 * compared holds on; what might be erased does not, for a serial that was wrong is taken back by
 * asking anew. Both are said. NULL when there is nothing to say; caller frees. */
static char *carried_over(const struct intent *old, const struct wish *w)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	if (old->confirm && !w->confirm)
		buf_addf(&b,
			 "as before, the machine shows a code and waits for `provision approve %s "
			 "CODE`",
			 old->node);
	for (size_t i = 0; i < old->consents.n; i++) {
		_cleanup_(freep) char *serial =
			printable(old->consents.v[i], strlen(old->consents.v[i]));

		if (!strv_has(&w->erase, old->consents.v[i]))
			buf_addf(&b,
				 "%swhat disk %s holds may not be erased any more: provision "
				 "approve %s --erase %s",
				 b.len ? "\n" : "", serial, old->node, serial);
	}
	return b.len ? buf_take(&b) : NULL;
}

/* The intent that counts for a node, and what it makes of the next one. */
struct past {
	struct intent in;
	bool found;
	bool was_there; /* something of the node may be in the cluster, or on disks */
};

static void past_release(struct past *p)
{
	intent_release(&p->in);
}

static int past_read(const struct op_context *ctx, const char *node, struct past *ret,
		     struct err *err)
{
	struct past p = {0};

	if (newest(ctx, node, &p.in, &p.found, err) < 0)
		return -1;
	p.was_there = p.found && (p.in.written_ms || p.in.done_ms || p.in.kind == INTENT_REINSTALL);
	*ret = p;
	return 0;
}

/* An intent that is open, claimed or written ends here. One that stands goes on should the next be
 * taken back. */
static int supersede(const struct op_context *ctx, struct intent *old, struct err *err)
{
	if (intent_stands(old))
		old->state = INTENT_DONE;
	else if (intent_is_live(old, ctx->now_ms))
		old->state = INTENT_CANCELLED;
	else if (old->state == INTENT_OPEN)
		old->state = INTENT_EXPIRED;
	else
		return 0;
	return store_intent_save(ctx->store, old, err);
}

/* reinstall. *ret_said: what the operator should know, or NULL; caller frees. */
static int open_anew(const struct op_context *ctx, const struct node *n, const struct wish *w,
		     struct past *past, struct intent *ret, char **ret_said, struct err *err)
{
	const bool live =
		past->found && intent_is_live(&past->in, ctx->now_ms) && !intent_stands(&past->in);
	const enum intent_kind kind = past->was_there ? INTENT_REINSTALL : INTENT_INSTALL;

	if (!w->discard_state &&
	    (check_cluster_state(ctx, n, err) < 0 ||
	     check_unrecorded(ctx, n, past->found ? &past->in : NULL, err) < 0))
		return -1;
	if (live)
		*ret_said = carried_over(&past->in, w);
	if (past->found && supersede(ctx, &past->in, err) < 0)
		return -1;
	if (add_new(ctx, n, kind, w, w->confirm || (live && past->in.confirm), ret, err) < 0)
		return -1;
	/* the next join revokes it */
	ret->token_id = TAKE_PTR(past->in.token_id);
	return ret->token_id ? store_intent_save(ctx->store, ret, err) : 0;
}

/* add-node: the node's file is new, though the machine may not be. */
static int open_first(const struct op_context *ctx, const struct node *n, const struct wish *w,
		      struct past *past, struct intent *ret, struct err *err)
{
	const enum intent_kind kind = past->was_there ? INTENT_REINSTALL : INTENT_INSTALL;

	if (past->found && past->in.state == INTENT_OPEN) {
		if (renew(ctx, w, &past->in, err) < 0)
			return -1;
		*ret = past->in;
		past->in = (struct intent){0};
		return 0;
	}
	if (!w->discard_state && check_cluster_state(ctx, n, err) < 0)
		return -1;
	return add_new(ctx, n, kind, w, w->confirm, ret, err);
}

static int open_for(const struct op_context *ctx, const struct node *n, const struct wish *w,
		    struct intent *ret, char **ret_said, struct err *err)
{
	_cleanup_(past_release) struct past past = {0};

	if (past_read(ctx, n->name, &past, err) < 0)
		return -1;
	return w->kind == INTENT_REINSTALL ? open_anew(ctx, n, w, &past, ret, ret_said, err)
					   : open_first(ctx, n, w, &past, ret, err);
}

int op_intent_open(const struct op_context *ctx, const json_t *args, json_t **ret, struct err *err)
{
	static const char no_daemon[] =
		"provisiond is not running: start it before the machine is powered on";
	_cleanup_(wish_release) struct wish w = {.kind = INTENT_INSTALL};
	_cleanup_(intent_release) struct intent in = {0};
	_cleanup_(freep) char *said = NULL, *both = NULL;
	const struct node *n;

	if (read_wish(args, &w, err) < 0 || inventory_need(ctx->inventory, w.node, &n, err) < 0)
		return -1;
	if (store_begin(ctx->store, err) < 0)
		return -1;
	if (open_for(ctx, n, &w, &in, &said, err) < 0) {
		store_rollback(ctx->store);
		return -1;
	}
	if (store_commit(ctx->store, err) < 0)
		return -1;
	if (said && !ctx->daemon)
		both = xasprintf("%s\n%s", said, no_daemon);
	*ret = reply_of(&in, both ? both : ctx->daemon ? said : no_daemon);
	return 0;
}

static int cancel(const struct op_context *ctx, const struct wish *w, struct intent *in,
		  bool *ret_cancelled, struct err *err)
{
	const struct node *n;
	bool found;

	if (newest(ctx, w->node, in, &found, err) < 0)
		return -1;
	/* what a machine in memory was Ready with would be given to it at each boot to come */
	*ret_cancelled =
		found && (intent_stands(in) ? w->removed : intent_is_live(in, ctx->now_ms));
	if (!*ret_cancelled)
		return found ? 0 : inventory_need(ctx->inventory, w->node, &n, err);
	if (in->state == INTENT_WRITTEN && !w->removed)
		return err_set(
			err, ERR_REFUSED,
			"the disks of %s are written, so there is nothing left to take back: "
			"it boots the new system and joins; `provision reinstall %s` makes it "
			"anew, `provision remove-node %s` lets it go",
			w->node, w->node, w->node);
	in->state = INTENT_CANCELLED;
	return store_intent_save(ctx->store, in, err);
}

int op_intent_cancel(const struct op_context *ctx, const json_t *args, json_t **ret,
		     struct err *err)
{
	_cleanup_(wish_release) struct wish w = {0};
	_cleanup_(intent_release) struct intent in = {0};
	bool cancelled = false;

	if (read_wish(args, &w, err) < 0 || store_begin(ctx->store, err) < 0)
		return -1;
	if (cancel(ctx, &w, &in, &cancelled, err) < 0 ||
	    (w.removed && store_node_removed(ctx->store, w.node, err) < 0)) {
		store_rollback(ctx->store);
		return -1;
	}
	if (store_commit(ctx->store, err) < 0)
		return -1;
	*ret = json_object();
	jsonx_put_string(*ret, "node", w.node);
	json_object_set_new(*ret, "cancelled", json_boolean(cancelled));
	if (cancelled && in.claimed_ms)
		jsonx_put_string(*ret, "message",
				 "its machine has begun: it stops at its next report and holds; "
				 "what it has erased by then is gone");
	return 0;
}

/* The code of the machine that may go on. *ret_unseen: more machines asked than are remembered, and
 * it is of none of those. */
static int approve_code(const struct wish *w, struct intent *in, bool *ret_unseen, struct err *err)
{
	char code[CLAIM_CODE_SIZE];
	bool seen;

	if (!in->confirm)
		return err_set(err, ERR_REFUSED,
			       "the installation of %s asks for no code; `provision reinstall %s "
			       "--confirm` asks for one that does",
			       w->node, w->node);
	if (in->secret_out && !in->in_memory)
		return err_set(err, ERR_REFUSED,
			       "a join secret of %s was handed out already, so no other machine "
			       "may have its plan; `provision reinstall %s` starts again",
			       w->node, w->node);
	if (claim_code_parse(w->code, code, err) < 0)
		return -1;
	if (!in->codes.n)
		return err_set(err, ERR_NOT_FOUND,
			       "no machine has shown a code for %s yet: power it on first",
			       w->node);
	seen = strv_has(&in->codes, code);
	/* whoever makes up many keys cannot keep the right one from being approved */
	if (!seen && in->codes.n < LIMIT_CODES)
		return err_set(err, ERR_REFUSED,
			       "the machine that asks for %s shows another code than %s: read it "
			       "again, or another machine pretends to be this one",
			       w->node, code);
	free(in->approved);
	in->approved = xstrdup(code);
	*ret_unseen = !seen;
	return 0;
}

/* A serial with a slip in it permits nothing, and would hold the machine. */
static int check_serials(const struct wish *w, const struct intent *in, struct err *err)
{
	const struct strv *known = &in->hardware.disks;
	struct buf list;

	for (size_t i = 0; known->n && i < w->erase.n; i++) {
		_cleanup_(freep) char *wanted = NULL, *all = NULL;

		if (strv_has(known, w->erase.v[i]))
			continue;
		buf_init(&list, SIZE_MAX / 2);
		for (size_t k = 0; k < known->n; k++) {
			_cleanup_(freep) char *id = printable(known->v[k], strlen(known->v[k]));

			buf_addf(&list, "%s%s", k ? ", " : "", id);
		}
		all = buf_take(&list);
		wanted = printable(w->erase.v[i], strnlen(w->erase.v[i], 60));
		return err_set(err, ERR_REFUSED, "--erase %s names no disk that %s reported: %s",
			       wanted, w->node, all);
	}
	return 0;
}

/* What approve could not compare; NULL when there is nothing to say. Caller frees. */
static char *unverified(const struct wish *w, const struct intent *in)
{
	_cleanup_(freep) char *serial = NULL;

	if (!w->erase.n || in->hardware.disks.n)
		return NULL;
	serial = printable(w->erase.v[0], strnlen(w->erase.v[0], 60));
	return xasprintf("the machine has not reported its disks yet: %s%s not verified", serial,
			 w->erase.n > 1 ? " and the others are" : " is");
}

/* A code permits the machine that shows it, disks are permitted by serial. */
static int approve(const struct op_context *ctx, const struct wish *w, struct intent *in,
		   bool *ret_unseen, struct err *err)
{
	bool found;

	*ret_unseen = false;
	if (newest(ctx, w->node, in, &found, err) < 0)
		return -1;
	if (!found || !(intent_is_live(in, ctx->now_ms) || intent_stands(in)))
		return err_set(
			err, ERR_NOT_FOUND,
			"node %s has no open installation; `provision reinstall %s` asks for "
			"one",
			w->node, w->node);
	if (!w->code && w->erase.n == 0)
		return err_set(err, ERR_USAGE,
			       "say what is approved: the code that the machine shows, or --erase "
			       "SERIAL");
	if (w->erase.n && in->state != INTENT_OPEN)
		return err_set(err, ERR_REFUSED,
			       "the installation of %s has begun and its plan is frozen; "
			       "`provision reinstall %s` starts again",
			       w->node, w->node);
	if (check_serials(w, in, err) < 0 || (w->code && approve_code(w, in, ret_unseen, err) < 0))
		return -1;
	add_consents(in, &w->erase);
	return store_intent_save(ctx->store, in, err);
}

static int note_approval(const struct op_context *ctx, const struct wish *w,
			 const struct intent *in, struct err *err)
{
	_cleanup_(freep) char *text = NULL;

	if (w->code &&
	    store_event_note(ctx->store, in->node, &in->mac, PHASE_CLAIM, EVENT_NOTE,
			     "the machine was approved by its code", ctx->now_ms, err) < 0)
		return -1;
	for (size_t i = 0; i < w->erase.n; i++) {
		free(text);
		text = xasprintf("erasing disk %s was approved", w->erase.v[i]);
		if (store_event_note(ctx->store, in->node, &in->mac, PHASE_CLAIM, EVENT_NOTE, text,
				     ctx->now_ms, err) < 0)
			return -1;
	}
	return 0;
}

int op_approve(const struct op_context *ctx, const json_t *args, json_t **ret, struct err *err)
{
	_cleanup_(wish_release) struct wish w = {0};
	_cleanup_(intent_release) struct intent in = {0};
	_cleanup_(freep) char *unknown = NULL;
	const struct node *n;
	bool unseen;

	if (read_wish(args, &w, err) < 0 || inventory_need(ctx->inventory, w.node, &n, err) < 0 ||
	    store_begin(ctx->store, err) < 0)
		return -1;
	if (approve(ctx, &w, &in, &unseen, err) < 0 || note_approval(ctx, &w, &in, err) < 0) {
		store_rollback(ctx->store);
		return -1;
	}
	if (store_commit(ctx->store, err) < 0)
		return -1;
	unknown = unverified(&w, &in);
	if (unseen && !unknown)
		unknown =
			xasprintf("more than %d machines ask for %s, so whether one of them shows "
				  "%s is not known: if the machine waits on, read its code again",
				  LIMIT_CODES, w.node, in.approved);
	*ret = reply_of(&in, unknown);
	return 0;
}
