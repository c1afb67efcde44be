/* SPDX-License-Identifier: Apache-2.0 */
#include "store_db.h"

#include <string.h>

struct store *store_hold(struct store *s)
{
	if (pthread_mutex_lock(&s->mutex))
		BUG("the store's lock is broken");
	return s;
}

void store_letgop(struct store **s)
{
	if (*s && pthread_mutex_unlock(&(*s)->mutex))
		BUG("the store's lock is not held");
}

int db_error(struct store *s, const char *doing, struct err *err)
{
	int code = sqlite3_extended_errcode(s->db);

	if ((code & 0xff) == SQLITE_FULL)
		return err_set(err, ERR_IO,
			       "state.db: %s: the disk is full; free space there, nothing "
			       "acknowledged is lost",
			       doing);
	return err_set(err, ERR_IO, "state.db: %s: %s", doing, sqlite3_errmsg(s->db));
}

int db_exec(struct store *s, const char *sql, struct err *err)
{
	return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK
		       ? 0
		       : db_error(s, "cannot execute", err);
}

int db_prepare(struct store *s, const char *sql, sqlite3_stmt **ret, struct err *err)
{
	return sqlite3_prepare_v2(s->db, sql, -1, ret, NULL) == SQLITE_OK
		       ? 0
		       : db_error(s, "cannot prepare", err);
}

int db_step(struct store *s, sqlite3_stmt *st, struct err *err)
{
	switch (sqlite3_step(st)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return db_error(s, "cannot read or write", err);
	}
}

int db_run(struct store *s, sqlite3_stmt *st, struct err *err)
{
	int r;

	while ((r = db_step(s, st, err)) > 0)
		;
	sqlite3_reset(st);
	return r;
}

static void bound(int code)
{
	if (code != SQLITE_OK)
		BUG(sqlite3_errstr(code));
}

void db_bind_text(sqlite3_stmt *st, int i, const char *text)
{
	bound(text ? sqlite3_bind_text(st, i, text, -1, SQLITE_TRANSIENT)
		   : sqlite3_bind_null(st, i));
}

void db_bind_blob(sqlite3_stmt *st, int i, const void *p, size_t n)
{
	bound(sqlite3_bind_blob64(st, i, p, n, SQLITE_TRANSIENT));
}

void db_bind_int(sqlite3_stmt *st, int i, int64_t v)
{
	bound(sqlite3_bind_int64(st, i, v));
}

char *db_text(sqlite3_stmt *st, int column)
{
	const unsigned char *text = sqlite3_column_text(st, column);

	return text ? xstrdup((const char *)text) : NULL;
}

bool db_blob(sqlite3_stmt *st, int column, void *p, size_t n)
{
	const void *blob = sqlite3_column_blob(st, column);

	if (!blob || (size_t)sqlite3_column_bytes(st, column) != n)
		return false;
	memcpy(p, blob, n);
	return true;
}
