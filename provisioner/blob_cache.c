/* SPDX-License-Identifier: Apache-2.0 */
#include "blob_cache.h"

#include <pthread.h>
#include <string.h>

struct blob *blob_new(const void *p, size_t n)
{
	struct blob *b = xmalloc(sizeof(*b) + n + 1);

	b->refs = 1;
	b->len = n;
	if (n)
		memcpy(b->data, p, n);
	b->data[n] = '\0';
	return b;
}

struct blob *blob_ref(struct blob *b)
{
	__atomic_add_fetch(&b->refs, 1, __ATOMIC_RELAXED);
	return b;
}

void blob_unref(void *p)
{
	struct blob *b = p;

	if (b && __atomic_sub_fetch(&b->refs, 1, __ATOMIC_ACQ_REL) == 0)
		free(b);
}

struct blob_cache {
	pthread_mutex_t mutex;
	size_t n;
	struct blob_place {
		uint64_t key;
		struct blob *blob;
	} places[];
};

struct blob_cache *blob_cache_new(size_t places)
{
	struct blob_cache *c = xcalloc(1, sizeof(*c) + places * sizeof(c->places[0]));

	pthread_mutex_init(&c->mutex, NULL);
	c->n = places;
	return c;
}

struct blob_cache *blob_cache_free(struct blob_cache *c)
{
	if (!c)
		return NULL;
	for (size_t i = 0; i < c->n; i++)
		blob_unref(c->places[i].blob);
	pthread_mutex_destroy(&c->mutex);
	free(c);
	return NULL;
}

/* Fibonacci hashing: neighbours fall on different places. */
static struct blob_place *place_of(struct blob_cache *c, uint64_t key)
{
	return &c->places[(key * 0x9e3779b97f4a7c15ULL >> 32) % c->n];
}

struct blob *blob_cache_get(struct blob_cache *c, uint64_t key)
{
	struct blob_place *p = place_of(c, key);
	struct blob *b = NULL;

	pthread_mutex_lock(&c->mutex);
	if (p->blob && p->key == key)
		b = blob_ref(p->blob);
	pthread_mutex_unlock(&c->mutex);
	return b;
}

void blob_cache_put(struct blob_cache *c, uint64_t key, struct blob *b)
{
	struct blob_place *p = place_of(c, key);
	struct blob *old;

	blob_ref(b);
	pthread_mutex_lock(&c->mutex);
	old = p->blob;
	*p = (struct blob_place){key, b};
	pthread_mutex_unlock(&c->mutex);
	blob_unref(old);
}
