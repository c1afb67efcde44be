/* SPDX-License-Identifier: Apache-2.0 */
/* Intents, and what can be known from the plans that they froze. */
#include "store_db.h"

#include <string.h>

#define COLUMNS                                                                                    \
	"id, node, mac, kind, state, created_ms, expires_ms, claimed_ms, written_ms, done_ms,"     \
	" consents, confirm, codes, approved, key, hardware, plan_id, plan, control_plane,"        \
	" secret_out, token_id, basis, makes_cluster, in_memory"
#define COLUMNS_WITHOUT_PLAN                                                                       \
	"id, node, mac, kind, state, created_ms, expires_ms, claimed_ms, written_ms, done_ms,"     \
	" consents, confirm, codes, approved, key, hardware, plan_id, NULL, control_plane,"        \
	" secret_out, token_id, basis, makes_cluster, in_memory"

static char *list_text(const struct strv *list)
{
	_cleanup_json_ json_t *j = json_array();

	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(j, json_string(list->v[i]));
	return jsonx_canonical(j);
}

static void bind_intent(sqlite3_stmt *st, const struct intent *in)
{
	_cleanup_json_ json_t *hardware = hardware_to_json(&in->hardware);
	_cleanup_(freep) char *consents_text = list_text(&in->consents),
			      *codes_text = list_text(&in->codes),
			      *hardware_text = jsonx_canonical(hardware);

	db_bind_text(st, 2, in->node);
	db_bind_blob(st, 3, in->mac.b, sizeof(in->mac.b));
	db_bind_text(st, 4, intent_kind_name(in->kind));
	db_bind_text(st, 5, intent_state_name(in->state));
	db_bind_int(st, 6, in->created_ms);
	db_bind_int(st, 7, in->expires_ms);
	db_bind_int(st, 8, in->claimed_ms);
	db_bind_int(st, 9, in->written_ms);
	db_bind_int(st, 10, in->done_ms);
	db_bind_text(st, 11, consents_text);
	db_bind_int(st, 12, in->confirm);
	db_bind_text(st, 13, codes_text);
	db_bind_text(st, 14, in->approved);
	if (in->has_key)
		db_bind_blob(st, 15, in->key, sizeof(in->key));
	else
		db_bind_text(st, 15, NULL);
	db_bind_text(st, 16, hardware_text);
	db_bind_blob(st, 17, in->plan_id.b, sizeof(in->plan_id.b));
	db_bind_text(st, 18, in->plan);
	db_bind_int(st, 19, in->control_plane);
	db_bind_int(st, 20, in->secret_out);
	db_bind_text(st, 21, in->token_id);
	db_bind_blob(st, 22, in->basis.b, sizeof(in->basis.b));
	db_bind_int(st, 23, in->makes_cluster);
	db_bind_int(st, 24, in->in_memory);
}

static int read_list(const char *text, struct strv *ret, struct err *err)
{
	_cleanup_json_ json_t *j = NULL;
	json_t *item;
	size_t i;

	if (jsonx_parse(text, strlen(text), "a list", &j, err) < 0)
		return -1;
	json_array_foreach (j, i, item)
		if (json_is_string(item))
			strv_add(ret, json_string_value(item));
	return 0;
}

static int read_hardware(const char *text, struct hardware *ret, struct err *err)
{
	_cleanup_json_ json_t *j = NULL;

	return jsonx_parse(text, strlen(text), "hardware", &j, err) < 0
		       ? -1
		       : hardware_from_json(j, "$", ret, err);
}

static int read_intent(sqlite3_stmt *st, struct intent *ret, struct err *err)
{
	_cleanup_(intent_release) struct intent in = {
		.id = sqlite3_column_int64(st, 0),
		.node = db_text(st, 1),
		.kind = intent_kind_parse((const char *)sqlite3_column_text(st, 3)),
		.state = intent_state_parse((const char *)sqlite3_column_text(st, 4)),
		.created_ms = sqlite3_column_int64(st, 5),
		.expires_ms = sqlite3_column_int64(st, 6),
		.claimed_ms = sqlite3_column_int64(st, 7),
		.written_ms = sqlite3_column_int64(st, 8),
		.done_ms = sqlite3_column_int64(st, 9),
		.confirm = sqlite3_column_int(st, 11),
		.approved = db_text(st, 13),
		.plan = db_text(st, 17),
		.control_plane = sqlite3_column_int(st, 18),
		.secret_out = sqlite3_column_int(st, 19),
		.token_id = db_text(st, 20),
		.makes_cluster = sqlite3_column_int(st, 22),
		.in_memory = sqlite3_column_int(st, 23),
	};
	_cleanup_(freep) char *consents = db_text(st, 10), *codes = db_text(st, 12),
			      *hardware = db_text(st, 15);

	in.has_key = db_blob(st, 14, in.key, sizeof(in.key));
	if (!db_blob(st, 2, in.mac.b, sizeof(in.mac.b)) ||
	    !db_blob(st, 16, in.plan_id.b, sizeof(in.plan_id.b)) ||
	    !db_blob(st, 21, in.basis.b, sizeof(in.basis.b)) || in.kind == INTENT_KIND_INVALID ||
	    in.state == INTENT_INVALID || !consents || !codes || !hardware ||
	    read_list(consents, &in.consents, err) < 0 || read_list(codes, &in.codes, err) < 0 ||
	    read_hardware(hardware, &in.hardware, err) < 0)
		return err_set(err, ERR_IO, "state.db: intent %lld is damaged", (long long)in.id);
	*ret = in;
	in = (struct intent){0};
	return 0;
}

/* One row at most; not_found is its sentence when there is none. */
static int read_one(struct store *s, sqlite3_stmt *st, const char *not_found, struct intent *ret,
		    struct err *err)
{
	int r = db_step(s, st, err);

	if (r < 0)
		return -1;
	return r ? read_intent(st, ret, err) : err_set(err, ERR_NOT_FOUND, "%s", not_found);
}

static int write_intent(struct store *s, const char *sql, const struct intent *in, struct err *err)
{
	_cleanup_stmt_ sqlite3_stmt *st = NULL;

	if (db_prepare(s, sql, &st, err) < 0)
		return -1;
	if (in->id)
		db_bind_int(st, 1, in->id);
	bind_intent(st, in);
	if (db_run(s, st, err) == 0)
		return 0;
	if (sqlite3_extended_errcode(s->db) == SQLITE_CONSTRAINT_UNIQUE)
		return err_set(err, ERR_REFUSED,
			       "node %s is being installed already (provision status %s); "
			       "`provision reinstall %s` starts again",
			       in->node, in->node, in->node);
	return -1;
}

static int write_in_transaction(struct store *s, const char *sql, const struct intent *in,
				int64_t *ret_id, struct err *err)
{
	if (store_begin(s, err) < 0)
		return -1;
	store_touch_intent(s, in->node);
	if (write_intent(s, sql, in, err) < 0) {
		store_rollback(s);
		return -1;
	}
	*ret_id = sqlite3_last_insert_rowid(s->db);
	return store_commit(s, err);
}

int store_intent_add(struct store *s, struct intent *in, struct err *err)
{
	int64_t id = 0;

	in->id = 0;
	if (write_in_transaction(s,
				 "INSERT INTO intents (" COLUMNS ") VALUES (?1, ?2, ?3, ?4, ?5,"
				 " ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
				 " ?19, ?20, ?21, ?22, ?23, ?24)",
				 in, &id, err) < 0)
		return -1;
	in->id = id;
	return 0;
}

int store_intent_save(struct store *s, const struct intent *in, struct err *err)
{
	int64_t id;

	if (!in->id)
		BUG("an intent is saved that was never added");
	return write_in_transaction(s,
				    "UPDATE intents SET (" COLUMNS ") = (?1, ?2, ?3, ?4, ?5, ?6,"
				    " ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18,"
				    " ?19, ?20, ?21, ?22, ?23, ?24) WHERE id = ?1",
				    in, &id, err);
}

int store_intent_of_node(struct store *s, const char *node, struct intent *ret, struct err *err)
{
	HOLD_STORE(s);
	_cleanup_stmt_ sqlite3_stmt *st = NULL;

	if (db_prepare(s,
		       "SELECT " COLUMNS " FROM intents WHERE id IN " STORE_CURRENT("i.node = ?1"),
		       &st, err) < 0)
		return -1;
	db_bind_text(st, 1, node);
	return read_one(s, st, "nobody asked for an installation of this node", ret, err);
}

static int read_by_blob(struct store *s, const char *sql, const void *blob, size_t n,
			const char *not_found, struct intent *ret, struct err *err)
{
	_cleanup_stmt_ sqlite3_stmt *st = NULL;

	if (db_prepare(s, sql, &st, err) < 0)
		return -1;
	db_bind_blob(st, 1, blob, n);
	return read_one(s, st, not_found, ret, err);
}

int store_intent_by_key(struct store *s, const uint8_t key[ED25519_KEY_SIZE], struct intent *ret,
			struct err *err)
{
	HOLD_STORE(s);

	return read_by_blob(s,
			    "SELECT " COLUMNS " FROM intents WHERE key = ?1"
			    " ORDER BY id DESC LIMIT 1",
			    key, ED25519_KEY_SIZE, "no installation was claimed with this key", ret,
			    err);
}

int store_intent_by_plan(struct store *s, const struct sha256 *plan_id, struct intent *ret,
			 struct err *err)
{
	HOLD_STORE(s);

	return read_by_blob(s,
			    "SELECT " COLUMNS " FROM intents WHERE plan_id = ?1"
			    " ORDER BY id DESC LIMIT 1",
			    plan_id->b, sizeof(plan_id->b), "no installation has this plan", ret,
			    err);
}

int store_intents_each(struct store *s, const char *node,
		       bool (*on_intent)(const struct intent *in, void *arg), void *arg,
		       struct err *err)
{
	HOLD_STORE(s);
	_cleanup_stmt_ sqlite3_stmt *st = NULL;
	bool more = true;
	int r;

	if (db_prepare(s,
		       "SELECT " COLUMNS_WITHOUT_PLAN " FROM intents"
		       " WHERE id IN " STORE_CURRENT_OF_1 " ORDER BY node",
		       &st, err) < 0)
		return -1;
	db_bind_text(st, 1, node);
	while (more && (r = db_step(s, st, err)) != 0) {
		_cleanup_(intent_release) struct intent in = {0};

		if (r < 0 || read_intent(st, &in, err) < 0)
			return -1;
		more = on_intent(&in, arg);
	}
	return 0;
}

int store_intents_expire(struct store *s, int64_t now_ms, struct err *err)
{
	_cleanup_stmt_ sqlite3_stmt *st = NULL;

	if (store_begin(s, err) < 0)
		return -1;
	if (db_prepare(s,
		       "UPDATE intents SET state = 'expired'"
		       " WHERE state = 'open' AND expires_ms <= ?1",
		       &st, err) < 0) {
		store_rollback(s);
		return -1;
	}
	db_bind_int(st, 1, now_ms);
	if (db_run(s, st, err) < 0) {
		store_rollback(s);
		return -1;
	}
	if (sqlite3_changes(s->db) > 0)
		store_touch_intent(s, NULL);
	return store_commit(s, err);
}

int store_node_removed(struct store *s, const char *node, struct err *err)
{
	HOLD_STORE(s);
	_cleanup_stmt_ sqlite3_stmt *st = NULL;

	if (db_prepare(s, "UPDATE intents SET removed = 1 WHERE node = ?1", &st, err) < 0)
		return -1;
	db_bind_text(st, 1, node);
	return db_run(s, st, err);
}

/* The first row of a question about one node (or NULL): 1, 0 when there is none, or -1. */
static int ask_of_node(struct store *s, const char *sql, const char *node, sqlite3_stmt **ret,
		       struct err *err)
{
	if (db_prepare(s, sql, ret, err) < 0)
		return -1;
	db_bind_text(*ret, 1, node);
	return db_step(s, *ret, err);
}

int store_cluster_initialised(struct store *s, const char *except, bool *ret, struct err *err)
{
	HOLD_STORE(s);
	_cleanup_stmt_ sqlite3_stmt *st = NULL;
	int r = ask_of_node(s,
			    "SELECT 1 FROM intents WHERE control_plane AND done_ms > 0"
			    " AND NOT removed AND node IS NOT ?1 LIMIT 1",
			    except, &st, err);

	if (r < 0)
		return -1;
	*ret = r == 1;
	return 0;
}

int store_node_holds_cluster(struct store *s, const char *node, bool *ret, struct err *err)
{
	HOLD_STORE(s);
	_cleanup_stmt_ sqlite3_stmt *st = NULL;
	int r = ask_of_node(s,
			    "SELECT control_plane FROM intents WHERE node = ?1"
			    " AND (done_ms > 0 OR secret_out)"
			    " ORDER BY id DESC LIMIT 1",
			    node, &st, err);

	if (r < 0)
		return -1;
	*ret = r == 1 && sqlite3_column_int(st, 0);
	return 0;
}

int store_cluster_maker(struct store *s, const char *except, char **ret_node, struct err *err)
{
	HOLD_STORE(s);
	_cleanup_stmt_ sqlite3_stmt *st = NULL;
	int r = ask_of_node(s,
			    "SELECT node FROM intents WHERE makes_cluster AND node IS NOT ?1"
			    " AND state IN ('claimed', 'written') LIMIT 1",
			    except, &st, err);

	if (r < 0)
		return -1;
	*ret_node = r ? db_text(st, 0) : NULL;
	return 0;
}

int store_plan_history(struct store *s, const char *node, struct store_plan **ret, size_t *ret_n,
		       struct err *err)
{
	HOLD_STORE(s);
	_cleanup_stmt_ sqlite3_stmt *st = NULL;
	struct store_plan *plans = NULL;
	size_t n = 0;
	int r;

	if (db_prepare(s,
		       "SELECT i.plan_id, i.plan, EXISTS (SELECT 1 FROM events p"
		       "  WHERE p.plan_id = i.plan_id AND p.phase = 'pools' AND p.state = 'done')"
		       " FROM intents i WHERE i.node = ?1"
		       " AND i.plan IS NOT NULL AND EXISTS (SELECT 1 FROM events e"
		       "  WHERE e.plan_id = i.plan_id AND e.phase IN ('partition', 'pools'))"
		       " ORDER BY i.id DESC",
		       &st, err) < 0)
		return -1;
	db_bind_text(st, 1, node);
	while ((r = db_step(s, st, err)) > 0) {
		struct store_plan *p = ARRAY_APPEND(plans, n);

		if (!db_blob(st, 0, p->id.b, sizeof(p->id.b)))
			r = err_set(err, ERR_IO, "state.db: the plan history of %s is damaged",
				    node);
		p->json = db_text(st, 1);
		p->made_pools = sqlite3_column_int(st, 2);
		if (r < 0)
			break;
	}
	if (r < 0) {
		for (size_t i = 0; i < n; i++)
			free(plans[i].json);
		free(plans);
		return -1;
	}
	*ret = plans;
	*ret_n = n;
	return 0;
}
