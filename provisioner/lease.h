/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses lent to machines: a table in memory, which answers without I/O, and a batch of changes
 * that goes to a store before any of them is told to a client (group commit).
 *
 * A machine is known by its MAC, not by its client identifier: firmware, iPXE, the boot environment
 * and the installed system of one machine each have their own identifier and must get the same
 * address. One MAC has one address. Times are Unix seconds, and given by the caller.
 */
#ifndef PROVISION_LEASE_H
#define PROVISION_LEASE_H

#include "ipv4.h"
#include "mac.h"

enum lease_state {
	LEASE_RELEASED, /* or never more than remembered: free, but kept for its last holder */
	LEASE_OFFERED,  /* held while the client makes up its mind; not stored */
	LEASE_BOUND,
	LEASE_DECLINED, /* the client found somebody else on it; nobody gets it; not stored */
};

struct lease {
	struct mac mac;
	struct ipv4 ip;
	int64_t expires; /* past it the address is free again */
	enum lease_state state;
};

/* Where leases outlive the program. */
struct lease_store {
	/* Calls on_lease for each stored lease; it takes no reference. */
	int (*load)(void *ctx, void (*on_lease)(const struct lease *l, void *arg), void *arg,
		    struct err *err);
	/* Makes n leases durable in one transaction, by MAC: LEASE_BOUND is written, LEASE_RELEASED
	 * removed. */
	int (*commit)(void *ctx, const struct lease *leases, size_t n, struct err *err);
	void *ctx;
};

struct lease_table; /* heap */

struct lease_table *lease_table_new(void);
/* NULL-safe; gives NULL. */
struct lease_table *lease_table_free(struct lease_table *t);
/* Reads the stored leases into the table. */
int lease_table_load(struct lease_table *t, const struct lease_store *store,
		     struct err *err) _must_check_ _nonnull_;

/* NULL when there is none. Valid until the next change of the table. */
const struct lease *lease_of_mac(const struct lease_table *t, const struct mac *mac) _nonnull_;
const struct lease *lease_of_ip(const struct lease_table *t, struct ipv4 ip) _nonnull_;
/* mac may have ip: nobody else holds it, and it was not declined. */
bool lease_is_free(const struct lease_table *t, struct ipv4 ip, const struct mac *mac,
		   int64_t now) _nonnull_;
/* The first free address of the range, looked for from a place that the MAC decides, so that a
 * machine tends to get the same one on every server. taken tells of addresses that are not to be
 * lent. False: none is free; that is remembered until one can be, so that asking again is cheap. */
bool lease_pick(struct lease_table *t, struct ipv4_range range, const struct mac *mac, int64_t now,
		bool (*taken)(struct ipv4 ip, const void *arg), const void *arg,
		struct ipv4 *ret_ip) __attribute__((nonnull(1, 3, 5, 7)));

/* Enters l; another address of its MAC, and another holder of its address, are forgotten. A bound,
 * released or declined lease joins the batch. */
void lease_set(struct lease_table *t, const struct lease *l) _nonnull_;
/* How many changes wait for lease_commit. */
size_t lease_pending(const struct lease_table *t) _nonnull_;
/* Makes the batch durable, and empties it. On failure no client may be told of it; the table keeps
 * the leases, which does no harm: the clients ask again. */
int lease_commit(struct lease_table *t, const struct lease_store *store,
		 struct err *err) _must_check_ _nonnull_;

#endif
