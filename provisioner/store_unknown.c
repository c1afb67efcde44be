/* SPDX-License-Identifier: Apache-2.0 */
/* Machines that asked and that no record names. */
#include "store_db.h"

#include "limits.h"

static int put_all(struct store *s, const struct unknown_machine *m, size_t n, struct err *err)
{
	_cleanup_stmt_ sqlite3_stmt *put = NULL, *trim = NULL;

	if (db_prepare(s,
		       "INSERT INTO unknown VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
		       " ON CONFLICT (mac) DO UPDATE SET arch = coalesce(?2, arch),"
		       " uuid = coalesce(?3, uuid), serial = coalesce(?4, serial),"
		       " ip = CASE WHEN ?5 THEN ?5 ELSE ip END, last_ms = max(last_ms, ?7)",
		       &put, err) < 0 ||
	    db_prepare(s,
		       "DELETE FROM unknown WHERE mac NOT IN"
		       " (SELECT mac FROM unknown ORDER BY last_ms DESC, mac LIMIT ?1)",
		       &trim, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		db_bind_blob(put, 1, m[i].mac.b, sizeof(m[i].mac.b));
		db_bind_text(put, 2, m[i].arch);
		db_bind_text(put, 3, m[i].uuid);
		db_bind_text(put, 4, m[i].serial);
		db_bind_int(put, 5, m[i].ip.a);
		db_bind_int(put, 6, m[i].first_ms);
		db_bind_int(put, 7, m[i].last_ms);
		if (db_run(s, put, err) < 0)
			return -1;
	}
	db_bind_int(trim, 1, LIMIT_UNKNOWN);
	return db_run(s, trim, err);
}

int store_unknown_put(struct store *s, const struct unknown_machine *m, size_t n, struct err *err)
{
	if (n == 0)
		return 0;
	if (store_begin(s, err) < 0)
		return -1;
	if (put_all(s, m, n, err) < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, err);
}

int store_unknown_each(struct store *s,
		       bool (*on_machine)(const struct unknown_machine *m, void *arg), void *arg,
		       struct err *err)
{
	HOLD_STORE(s);
	_cleanup_stmt_ sqlite3_stmt *st = NULL;
	bool more = true;
	int r;

	if (db_prepare(s,
		       "SELECT mac, arch, uuid, serial, ip, first_ms, last_ms FROM unknown"
		       " ORDER BY last_ms DESC, mac",
		       &st, err) < 0)
		return -1;
	while (more && (r = db_step(s, st, err)) != 0) {
		_cleanup_(unknown_machine_release) struct unknown_machine m = {0};

		if (r < 0)
			return -1;
		m = (struct unknown_machine){
			.arch = db_text(st, 1),
			.uuid = db_text(st, 2),
			.serial = db_text(st, 3),
			.ip.a = (uint32_t)sqlite3_column_int64(st, 4),
			.first_ms = sqlite3_column_int64(st, 5),
			.last_ms = sqlite3_column_int64(st, 6),
		};
		if (!db_blob(st, 0, m.mac.b, sizeof(m.mac.b)))
			return err_set(err, ERR_IO, "state.db: an unknown machine is damaged");
		more = on_machine(&m, arg);
	}
	return 0;
}

int store_unknown_forget(struct store *s, const struct mac *mac, struct err *err)
{
	HOLD_STORE(s);
	_cleanup_stmt_ sqlite3_stmt *st = NULL;
	char text[MAC_TEXT_SIZE];

	if (db_prepare(s, "DELETE FROM unknown WHERE mac = ?1", &st, err) < 0)
		return -1;
	db_bind_blob(st, 1, mac->b, sizeof(mac->b));
	if (db_run(s, st, err) < 0)
		return -1;
	if (sqlite3_changes(s->db) == 0)
		return err_set(err, ERR_NOT_FOUND, "no unknown machine %s is recorded",
			       mac_format(mac, text));
	return 0;
}

void unknown_machine_release(struct unknown_machine *m)
{
	free(m->arch);
	free(m->uuid);
	free(m->serial);
	*m = (struct unknown_machine){0};
}
