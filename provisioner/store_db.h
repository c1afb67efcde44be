/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the store share; nobody else includes it. */
#ifndef PROVISION_STORE_DB_H
#define PROVISION_STORE_DB_H

#include <pthread.h>
#include <sqlite3.h>

#include "store.h"

struct store {
	sqlite3 *db;
	pthread_mutex_t mutex; /* recursive: begin holds it until commit */
	unsigned int depth;    /* of begin */
	bool failed;           /* an inner part was rolled back: the whole will be */
	/* to be told by changed() after the commit */
	bool touched;         /* events were added or intents changed */
	bool touched_intents; /* an intent changed: */
	bool touched_many;    /* several nodes' */
	char *touched_node;   /* or this one's */
	int lock_fd;
	bool as_owner; /* the process is root, being the directory's owner for now */
	void (*changed)(void *arg, bool intents, const char *node);
	void *changed_arg;
};

/* Takes the store for this thread; give it back with the _cleanup_ handler. */
struct store *store_hold(struct store *s);
void store_letgop(struct store **s);
#define HOLD_STORE(s)                                                                              \
	_cleanup_(store_letgop) __attribute__((unused)) struct store *held_ = store_hold(s)

static inline void stmt_finalizep(sqlite3_stmt **st)
{
	sqlite3_finalize(*st);
}
#define _cleanup_stmt_ _cleanup_(stmt_finalizep)

/* The ids of the intents that count for the nodes that `which` (SQL about i) says: the newest; but
 * a machine in memory goes on by the last one that it was Ready with when all newer ones were taken
 * back. */
#define STORE_CURRENT(which)                                                                       \
	"(SELECT coalesce((SELECT s.id FROM intents s WHERE s.id = (SELECT max(k.id) FROM intents" \
	"   k WHERE k.node = i.node AND k.state NOT IN ('cancelled', 'expired'))"                  \
	"  AND s.in_memory AND s.done_ms > 0 AND NOT s.removed), max(i.id))"                       \
	" FROM intents i WHERE " which " GROUP BY i.node)"
/* Of the node ?1, or of all when that is NULL. */
#define STORE_CURRENT_OF_1 STORE_CURRENT("?1 IS NULL OR i.node = ?1")

/* Remembers what changed() tells at the commit. node NULL: several. */
void store_touch_events(struct store *s);
void store_touch_intent(struct store *s, const char *node);

/* ERR_IO with SQLite's own words. */
int db_error(struct store *s, const char *doing, struct err *err);
int db_exec(struct store *s, const char *sql, struct err *err) _must_check_;
int db_prepare(struct store *s, const char *sql, sqlite3_stmt **ret, struct err *err) _must_check_;
/* 1: a row; 0: no more; -1. */
int db_step(struct store *s, sqlite3_stmt *st, struct err *err) _must_check_;
/* Runs to the end, for what gives no rows, and resets it for the next set of values. */
int db_run(struct store *s, sqlite3_stmt *st, struct err *err) _must_check_;
/* Binding cannot fail but by a wrong index or a lack of memory: both abort. text may be NULL. */
void db_bind_text(sqlite3_stmt *st, int i, const char *text);
void db_bind_blob(sqlite3_stmt *st, int i, const void *p, size_t n);
void db_bind_int(sqlite3_stmt *st, int i, int64_t v);
/* A copy, or NULL for NULL. */
char *db_text(sqlite3_stmt *st, int column);
/* Copies exactly n bytes; false when the column has another size. */
bool db_blob(sqlite3_stmt *st, int column, void *p, size_t n);

#endif
