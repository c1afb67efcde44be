/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, the lock, the schema and its migrations, transactions. */
#include "store_db.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "fsio.h"
#include "limits.h"

/* Three seconds, then somebody else has it for long. */
#define LOCK_TRIES    60
#define LOCK_AGAIN_MS 50

/* migrations[v] takes a database of user_version v to v + 1. Never edit one that was released. */
static const char *const migrations[] = {
	"CREATE TABLE events ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" node TEXT NOT NULL,"
	" mac BLOB NOT NULL,"
	" plan_id BLOB NOT NULL,"
	" seq INTEGER NOT NULL,"
	" phase TEXT,"
	" state TEXT NOT NULL,"
	" percent INTEGER NOT NULL,"
	" message TEXT,"
	" time_ms INTEGER NOT NULL,"
	" received_ms INTEGER NOT NULL,"
	" UNIQUE (mac, plan_id, seq)"
	") STRICT;"
	"CREATE INDEX events_node ON events (node, id);"
	"CREATE INDEX events_plan ON events (plan_id, phase, state);"
	"CREATE TRIGGER events_no_update BEFORE UPDATE ON events"
	" BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;"
	"CREATE TRIGGER events_no_delete BEFORE DELETE ON events"
	" BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;"
	"CREATE TABLE intents ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT,"
	" node TEXT NOT NULL,"
	" mac BLOB NOT NULL,"
	" kind TEXT NOT NULL,"
	" state TEXT NOT NULL,"
	" created_ms INTEGER NOT NULL,"
	" expires_ms INTEGER NOT NULL,"
	" claimed_ms INTEGER NOT NULL,"
	" written_ms INTEGER NOT NULL,"
	" done_ms INTEGER NOT NULL,"
	" consents TEXT NOT NULL,"
	" confirm INTEGER NOT NULL,"
	" code TEXT,"
	" approved INTEGER NOT NULL,"
	" key BLOB,"
	" hardware TEXT,"
	" plan_id BLOB NOT NULL,"
	" basis BLOB NOT NULL,"
	" plan TEXT,"
	" control_plane INTEGER NOT NULL,"
	" makes_cluster INTEGER NOT NULL,"
	" secret_out INTEGER NOT NULL,"
	" token_id TEXT"
	") STRICT;"
	"CREATE INDEX intents_node ON intents (node, id);"
	"CREATE INDEX intents_key ON intents (key, id);"
	"CREATE INDEX intents_plan ON intents (plan_id);"
	"CREATE UNIQUE INDEX intents_live ON intents (node)"
	" WHERE state IN ('open', 'claimed', 'written');"
	"CREATE TABLE leases ("
	" mac BLOB PRIMARY KEY,"
	" ip INTEGER NOT NULL UNIQUE,"
	" expires_s INTEGER NOT NULL,"
	" hostname TEXT"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE unknown ("
	" mac BLOB PRIMARY KEY,"
	" arch TEXT,"
	" uuid TEXT,"
	" serial TEXT,"
	" ip INTEGER NOT NULL,"
	" first_ms INTEGER NOT NULL,"
	" last_ms INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"
	"INSERT INTO meta VALUES ('nonce-key', randomblob(32));",
	/* the code that was approved, beside those that were shown */
	"ALTER TABLE intents ADD COLUMN codes TEXT NOT NULL DEFAULT '[]';"
	"UPDATE intents SET codes = '[\"' || code || '\"]' WHERE code IS NOT NULL;"
	"UPDATE intents SET code = NULL WHERE NOT approved;"
	"ALTER TABLE intents DROP COLUMN approved;"
	"ALTER TABLE intents RENAME COLUMN code TO approved;",
	/* the node was removed since: what it was no longer counts for the cluster */
	"ALTER TABLE intents ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;",
	/* its image runs in memory, and claims again at each boot */
	"ALTER TABLE intents ADD COLUMN in_memory INTEGER NOT NULL DEFAULT 0;",
};

static char *store_path(const char *state_dir)
{
	return xasprintf("%s/store", state_dir);
}

/* A command without a daemon holds the store for a moment, and must not keep the daemon, or the
 * next command, from starting. */
static int lock_in_time(int fd)
{
	for (int left = LOCK_TRIES; flock(fd, LOCK_EX | LOCK_NB) < 0; left--) {
		if (errno != EWOULDBLOCK || left == 0)
			return -1;
		poll(NULL, 0, LOCK_AGAIN_MS);
	}
	return 0;
}

static int take_lock(struct store *s, const char *dir, struct err *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/lock", dir);
	char pid[32] = "";
	int n;

	s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	if (s->lock_fd < 0)
		return err_errno(err, ERR_IO, errno, "%s", path);
	if (lock_in_time(s->lock_fd) < 0) {
		if (errno != EWOULDBLOCK)
			return err_errno(err, ERR_IO, errno, "%s: cannot lock", path);
		if (pread(s->lock_fd, pid, sizeof(pid) - 1, 0) <= 0)
			pid[0] = '\0';
		pid[strcspn(pid, "\n")] = '\0';
		return err_set(err, ERR_BUSY,
			       "%s: process %s holds the state directory: try again when it has "
			       "ended",
			       path, *pid ? pid : "?");
	}
	n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (ftruncate(s->lock_fd, 0) < 0 || pwrite(s->lock_fd, pid, (size_t)n, 0) != n)
		return err_errno(err, ERR_IO, errno, "%s", path);
	return 0;
}

/* What lies in the directory is its owner's doing. Root works there as that owner until the store
 * is closed: what it makes is within the owner's reach, and a link that it meets leads it nowhere.
 */
static int become_owner(struct store *s, const char *dir, struct err *err)
{
	struct stat st;

	if (geteuid() != 0)
		return 0;
	if (stat(dir, &st) < 0)
		return err_errno(err, ERR_IO, errno, "%s", dir);
	if (st.st_uid == 0)
		return 0;
	s->as_owner = true;
	if (setegid(st.st_gid) < 0 || seteuid(st.st_uid) < 0)
		return err_errno(err, ERR_INTERNAL, errno, "cannot become the owner of %s", dir);
	return 0;
}

static void become_root_again(struct store *s)
{
	if (s->as_owner && (seteuid(0) < 0 || setegid(0) < 0))
		BUG("root cannot become root again");
	s->as_owner = false;
}

/* A file of the directory's owner `before`, or already of the new one. */
static int give_file(int dir, const char *name, uid_t before, uid_t uid, gid_t gid, struct err *err)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : err_errno(err, ERR_IO, errno, "store/%s", name);
	if (!S_ISREG(st.st_mode) || st.st_nlink != 1 || (st.st_uid != before && st.st_uid != uid))
		return err_set(err, ERR_REFUSED,
			       "store/%s in the state directory is no file of the store: look who "
			       "put it there, and remove it",
			       name);
	if (fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(err, ERR_IO, errno, "store/%s", name);
	return 0;
}

static int make_dir(const char *state_dir, const char *dir, struct err *err)
{
	return dir_make(AT_FDCWD, state_dir, 0755, err) < 0 ? -1
							    : dir_make(AT_FDCWD, dir, 0750, err);
}

int store_give(const char *state_dir, uid_t uid, gid_t gid, struct err *err)
{
	static const char *const names[] = {"lock", "state.db", "state.db-wal", "state.db-shm"};
	_cleanup_(freep) char *path = store_path(state_dir);
	_cleanup_(closep) int dir = -1;
	struct stat st;

	if (make_dir(state_dir, path, err) < 0)
		return -1;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir < 0 || fstat(dir, &st) < 0)
		return err_errno(err, ERR_IO, errno, "%s", path);
	if (st.st_uid == uid && st.st_gid == gid)
		return 0;
	/* nobody else changes it while its files are looked at */
	if (fchown(dir, 0, 0) < 0)
		return err_errno(err, ERR_IO, errno, "%s", path);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (give_file(dir, names[i], st.st_uid, uid, gid, err) < 0)
			return -1;
	return fchown(dir, uid, gid) < 0 ? err_errno(err, ERR_IO, errno, "%s", path) : 0;
}

static int schema_version(struct store *s, int64_t *ret, struct err *err)
{
	_cleanup_stmt_ sqlite3_stmt *st = NULL;

	if (db_prepare(s, "PRAGMA user_version", &st, err) < 0 || db_step(s, st, err) < 0)
		return -1;
	*ret = sqlite3_column_int64(st, 0);
	return 0;
}

static int migrate(struct store *s, struct err *err)
{
	int64_t version = 0;

	if (schema_version(s, &version, err) < 0)
		return -1;
	if (version > (int64_t)ARRAY_SIZE(migrations))
		return err_set(err, ERR_CONFIG,
			       "state.db: schema %lld is newer than this program's %zu: install "
			       "the newer version again",
			       (long long)version, ARRAY_SIZE(migrations));
	for (; version < (int64_t)ARRAY_SIZE(migrations); version++) {
		_cleanup_(freep) char *stamp =
			xasprintf("PRAGMA user_version = %lld", (long long)version + 1);

		if (store_begin(s, err) < 0)
			return -1;
		if (db_exec(s, migrations[version], err) < 0 || db_exec(s, stamp, err) < 0) {
			store_rollback(s);
			return err_wrap(err, "migration to schema %lld", (long long)version + 1);
		}
		if (store_commit(s, err) < 0)
			return -1;
	}
	return 0;
}

static int open_database(struct store *s, const char *dir, struct err *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/state.db", dir);
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX |
			  SQLITE_OPEN_EXRESCODE;

	if (sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK)
		return err_set(err, ERR_IO, "%s: %s", path,
			       s->db ? sqlite3_errmsg(s->db) : "no memory");
	sqlite3_busy_timeout(s->db, 5000);
	/* the cache is small because all nodes are held in memory anyway */
	if (db_exec(s,
		    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		    "PRAGMA foreign_keys = ON; PRAGMA cache_size = -1024;"
		    "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;",
		    err) < 0)
		return err_wrap(err, "%s", path);
	return migrate(s, err);
}

int store_open(const char *state_dir, struct store **ret, struct err *err)
{
	_cleanup_(store_closep) struct store *s = xcalloc(1, sizeof(*s));
	_cleanup_(freep) char *dir = store_path(state_dir);
	pthread_mutexattr_t attr;
	mode_t old;
	int r;

	s->lock_fd = -1;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&s->mutex, &attr);
	pthread_mutexattr_destroy(&attr);
	if (make_dir(state_dir, dir, err) < 0 || become_owner(s, dir, err) < 0 ||
	    take_lock(s, dir, err) < 0)
		return -1;
	/* plans and keys of nodes are nobody else's business */
	old = umask(0027);
	r = open_database(s, dir, err);
	umask(old);
	if (r < 0)
		return -1;
	*ret = TAKE_PTR(s);
	return 0;
}

static void forget_touched(struct store *s)
{
	free(TAKE_PTR(s->touched_node));
	s->touched = s->touched_intents = s->touched_many = false;
}

struct store *store_close(struct store *s)
{
	if (!s)
		return NULL;
	if (s->depth)
		BUG("the store is closed inside a transaction");
	sqlite3_close(s->db);
	closep(&s->lock_fd);
	become_root_again(s);
	pthread_mutex_destroy(&s->mutex);
	forget_touched(s);
	free(s);
	return NULL;
}

void store_on_change(struct store *s, void (*changed)(void *arg, bool intents, const char *node),
		     void *arg)
{
	HOLD_STORE(s);
	s->changed = changed;
	s->changed_arg = arg;
}

void store_touch_events(struct store *s)
{
	s->touched = true;
}

void store_touch_intent(struct store *s, const char *node)
{
	s->touched = s->touched_intents = true;
	if (!node || (s->touched_node && !streq(s->touched_node, node)))
		s->touched_many = true;
	else if (!s->touched_node)
		s->touched_node = xstrdup(node);
}

int store_begin(struct store *s, struct err *err)
{
	store_hold(s);
	if (s->depth == 0) {
		s->failed = false;
		forget_touched(s);
		if (db_exec(s, "BEGIN IMMEDIATE", err) < 0) {
			store_letgop(&s);
			return -1;
		}
	}
	s->depth++;
	return 0;
}

void store_rollback(struct store *s)
{
	if (s->depth == 0)
		BUG("rollback without begin");
	s->failed = true;
	if (--s->depth == 0)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	store_letgop(&s);
}

static int end_outermost(struct store *s, struct err *err)
{
	int r;

	if (s->failed)
		r = err_set(err, ERR_INTERNAL, "state.db: a part of the change failed");
	else
		r = db_exec(s, "COMMIT", err);
	if (r < 0)
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	return r;
}

int store_commit(struct store *s, struct err *err)
{
	void (*changed)(void *arg, bool intents, const char *node) = NULL;
	_cleanup_(freep) char *node = NULL;
	bool intents = false;
	void *arg = NULL;
	int r = 0;

	if (s->depth == 0)
		BUG("commit without begin");
	if (--s->depth == 0) {
		r = end_outermost(s, err);
		if (r == 0 && s->touched) {
			changed = s->changed;
			arg = s->changed_arg;
			intents = s->touched_intents;
			node = s->touched_many ? NULL : TAKE_PTR(s->touched_node);
		}
		forget_touched(s);
	}
	store_letgop(&s);
	if (changed)
		changed(arg, intents, node);
	return r;
}

int store_nonce_key(struct store *s, uint8_t ret[32], struct err *err)
{
	HOLD_STORE(s);
	_cleanup_stmt_ sqlite3_stmt *st = NULL;
	int r;

	if (db_prepare(s, "SELECT value FROM meta WHERE name = 'nonce-key'", &st, err) < 0)
		return -1;
	r = db_step(s, st, err);
	if (r < 0)
		return -1;
	if (r == 0 || !db_blob(st, 0, ret, 32))
		return err_set(err, ERR_IO, "state.db: the nonce key is missing");
	return 0;
}
