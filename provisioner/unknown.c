/* SPDX-License-Identifier: Apache-2.0 */
#include "unknown.h"

#include <pthread.h>

#include "limits.h"

struct unknown_table {
	pthread_mutex_t mutex;
	struct unknown_machine m[LIMIT_UNKNOWN];
	size_t n;
};

struct unknown_table *unknown_table_new(void)
{
	struct unknown_table *t = xcalloc(1, sizeof(*t));

	pthread_mutex_init(&t->mutex, NULL);
	return t;
}

static void forget_all(struct unknown_machine *m, size_t n)
{
	for (size_t i = 0; i < n; i++)
		unknown_machine_release(&m[i]);
}

struct unknown_table *unknown_table_free(struct unknown_table *t)
{
	if (!t)
		return NULL;
	forget_all(t->m, t->n);
	pthread_mutex_destroy(&t->mutex);
	free(t);
	return NULL;
}

/* The machine's place: its own, a free one, or that of the one not seen for longest. */
static struct unknown_machine *place_for(struct unknown_table *t, const struct mac *mac)
{
	struct unknown_machine *oldest = &t->m[0];

	for (size_t i = 0; i < t->n; i++) {
		if (mac_compare(&t->m[i].mac, mac) == 0)
			return &t->m[i];
		if (t->m[i].last_ms < oldest->last_ms)
			oldest = &t->m[i];
	}
	if (t->n < ARRAY_SIZE(t->m))
		return &t->m[t->n++];
	unknown_machine_release(oldest);
	return oldest;
}

static void replace(char **member, const char *value)
{
	if (!value || !*value || streq_null(*member, value))
		return;
	free(*member);
	*member = xstrdup(value);
}

void unknown_seen(struct unknown_table *t, const struct mac *mac, const char *arch,
		  const char *uuid, const char *serial, struct ipv4 ip, int64_t now_ms)
{
	struct unknown_machine *m;

	pthread_mutex_lock(&t->mutex);
	m = place_for(t, mac);
	if (!m->first_ms)
		m->first_ms = now_ms;
	m->mac = *mac;
	m->last_ms = now_ms;
	if (ip.a)
		m->ip = ip;
	replace(&m->arch, arch);
	replace(&m->uuid, uuid);
	replace(&m->serial, serial);
	pthread_mutex_unlock(&t->mutex);
}

int unknown_flush(struct unknown_table *t, struct store *s, struct err *err)
{
	struct unknown_machine *taken;
	size_t n;
	int r;

	/* the store may wait for a disk: nobody who answers requests waits with it */
	pthread_mutex_lock(&t->mutex);
	n = t->n;
	taken = n ? xmemdup(t->m, n * sizeof(*taken)) : NULL;
	t->n = 0;
	for (size_t i = 0; i < n; i++)
		t->m[i] = (struct unknown_machine){0};
	pthread_mutex_unlock(&t->mutex);
	if (n == 0)
		return 0;
	r = store_unknown_put(s, taken, n, err);
	forget_all(taken, n);
	free(taken);
	return r;
}
