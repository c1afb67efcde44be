/* SPDX-License-Identifier: Apache-2.0 */
#include "lease_store.h"

struct reading {
	void (*on_lease)(const struct lease *l, void *arg);
	void *arg;
};

static bool read_one(const struct store_lease *l, void *arg)
{
	const struct reading *r = arg;
	const struct lease lease = {
		.mac = l->mac, .ip = l->ip, .expires = l->expires_s, .state = LEASE_BOUND};

	r->on_lease(&lease, r->arg);
	return true;
}

static int load(void *ctx, void (*on_lease)(const struct lease *l, void *arg), void *arg,
		struct err *err)
{
	struct reading r = {on_lease, arg};

	return store_leases_each(ctx, read_one, &r, err);
}

static int commit(void *ctx, const struct lease *leases, size_t n, struct err *err)
{
	struct store_lease *rows = xcalloc(n, sizeof(*rows));
	int r;

	for (size_t i = 0; i < n; i++)
		rows[i] = (struct store_lease){
			.mac = leases[i].mac,
			.ip = leases[i].ip,
			.expires_s = leases[i].state == LEASE_BOUND ? leases[i].expires : 0};
	r = store_leases_put(ctx, rows, n, err);
	free(rows);
	return r;
}

struct lease_store lease_store_of(struct store *s)
{
	return (struct lease_store){.load = load, .commit = commit, .ctx = s};
}
