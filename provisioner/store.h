/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state that outlives the daemon: one SQLite database, STATE/store/state.db (WAL,
 * synchronous=FULL, STRICT tables, schema by user_version). What a function returned 0 for survives
 * kill -9 and a power cut. This header is all that the programs know of it, so that another store
 * can take its place. STATE/store (0750) is the daemon's user's; nothing else in STATE is.
 *
 * One writer: store_open takes a lock on STATE/store/lock, so the daemon and a command never both
 * hold the store. Every function may be called from any thread.
 */
#ifndef PROVISION_STORE_H
#define PROVISION_STORE_H

#include "event.h"
#include "intent.h"
#include "ipv4.h"

#include <sys/types.h>

struct store;

/* Opens, and makes or migrates, the store. ERR_BUSY names the process that holds it. Root is,
 * as a process, the owner of STATE/store until store_close: what needs root is done before or
 * after. */
int store_open(const char *state_dir, struct store **ret, struct err *err) _must_check_ _nonnull_;
/* As root: gives STATE/store, and the database in it if there is one, to this user. ERR_REFUSED
 * when something there is no file of the store. */
int store_give(const char *state_dir, uid_t uid, gid_t gid, struct err *err) _must_check_ _nonnull_;
/* NULL-safe; gives NULL. */
struct store *store_close(struct store *s);
static inline void store_closep(struct store **s)
{
	store_close(*s);
}

/* Called after every commit that added events or changed an intent, from the thread that wrote.
 * node: the one whose intent may have changed; NULL: several may have, or none and only events were
 * added (intents is false then). */
void store_on_change(struct store *s, void (*changed)(void *arg, bool intents, const char *node),
		     void *arg) __attribute__((nonnull(1)));

/*
 * Several reads and writes as one: begin takes the store for this thread (nests), commit makes all
 * durable, rollback forgets all. Every begin needs one of the two.
 */
int store_begin(struct store *s, struct err *err) _must_check_ _nonnull_;
int store_commit(struct store *s, struct err *err) _must_check_ _nonnull_;
void store_rollback(struct store *s) _nonnull_;

/* ---- events (store_event.c): append-only ---- */

/* Appends n events in one transaction; those already there are left alone. received_ms is stamped
 * on all. `reboot` done moves the plan's intent to written, `ready` done from there to done;
 * ERR_REFUSED, and nothing is stored, while the phases from `partition` up to them are not all
 * done. A machine in memory has no disk to be written and no reboot: `ready` done moves its intent
 * from claimed to done, after `pools`, `kubernetes` and `join`.
 */
int store_events_append(struct store *s, const struct event *events, size_t n, int64_t received_ms,
			struct err *err) _must_check_ _nonnull_;
/* One event of the daemon's own (plan id zero, the next seq): a claim that waits, an alarm, an
 * approval. The message is made fit to be stored (event_tidy_message); one equal to the node's last
 * one of this kind and state is not repeated. */
int store_event_note(struct store *s, const char *node, const struct mac *mac,
		     enum phase_name phase, enum event_state state, const char *message,
		     int64_t now_ms, struct err *err) _must_check_ _nonnull_;

struct event_query {
	const char *node; /* NULL: all */
	int64_t after;    /* rows with a greater id */
	size_t limit;     /* 0: no limit */
};
/* Calls on_event for each in the order of their ids, until it returns false. The event is
 * borrowed. on_event must not call the store. */
int store_events_each(struct store *s, const struct event_query *q,
		      bool (*on_event)(const struct event *e, void *arg), void *arg,
		      struct err *err) _must_check_ __attribute__((nonnull(1, 2, 3, 5)));
/* What status is folded from: of every node's intent that counts (or of one node's), while it is
 * open, claimed or written, the last event of each phase and state, and the daemon's own notes
 * since the intent was opened; by id. Of a machine in memory only what came since its last boot's
 * claim, and the notes since it was Ready. */
int store_current_events_each(struct store *s, const char *node,
			      bool (*on_event)(const struct event *e, void *arg), void *arg,
			      struct err *err) _must_check_ __attribute__((nonnull(1, 3, 5)));
/* The greatest row id, 0 when there is none. */
int store_events_last(struct store *s, int64_t *ret_id, struct err *err) _must_check_ _nonnull_;
/* Which phases of a plan have a done event, and the highest seq stored. */
int store_plan_progress(struct store *s, const struct mac *mac, const struct sha256 *plan_id,
			bool ret_done[PHASE_MAX], uint64_t *ret_seq,
			struct err *err) _must_check_ _nonnull_;

/* ---- intents (store_intent.c) ---- */

/* Stores a new intent; id is set. ERR_REFUSED when the node has a live one. */
int store_intent_add(struct store *s, struct intent *in, struct err *err) _must_check_ _nonnull_;
/* Writes everything of in, by its id. */
int store_intent_save(struct store *s, const struct intent *in,
		      struct err *err) _must_check_ _nonnull_;
/* The intent that counts for the node: its newest, in any state; but while the newest was taken
 * back or has expired, the one before it that a machine in memory was Ready with, for that holds at
 * every boot. ERR_NOT_FOUND when it never had one. */
int store_intent_of_node(struct store *s, const char *node, struct intent *ret,
			 struct err *err) _must_check_ _nonnull_;
/* The newest intent claimed with this key. ERR_NOT_FOUND. */
int store_intent_by_key(struct store *s, const uint8_t key[ED25519_KEY_SIZE], struct intent *ret,
			struct err *err) _must_check_ _nonnull_;
/* The newest intent with this plan. ERR_NOT_FOUND. */
int store_intent_by_plan(struct store *s, const struct sha256 *plan_id, struct intent *ret,
			 struct err *err) _must_check_ _nonnull_;
/* The intent that counts, as above, of every node (or of one node), without its plan text. The
 * store is held meanwhile: what on_intent sees is the newest until it returns; so it must be quick,
 * and must not call the store. */
int store_intents_each(struct store *s, const char *node,
		       bool (*on_intent)(const struct intent *in, void *arg), void *arg,
		       struct err *err) _must_check_ __attribute__((nonnull(1, 3, 5)));
/* Open intents past their time become expired. */
int store_intents_expire(struct store *s, int64_t now_ms, struct err *err) _must_check_ _nonnull_;
/* A control plane of ours, other than the node `except` (NULL: none), is Ready: the cluster exists.
 */
int store_cluster_initialised(struct store *s, const char *except, bool *ret,
			      struct err *err) _must_check_ __attribute__((nonnull(1, 3, 4)));
/* The node is taken out: its installations no longer say that there is a cluster. What they say of
 * its disks stays. For use inside a transaction. */
int store_node_removed(struct store *s, const char *node, struct err *err) _must_check_ _nonnull_;
/* The node's last installation that got the cluster's keys or got Ready made it a control plane:
 * the cluster's state is on it. */
int store_node_holds_cluster(struct store *s, const char *node, bool *ret,
			     struct err *err) _must_check_ _nonnull_;
/* The node, other than `except` (NULL: none), that is making the cluster now; NULL when none is.
 * Caller frees. */
int store_cluster_maker(struct store *s, const char *except, char **ret_node,
			struct err *err) _must_check_ __attribute__((nonnull(1, 3, 4)));
/* 32 bytes that stay the same for the life of the store: the key of boot nonces. */
int store_nonce_key(struct store *s, uint8_t ret[32], struct err *err) _must_check_ _nonnull_;

/* A frozen plan that began to write on disks: what the store knows of a node's systems and pools.
 */
struct store_plan {
	struct sha256 id;
	bool made_pools; /* its `pools` phase was done */
	char *json;
};
/* Newest first; caller frees each json and the array. */
int store_plan_history(struct store *s, const char *node, struct store_plan **ret, size_t *ret_n,
		       struct err *err) _must_check_ _nonnull_;

/* ---- leases (store_lease.c) ---- */

struct store_lease {
	struct mac mac;
	struct ipv4 ip;
	int64_t expires_s; /* Unix time */
	char *hostname;    /* what the client calls itself, or NULL */
};
/* Writes n leases in one transaction (by MAC; an address moves to its newest holder). expires_s 0
 * removes. */
int store_leases_put(struct store *s, const struct store_lease *leases, size_t n,
		     struct err *err) _must_check_ _nonnull_;
int store_leases_each(struct store *s, bool (*on_lease)(const struct store_lease *l, void *arg),
		      void *arg, struct err *err) _must_check_ __attribute__((nonnull(1, 2, 4)));

/* ---- unknown machines (store_unknown.c) ---- */

struct unknown_machine {
	struct mac mac;
	char *arch;   /* "amd64", or what the firmware said; or NULL */
	char *uuid;   /* or NULL */
	char *serial; /* or NULL */
	struct ipv4 ip;
	int64_t first_ms, last_ms;
};
/* Writes n of them in one transaction; the oldest beyond LIMIT_UNKNOWN go. */
int store_unknown_put(struct store *s, const struct unknown_machine *m, size_t n,
		      struct err *err) _must_check_ _nonnull_;
int store_unknown_each(struct store *s,
		       bool (*on_machine)(const struct unknown_machine *m, void *arg), void *arg,
		       struct err *err) _must_check_ __attribute__((nonnull(1, 2, 4)));
/* ERR_NOT_FOUND when it is not there. */
int store_unknown_forget(struct store *s, const struct mac *mac,
			 struct err *err) _must_check_ _nonnull_;
void unknown_machine_release(struct unknown_machine *m) _nonnull_;

#endif
