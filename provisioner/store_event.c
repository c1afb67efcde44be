/* SPDX-License-Identifier: Apache-2.0 */
/* Events: appended, never changed; they move intents to written and done. */
#include "store_db.h"

static const struct sha256 no_plan;

static int insert(struct store *s, sqlite3_stmt *st, const struct event *e, int64_t received_ms,
		  struct err *err)
{
	db_bind_text(st, 1, e->node);
	db_bind_blob(st, 2, e->mac.b, sizeof(e->mac.b));
	db_bind_blob(st, 3, e->plan_id.b, sizeof(e->plan_id.b));
	db_bind_int(st, 4, (int64_t)(e->seq & INT64_MAX));
	db_bind_text(st, 5, e->phase == PHASE_INVALID ? NULL : phase_name(e->phase));
	db_bind_text(st, 6, event_state_name(e->state));
	db_bind_int(st, 7, e->percent);
	db_bind_text(st, 8, e->message);
	db_bind_int(st, 9, e->time_ms);
	db_bind_int(st, 10, received_ms);
	return db_run(s, st, err);
}

/* What a machine whose image runs in memory goes through. */
static bool is_of_memory(enum phase_name p)
{
	return p == PHASE_POOLS || p == PHASE_KUBERNETES || p == PHASE_JOIN;
}

static int plan_in_memory(struct store *s, const struct sha256 *plan_id, bool *ret, struct err *err)
{
	_cleanup_stmt_ sqlite3_stmt *st = NULL;
	int r;

	if (db_prepare(s, "SELECT 1 FROM intents WHERE plan_id = ?1 AND in_memory LIMIT 1", &st,
		       err) < 0)
		return -1;
	db_bind_blob(st, 1, plan_id->b, sizeof(plan_id->b));
	r = db_step(s, st, err);
	*ret = r == 1;
	return r < 0 ? -1 : 0;
}

/* That the disks are written, or the node is Ready, is believed of an installation that told its
 * way there: what such an event opens, the join secrets, is not had for one request. */
static int check_order(struct store *s, const struct event *e, bool in_memory, struct err *err)
{
	bool done[PHASE_MAX];
	uint64_t seq;

	if (store_plan_progress(s, &e->mac, &e->plan_id, done, &seq, err) < 0)
		return -1;
	for (int i = PHASE_PARTITION; i < (int)e->phase; i++)
		if (!done[i] && (!in_memory || is_of_memory((enum phase_name)i)))
			return err_set(err, ERR_REFUSED,
				       "node %s tells that `%s` is done, and never told that of "
				       "`%s`",
				       e->node, phase_name(e->phase),
				       phase_name((enum phase_name)i));
	return 0;
}

/* What an event says about its intent. */
static int follow(struct store *s, const struct event *e, int64_t received_ms, struct err *err)
{
	_cleanup_stmt_ sqlite3_stmt *st = NULL;
	bool in_memory;
	const char *sql;

	if (e->state != EVENT_DONE)
		return 0;
	if (e->phase == PHASE_REBOOT)
		sql = "UPDATE intents SET state = 'written', written_ms = ?1"
		      " WHERE plan_id = ?2 AND state = 'claimed' AND NOT in_memory";
	else if (e->phase == PHASE_READY)
		sql = "UPDATE intents SET state = 'done', done_ms = ?1"
		      " WHERE plan_id = ?2 AND (state = 'written'"
		      "  OR (state = 'claimed' AND in_memory))";
	else
		return 0;
	if (sha256_equal(&e->plan_id, &no_plan))
		return 0;
	if (plan_in_memory(s, &e->plan_id, &in_memory, err) < 0 ||
	    check_order(s, e, in_memory, err) < 0 || db_prepare(s, sql, &st, err) < 0)
		return -1;
	db_bind_int(st, 1, received_ms);
	db_bind_blob(st, 2, e->plan_id.b, sizeof(e->plan_id.b));
	store_touch_intent(s, e->node);
	return db_run(s, st, err);
}

static int append_all(struct store *s, const struct event *events, size_t n, int64_t received_ms,
		      struct err *err)
{
	_cleanup_stmt_ sqlite3_stmt *st = NULL;

	if (db_prepare(s,
		       "INSERT INTO events (node, mac, plan_id, seq, phase, state, percent,"
		       " message, time_ms, received_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
		       " ?9, ?10) ON CONFLICT (mac, plan_id, seq) DO NOTHING",
		       &st, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (insert(s, st, &events[i], received_ms, err) < 0 ||
		    follow(s, &events[i], received_ms, err) < 0)
			return -1;
	return 0;
}

int store_events_append(struct store *s, const struct event *events, size_t n, int64_t received_ms,
			struct err *err)
{
	if (store_begin(s, err) < 0)
		return -1;
	store_touch_events(s);
	if (append_all(s, events, n, received_ms, err) < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, err);
}

/* The seq for the next note of this MAC; *ret_same when the last one says the same. */
static int next_note(struct store *s, const struct event *e, bool *ret_same, uint64_t *ret_seq,
		     struct err *err)
{
	_cleanup_stmt_ sqlite3_stmt *st = NULL;
	int r;

	if (db_prepare(s,
		       "SELECT seq, phase IS ?3 AND state = ?4 AND message IS ?5 FROM events"
		       " WHERE mac = ?1 AND plan_id = ?2 ORDER BY seq DESC LIMIT 1",
		       &st, err) < 0)
		return -1;
	db_bind_blob(st, 1, e->mac.b, sizeof(e->mac.b));
	db_bind_blob(st, 2, e->plan_id.b, sizeof(e->plan_id.b));
	db_bind_text(st, 3, e->phase == PHASE_INVALID ? NULL : phase_name(e->phase));
	db_bind_text(st, 4, event_state_name(e->state));
	db_bind_text(st, 5, e->message);
	r = db_step(s, st, err);
	if (r < 0)
		return -1;
	*ret_seq = r ? (uint64_t)sqlite3_column_int64(st, 0) + 1 : 1;
	*ret_same = r && sqlite3_column_int(st, 1);
	return 0;
}

int store_event_note(struct store *s, const char *node, const struct mac *mac,
		     enum phase_name phase, enum event_state state, const char *message,
		     int64_t now_ms, struct err *err)
{
	_cleanup_(freep) char *node_copy = xstrdup(node), *message_copy = xstrdup(message);
	struct event e = {.node = node_copy,
			  .mac = *mac,
			  .phase = phase,
			  .state = state,
			  .message = message_copy,
			  .time_ms = now_ms};
	bool same = false;

	event_tidy_message(message_copy);
	if (store_begin(s, err) < 0)
		return -1;
	if (next_note(s, &e, &same, &e.seq, err) < 0 ||
	    (!same && store_events_append(s, &e, 1, now_ms, err) < 0)) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, err);
}

static bool read_event(sqlite3_stmt *st, struct event *e)
{
	const char *phase = (const char *)sqlite3_column_text(st, 5);
	const char *state = (const char *)sqlite3_column_text(st, 6);

	*e = (struct event){
		.id = sqlite3_column_int64(st, 0),
		.node = db_text(st, 1),
		.seq = (uint64_t)sqlite3_column_int64(st, 4),
		.phase = phase ? phase_parse(phase) : PHASE_INVALID,
		.state = state ? event_state_parse(state) : EVENT_INVALID,
		.percent = (uint8_t)sqlite3_column_int(st, 7),
		.message = db_text(st, 8),
		.time_ms = sqlite3_column_int64(st, 9),
		.received_ms = sqlite3_column_int64(st, 10),
	};
	return db_blob(st, 2, e->mac.b, sizeof(e->mac.b)) &&
	       db_blob(st, 3, e->plan_id.b, sizeof(e->plan_id.b)) && e->state != EVENT_INVALID;
}

static int each_event(struct store *s, sqlite3_stmt *st,
		      bool (*on_event)(const struct event *e, void *arg), void *arg,
		      struct err *err)
{
	bool more = true;
	int r;

	while (more && (r = db_step(s, st, err)) != 0) {
		_cleanup_(event_release) struct event e = {0};

		if (r < 0)
			return -1;
		if (!read_event(st, &e))
			return err_set(err, ERR_IO, "state.db: event %lld is damaged",
				       (long long)e.id);
		more = on_event(&e, arg);
	}
	return 0;
}

int store_events_each(struct store *s, const struct event_query *q,
		      bool (*on_event)(const struct event *e, void *arg), void *arg,
		      struct err *err)
{
	HOLD_STORE(s);
	_cleanup_stmt_ sqlite3_stmt *st = NULL;

	if (db_prepare(
		    s,
		    q->node ? "SELECT id, node, mac, plan_id, seq, phase, state, percent, message,"
			      " time_ms, received_ms FROM events WHERE id > ?1 AND node = ?2"
			      " ORDER BY id LIMIT ?3"
			    : "SELECT id, node, mac, plan_id, seq, phase, state, percent, message,"
			      " time_ms, received_ms FROM events WHERE id > ?1"
			      " ORDER BY id LIMIT ?3",
		    &st, err) < 0)
		return -1;
	db_bind_int(st, 1, q->after);
	if (q->node)
		db_bind_text(st, 2, q->node);
	db_bind_int(st, 3, q->limit ? (int64_t)q->limit : -1);
	return each_event(s, st, on_event, arg, err);
}

int store_current_events_each(struct store *s, const char *node,
			      bool (*on_event)(const struct event *e, void *arg), void *arg,
			      struct err *err)
{
	/* SQLite's bare-column rule: with max(id) the other columns come from that row */
	static const char sql[] =
		"WITH newest AS (SELECT node, plan_id, state,"
		"  CASE WHEN in_memory THEN claimed_ms ELSE 0 END AS since_ms,"
		"  CASE state WHEN 'done' THEN done_ms ELSE created_ms END AS noted_ms"
		"  FROM intents WHERE id IN " STORE_CURRENT_OF_1
		"  AND (state IN ('open', 'claimed', 'written') OR (state = 'done' AND in_memory)))"
		"SELECT max(e.id), e.node, e.mac, e.plan_id, e.seq, e.phase, e.state,"
		" e.percent, e.message, e.time_ms, e.received_ms"
		" FROM newest n JOIN events e ON e.node = n.node"
		" WHERE (e.plan_id = n.plan_id AND e.received_ms >= n.since_ms"
		"   AND n.state <> 'done')"
		"  OR (e.plan_id = zeroblob(32) AND e.received_ms >= n.noted_ms)"
		" GROUP BY e.node, e.plan_id, e.phase, e.state ORDER BY 1";
	HOLD_STORE(s);
	_cleanup_stmt_ sqlite3_stmt *st = NULL;

	if (db_prepare(s, sql, &st, err) < 0)
		return -1;
	db_bind_text(st, 1, node);
	return each_event(s, st, on_event, arg, err);
}

int store_events_last(struct store *s, int64_t *ret_id, struct err *err)
{
	HOLD_STORE(s);
	_cleanup_stmt_ sqlite3_stmt *st = NULL;

	if (db_prepare(s, "SELECT coalesce(max(id), 0) FROM events", &st, err) < 0 ||
	    db_step(s, st, err) < 0)
		return -1;
	*ret_id = sqlite3_column_int64(st, 0);
	return 0;
}

int store_plan_progress(struct store *s, const struct mac *mac, const struct sha256 *plan_id,
			bool ret_done[PHASE_MAX], uint64_t *ret_seq, struct err *err)
{
	HOLD_STORE(s);
	_cleanup_stmt_ sqlite3_stmt *done = NULL, *seq = NULL;
	int r;

	for (int i = 0; i < PHASE_MAX; i++)
		ret_done[i] = false;
	if (db_prepare(s,
		       "SELECT DISTINCT phase FROM events WHERE plan_id = ?1 AND state = 'done'"
		       " AND phase IS NOT NULL AND mac = ?2",
		       &done, err) < 0 ||
	    db_prepare(s,
		       "SELECT coalesce(max(seq), 0) FROM events WHERE mac = ?2 AND plan_id = ?1",
		       &seq, err) < 0)
		return -1;
	db_bind_blob(done, 1, plan_id->b, sizeof(plan_id->b));
	db_bind_blob(done, 2, mac->b, sizeof(mac->b));
	while ((r = db_step(s, done, err)) > 0) {
		enum phase_name p = phase_parse((const char *)sqlite3_column_text(done, 0));

		if (p != PHASE_INVALID)
			ret_done[p] = true;
	}
	if (r < 0)
		return -1;
	db_bind_blob(seq, 1, plan_id->b, sizeof(plan_id->b));
	db_bind_blob(seq, 2, mac->b, sizeof(mac->b));
	if (db_step(s, seq, err) < 0)
		return -1;
	*ret_seq = (uint64_t)sqlite3_column_int64(seq, 0);
	return 0;
}
