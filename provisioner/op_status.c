/* SPDX-License-Identifier: Apache-2.0 */
/* What the store knows: status of all nodes, events, the frozen plan. */
#include "op_run.h"

#include <string.h>

#include "limits.h"
#include "plan_facts.h"
#include "status.h"

/* What a node's frozen plan was made from. */
struct claim {
	bool made;
	struct sha256 basis;
};

/* All nodes, sorted by name, so that intents and events find theirs. */
struct fold {
	const struct op_context *ctx;
	const char *only;
	struct node_status *s;
	size_t n;
	struct claim *claims; /* beside inventory->nodes, same order */
};

static void fold_release(struct fold *f)
{
	for (size_t i = 0; i < f->n; i++)
		status_release(&f->s[i]);
	free(f->s);
	free(f->claims);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct node_status *)a)->name, ((const struct node_status *)b)->name);
}

static struct node_status *fold_find(struct fold *f, const char *name, size_t n)
{
	_cleanup_(freep) char *copy = xstrdup(name);
	const struct node_status key = {.name = copy};

	return n ? bsearch(&key, f->s, n, sizeof(*f->s), by_name) : NULL;
}

static bool on_intent(const struct intent *in, void *arg)
{
	struct fold *f = arg;
	struct node_status *s = fold_find(f, in->node, f->ctx->inventory->n_nodes);

	if (s) {
		f->claims[s - f->s] =
			(struct claim){in->claimed_ms && in->state != INTENT_CANCELLED, in->basis};
	} else {
		/* its record is gone: worth a line only while something goes on */
		if (!intent_is_live(in, f->ctx->now_ms) && in->state != INTENT_DONE)
			return true;
		s = ARRAY_APPEND(f->s, f->n);
		status_init_undeclared(s, in);
	}
	status_apply_intent(s, in, f->ctx->now_ms);
	return true;
}

static void fold_drift(struct fold *f)
{
	const struct inventory *inv = f->ctx->inventory;

	for (size_t i = 0; f->ctx->drifts && i < inv->n_nodes; i++)
		if (f->claims[i].made)
			fold_find(f, inv->nodes[i].name, f->n)->drift =
				f->ctx->drifts(f->ctx->arg, &inv->nodes[i], &f->claims[i].basis);
}

static bool on_event(const struct event *e, void *arg)
{
	struct fold *f = arg;
	struct node_status *s = fold_find(f, e->node, f->n);

	if (s)
		status_apply_event(s, e);
	return true;
}

static int fold_all(struct fold *f, struct err *err)
{
	const struct inventory *inv = f->ctx->inventory;

	f->s = xcalloc(inv->n_nodes + 1, sizeof(*f->s));
	f->claims = xcalloc(inv->n_nodes + 1, sizeof(*f->claims));
	for (size_t i = 0; i < inv->n_nodes; i++)
		status_init(&f->s[f->n++], &inv->nodes[i]);
	if (store_intents_each(f->ctx->store, f->only, on_intent, f, err) < 0)
		return -1;
	qsort(f->s, f->n, sizeof(*f->s), by_name);
	if (store_current_events_each(f->ctx->store, f->only, on_event, f, err) < 0)
		return -1;
	fold_drift(f);
	return 0;
}

static bool add_unknown(const struct unknown_machine *m, void *arg)
{
	char mac[MAC_TEXT_SIZE], ip[IPV4_TEXT_SIZE];
	json_t *j = json_object();

	jsonx_put_string(j, "mac", mac_format(&m->mac, mac));
	jsonx_put_string(j, "arch", m->arch);
	jsonx_put_string(j, "uuid", m->uuid);
	jsonx_put_string(j, "serial", m->serial);
	if (m->ip.a)
		jsonx_put_string(j, "address", ipv4_format(m->ip, ip));
	json_object_set_new(j, "first", json_integer(m->first_ms));
	json_object_set_new(j, "last", json_integer(m->last_ms));
	json_array_append_new(arg, j);
	return true;
}

static int read_node(const json_t *args, char **ret_node, struct err *err)
{
	struct jsonx_reader r;

	jsonx_begin(&r, args, "$", err);
	jsonx_opt_string(&r, "node", ret_node);
	return jsonx_done(&r);
}

int op_status(const struct op_context *ctx, const json_t *args, json_t **ret, struct err *err)
{
	_cleanup_(freep) char *node = NULL;
	_cleanup_json_ json_t *reply = json_object();
	_cleanup_(fold_release) struct fold f = {.ctx = ctx};
	json_t *nodes = json_array(), *unknown = json_array();
	const struct node *wanted;
	int64_t last;

	json_object_set_new(reply, "nodes", nodes);
	json_object_set_new(reply, "unknown", unknown);
	if (read_node(args, &node, err) < 0)
		return -1;
	if (ctx->flush)
		ctx->flush(ctx->arg);
	f.only = node;
	/* the last event first: what comes meanwhile is asked for again, never missed */
	if (store_events_last(ctx->store, &last, err) < 0 || fold_all(&f, err) < 0)
		return -1;
	for (size_t i = 0; i < f.n; i++)
		if (!node || streq(node, f.s[i].name))
			json_array_append_new(nodes, status_to_json(&f.s[i]));
	if (node && json_array_size(nodes) == 0)
		return inventory_need(ctx->inventory, node, &wanted, err);
	if (!node && store_unknown_each(ctx->store, add_unknown, unknown, err) < 0)
		return -1;
	jsonx_put_string(reply, "cluster", ctx->inventory->cluster.name);
	json_object_set_new(reply, "daemon", json_boolean(ctx->daemon));
	jsonx_put_string(reply, "configProblem", ctx->config_problem);
	if (ctx->held && ctx->held->n)
		jsonx_put_strv(reply, "waitsForRestart", ctx->held);
	json_object_set_new(reply, "time", json_integer(ctx->now_ms));
	json_object_set_new(reply, "last", json_integer(last));
	*ret = json_incref(reply);
	return 0;
}

struct events_reply {
	json_t *events;
	int64_t last;
	size_t bytes; /* of their messages */
};

/* More than fits into one answer; the caller asks again after `last`. A byte of a message may take
 * six in JSON, and the control socket carries 64 MiB. */
#define EVENTS_AT_ONCE 1000
#define EVENTS_BYTES   ((size_t)8 * 1024 * 1024)

static bool add_event(const struct event *e, void *arg)
{
	struct events_reply *r = arg;

	json_array_append_new(r->events, event_to_json(e));
	r->last = e->id;
	r->bytes += e->message ? strlen(e->message) : 0;
	return r->bytes < EVENTS_BYTES;
}

/* A name that neither a file nor the store knows is a slip; removed nodes keep their history. */
static int check_known(const struct op_context *ctx, const char *node, struct err *err)
{
	_cleanup_(intent_release) struct intent in = {0};
	const struct node *n;
	struct err why = ERR_INIT;

	if (inventory_by_name(ctx->inventory, node) ||
	    store_intent_of_node(ctx->store, node, &in, &why) == 0)
		return 0;
	if (why.kind != ERR_NOT_FOUND) {
		err_move(err, &why);
		return -1;
	}
	err_release(&why);
	return inventory_need(ctx->inventory, node, &n, err);
}

int op_events(const struct op_context *ctx, const json_t *args, json_t **ret, struct err *err)
{
	_cleanup_(freep) char *node = NULL;
	struct events_reply reply = {0};
	uint64_t after = 0, limit = EVENTS_AT_ONCE, wait = 0;
	struct event_query q = {0};
	struct jsonx_reader r;

	jsonx_begin(&r, args, "$", err);
	jsonx_opt_string(&r, "node", &node);
	jsonx_opt_u64(&r, "after", INT64_MAX, &after);
	jsonx_opt_u64(&r, "limit", EVENTS_AT_ONCE, &limit);
	jsonx_opt_u64(&r, "wait", 3600, &wait); /* the control socket's business */
	if (jsonx_done(&r) < 0)
		return -1;
	q = (struct event_query){.node = node, .after = (int64_t)after, .limit = limit};
	reply.last = (int64_t)after;
	reply.events = json_array();
	if (store_events_each(ctx->store, &q, add_event, &reply, err) < 0) {
		json_decref(reply.events);
		return -1;
	}
	if (node && json_array_size(reply.events) == 0 && check_known(ctx, node, err) < 0) {
		json_decref(reply.events);
		return -1;
	}
	*ret = json_object();
	json_object_set_new(*ret, "events", reply.events);
	json_object_set_new(*ret, "last", json_integer(reply.last));
	return 0;
}

/* What a claim would find now. */
static int reply_facts(const struct op_context *ctx, const char *node, const struct intent *in,
		       json_t **ret, struct err *err)
{
	const struct node *n = NULL;
	struct plan_facts facts = {0};

	if (inventory_need(ctx->inventory, node, &n, err) < 0 ||
	    plan_facts_read(ctx->store, n, in, &facts, err) < 0)
		return -1;
	*ret = json_object();
	json_object_set_new(*ret, "facts", plan_facts_to_json(&facts));
	return 0;
}

int op_plan(const struct op_context *ctx, const json_t *args, json_t **ret, struct err *err)
{
	_cleanup_(intent_release) struct intent in = {0};
	_cleanup_(freep) char *node = NULL;
	char id[SHA256_TEXT_SIZE];
	json_t *plan;

	if (read_node(args, &node, err) < 0)
		return -1;
	if (!node)
		return err_set(err, ERR_USAGE, "$.node is missing");
	if (store_intent_of_node(ctx->store, node, &in, err) < 0) {
		if (err->kind != ERR_NOT_FOUND)
			return -1;
		err_release(err);
		return reply_facts(ctx, node, NULL, ret, err);
	}
	if (!in.plan)
		return reply_facts(ctx, node, &in, ret, err);
	if (jsonx_parse(in.plan, strlen(in.plan), "the frozen plan", &plan, err) < 0)
		return -1;
	*ret = json_object();
	json_object_set_new(*ret, "plan", plan);
	jsonx_put_string(*ret, "planId", sha256_format(&in.plan_id, id));
	jsonx_put_string(*ret, "state", intent_state_name(in.state));
	return 0;
}
