/* SPDX-License-Identifier: Apache-2.0 */
#include "rate.h"

#include <pthread.h>

/* Installations that report at the same time; two that fall on one slot start each other anew. */
#define SLOTS  1024
#define MINUTE 60000

struct rate_table {
	pthread_mutex_t mutex;
	struct {
		int64_t who;
		int64_t since_ms;
		size_t used;
	} slots[SLOTS];
};

struct rate_table *rate_table_new(void)
{
	struct rate_table *t = xcalloc(1, sizeof(*t));

	pthread_mutex_init(&t->mutex, NULL);
	return t;
}

struct rate_table *rate_table_free(struct rate_table *t)
{
	if (!t)
		return NULL;
	pthread_mutex_destroy(&t->mutex);
	free(t);
	return NULL;
}

unsigned int rate_take(struct rate_table *t, int64_t who, size_t n, size_t per_minute,
		       int64_t now_ms)
{
	__typeof__(&t->slots[0]) slot = &t->slots[(uint64_t)who % SLOTS];
	unsigned int wait = 0;

	pthread_mutex_lock(&t->mutex);
	if (slot->who != who || now_ms - slot->since_ms >= MINUTE || now_ms < slot->since_ms) {
		slot->who = who;
		slot->since_ms = now_ms;
		slot->used = 0;
	}
	if (slot->used + n > per_minute)
		wait = (unsigned int)((slot->since_ms + MINUTE - now_ms + 999) / 1000);
	else
		slot->used += n;
	pthread_mutex_unlock(&t->mutex);
	return wait;
}
