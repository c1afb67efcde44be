/* SPDX-License-Identifier: Apache-2.0 */
/* DHCP leases: written in groups, so that many ACKs share one fsync. */
#include "store_db.h"

static int put_one(struct store *s, sqlite3_stmt *clear, sqlite3_stmt *put,
		   const struct store_lease *l, struct err *err)
{
	db_bind_blob(clear, 1, l->mac.b, sizeof(l->mac.b));
	db_bind_int(clear, 2, l->expires_s ? (int64_t)l->ip.a : -1);
	if (db_run(s, clear, err) < 0)
		return -1;
	if (!l->expires_s)
		return 0;
	db_bind_blob(put, 1, l->mac.b, sizeof(l->mac.b));
	db_bind_int(put, 2, l->ip.a);
	db_bind_int(put, 3, l->expires_s);
	db_bind_text(put, 4, l->hostname);
	return db_run(s, put, err);
}

static int put_all(struct store *s, const struct store_lease *leases, size_t n, struct err *err)
{
	_cleanup_stmt_ sqlite3_stmt *clear = NULL, *put = NULL;

	if (db_prepare(s, "DELETE FROM leases WHERE mac = ?1 OR ip = ?2", &clear, err) < 0 ||
	    db_prepare(s, "INSERT INTO leases VALUES (?1, ?2, ?3, ?4)", &put, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (put_one(s, clear, put, &leases[i], err) < 0)
			return -1;
	return 0;
}

int store_leases_put(struct store *s, const struct store_lease *leases, size_t n, struct err *err)
{
	if (n == 0)
		return 0;
	if (store_begin(s, err) < 0)
		return -1;
	if (put_all(s, leases, n, err) < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, err);
}

int store_leases_each(struct store *s, bool (*on_lease)(const struct store_lease *l, void *arg),
		      void *arg, struct err *err)
{
	HOLD_STORE(s);
	_cleanup_stmt_ sqlite3_stmt *st = NULL;
	bool more = true;
	int r;

	if (db_prepare(s, "SELECT mac, ip, expires_s, hostname FROM leases ORDER BY ip", &st, err) <
	    0)
		return -1;
	while (more && (r = db_step(s, st, err)) != 0) {
		_cleanup_(freep) char *hostname = NULL;
		struct store_lease l = {0};

		if (r < 0)
			return -1;
		hostname = db_text(st, 3);
		l.ip.a = (uint32_t)sqlite3_column_int64(st, 1);
		l.expires_s = sqlite3_column_int64(st, 2);
		l.hostname = hostname;
		if (!db_blob(st, 0, l.mac.b, sizeof(l.mac.b)))
			return err_set(err, ERR_IO, "state.db: a lease is damaged");
		more = on_lease(&l, arg);
	}
	return 0;
}
