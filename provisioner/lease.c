/* SPDX-License-Identifier: Apache-2.0 */
#include "lease.h"

#include <string.h>

#define NOBODY SIZE_MAX

/* An entry stays where it is for good; one that lost its address goes to the free list. */
struct entry {
	struct lease lease;
	size_t next_mac, next_ip; /* chains of the two indexes; the free list uses next_mac */
};

struct lease_table {
	struct entry *entries;
	size_t n_entries, free;
	size_t *by_mac, *by_ip; /* heads of chains, n_heads each, a power of two */
	size_t n_heads;
	struct ipv4_range full; /* this range had no free address ... */
	int64_t full_until;     /* ... and has none before this time */
	struct lease *batch;
	size_t n_batch, cap_batch;
};

struct lease_table *lease_table_new(void)
{
	struct lease_table *t = xcalloc(1, sizeof(*t));

	t->free = NOBODY;
	return t;
}

struct lease_table *lease_table_free(struct lease_table *t)
{
	if (t) {
		free(t->entries);
		free(t->by_mac);
		free(t->by_ip);
		free(t->batch);
		free(t);
	}
	return NULL;
}

static size_t *mac_head(const struct lease_table *t, const struct mac *mac)
{
	return &t->by_mac[mac_hash(mac) & (t->n_heads - 1)];
}

static size_t *ip_head(const struct lease_table *t, struct ipv4 ip)
{
	/* Knuth's multiplicative hash: neighbours in a range go to different chains */
	return &t->by_ip[(ip.a * 2654435761u >> 7) & (t->n_heads - 1)];
}

static void chain(struct lease_table *t, size_t i)
{
	struct entry *e = &t->entries[i];
	size_t *head = mac_head(t, &e->lease.mac);

	e->next_mac = *head;
	*head = i;
	head = ip_head(t, e->lease.ip);
	e->next_ip = *head;
	*head = i;
}

static void unchain(struct lease_table *t, size_t i)
{
	struct entry *e = &t->entries[i];
	size_t *link;

	for (link = mac_head(t, &e->lease.mac); *link != i; link = &t->entries[*link].next_mac)
		;
	*link = e->next_mac;
	for (link = ip_head(t, e->lease.ip); *link != i; link = &t->entries[*link].next_ip)
		;
	*link = e->next_ip;
}

static void grow_heads(struct lease_table *t)
{
	size_t n = t->n_heads ? t->n_heads * 2 : 256;

	t->by_mac = xrealloc(t->by_mac, n, sizeof(*t->by_mac));
	t->by_ip = xrealloc(t->by_ip, n, sizeof(*t->by_ip));
	t->n_heads = n;
	for (size_t i = 0; i < n; i++)
		t->by_mac[i] = t->by_ip[i] = NOBODY;
	for (size_t i = 0; i < t->n_entries; i++)
		chain(t, i);
}

static size_t index_of_mac(const struct lease_table *t, const struct mac *mac)
{
	size_t i = t->n_heads ? *mac_head(t, mac) : NOBODY;

	while (i != NOBODY && mac_compare(&t->entries[i].lease.mac, mac) != 0)
		i = t->entries[i].next_mac;
	return i;
}

static size_t index_of_ip(const struct lease_table *t, struct ipv4 ip)
{
	size_t i = t->n_heads ? *ip_head(t, ip) : NOBODY;

	while (i != NOBODY && t->entries[i].lease.ip.a != ip.a)
		i = t->entries[i].next_ip;
	return i;
}

const struct lease *lease_of_mac(const struct lease_table *t, const struct mac *mac)
{
	size_t i = index_of_mac(t, mac);

	return i == NOBODY ? NULL : &t->entries[i].lease;
}

const struct lease *lease_of_ip(const struct lease_table *t, struct ipv4 ip)
{
	size_t i = index_of_ip(t, ip);

	return i == NOBODY ? NULL : &t->entries[i].lease;
}

bool lease_is_free(const struct lease_table *t, struct ipv4 ip, const struct mac *mac, int64_t now)
{
	const struct lease *l = lease_of_ip(t, ip);

	if (!l || l->state == LEASE_RELEASED || l->expires <= now)
		return true;
	return l->state != LEASE_DECLINED && mac_compare(&l->mac, mac) == 0;
}

bool lease_pick(struct lease_table *t, struct ipv4_range range, const struct mac *mac, int64_t now,
		bool (*taken)(struct ipv4 ip, const void *arg), const void *arg,
		struct ipv4 *ret_ip)
{
	uint64_t size = (uint64_t)range.last.a - range.first.a + 1;
	uint64_t start = mac_hash(mac) % size;
	int64_t first_expiry = INT64_MAX;

	if (t->full.first.a == range.first.a && t->full.last.a == range.last.a &&
	    now < t->full_until)
		return false;
	for (uint64_t i = 0; i < size; i++) {
		struct ipv4 ip = {range.first.a + (uint32_t)((start + i) % size)};
		const struct lease *l;

		if (taken(ip, arg))
			continue;
		if (lease_is_free(t, ip, mac, now)) {
			*ret_ip = ip;
			return true;
		}
		l = lease_of_ip(t, ip);
		if (l && l->expires < first_expiry)
			first_expiry = l->expires;
	}
	t->full = range;
	t->full_until = first_expiry;
	return false;
}

static void forget(struct lease_table *t, size_t i)
{
	if (i == NOBODY)
		return;
	t->full_until = 0;
	unchain(t, i);
	t->entries[i].next_mac = t->free;
	t->free = i;
}

/* The free list is walked by nothing but this: an unused entry is in no chain. */
static size_t take_entry(struct lease_table *t)
{
	size_t i = t->free;

	if (i != NOBODY) {
		t->free = t->entries[i].next_mac;
		return i;
	}
	if (t->n_entries == t->n_heads)
		grow_heads(t);
	ARRAY_APPEND(t->entries, t->n_entries);
	return t->n_entries - 1;
}

static void enter(struct lease_table *t, const struct lease *l)
{
	size_t mine = l->state == LEASE_DECLINED ? NOBODY : index_of_mac(t, &l->mac);
	size_t holder = index_of_ip(t, l->ip);

	if (mine == holder && mine != NOBODY) {
		if (l->state == LEASE_RELEASED)
			t->full_until = 0;
		t->entries[mine].lease = *l;
		return;
	}
	forget(t, mine);
	forget(t, holder);
	mine = take_entry(t);
	t->entries[mine].lease = *l;
	chain(t, mine);
}

static void add_to_batch(struct lease_table *t, const struct lease *l, enum lease_state state)
{
	if (t->n_batch == t->cap_batch) {
		t->cap_batch = t->cap_batch ? t->cap_batch * 2 : 64;
		t->batch = xrealloc(t->batch, t->cap_batch, sizeof(*t->batch));
	}
	t->batch[t->n_batch] = *l;
	t->batch[t->n_batch++].state = state;
}

void lease_set(struct lease_table *t, const struct lease *l)
{
	struct lease entered = *l;

	if (l->state == LEASE_DECLINED) {
		/* The address is blocked, whoever found that out; its finder gets another one. */
		memset(&entered.mac, 0, sizeof(entered.mac));
		add_to_batch(t, l, LEASE_RELEASED);
	} else if (l->state != LEASE_OFFERED) {
		add_to_batch(t, l, l->state);
	}
	enter(t, &entered);
}

size_t lease_pending(const struct lease_table *t)
{
	return t->n_batch;
}

int lease_commit(struct lease_table *t, const struct lease_store *store, struct err *err)
{
	size_t n = t->n_batch;

	t->n_batch = 0;
	return n > 0 ? store->commit(store->ctx, t->batch, n, err) : 0;
}

static void load_one(const struct lease *l, void *arg)
{
	enter(arg, l);
}

int lease_table_load(struct lease_table *t, const struct lease_store *store, struct err *err)
{
	return store->load(store->ctx, load_one, t, err);
}
