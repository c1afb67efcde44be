/* SPDX-License-Identifier: Apache-2.0 */
#include "chunk_queue.h"

#include <pthread.h>
#include <string.h>

struct block {
	uint8_t *data;
	size_t n;
};

struct chunk_queue {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct block *blocks;
	size_t depth, block_size;
	size_t first, count; /* a ring; the reader looks at the first while `held` */
	bool held, ended, whole, stopped;
};

struct chunk_queue *chunk_queue_new(size_t depth, size_t block_size)
{
	struct chunk_queue *q = xcalloc(1, sizeof(*q));

	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->changed, NULL);
	q->depth = depth;
	q->block_size = block_size;
	q->blocks = xcalloc(depth, sizeof(*q->blocks));
	for (size_t i = 0; i < depth; i++)
		q->blocks[i].data = xmalloc(block_size);
	return q;
}

struct chunk_queue *chunk_queue_free(struct chunk_queue *q)
{
	if (!q)
		return NULL;
	for (size_t i = 0; i < q->depth; i++)
		free(q->blocks[i].data);
	free(q->blocks);
	pthread_cond_destroy(&q->changed);
	pthread_mutex_destroy(&q->lock);
	free(q);
	return NULL;
}

bool chunk_queue_put(struct chunk_queue *q, const void *p, size_t n)
{
	struct block *b;
	bool stopped;

	if (n > q->block_size)
		BUG("block too large");
	pthread_mutex_lock(&q->lock);
	while (q->count == q->depth && !q->stopped)
		pthread_cond_wait(&q->changed, &q->lock);
	stopped = q->stopped;
	b = &q->blocks[(q->first + q->count) % q->depth];
	pthread_mutex_unlock(&q->lock);
	if (stopped)
		return false;
	/* only the writer touches a free block */
	memcpy(b->data, p, n);
	b->n = n;
	pthread_mutex_lock(&q->lock);
	q->count++;
	pthread_cond_signal(&q->changed);
	pthread_mutex_unlock(&q->lock);
	return true;
}

void chunk_queue_end(struct chunk_queue *q, bool whole)
{
	pthread_mutex_lock(&q->lock);
	q->ended = true;
	q->whole = whole;
	pthread_cond_signal(&q->changed);
	pthread_mutex_unlock(&q->lock);
}

const void *chunk_queue_get(struct chunk_queue *q, size_t *ret_n)
{
	const struct block *b = NULL;

	pthread_mutex_lock(&q->lock);
	if (q->held) {
		q->held = false;
		q->first = (q->first + 1) % q->depth;
		q->count--;
		pthread_cond_signal(&q->changed);
	}
	while (q->count == 0 && !q->ended)
		pthread_cond_wait(&q->changed, &q->lock);
	if (q->count > 0) {
		q->held = true;
		b = &q->blocks[q->first];
	}
	pthread_mutex_unlock(&q->lock);
	*ret_n = b ? b->n : 0;
	return b ? b->data : NULL;
}

bool chunk_queue_is_whole(struct chunk_queue *q)
{
	bool whole;

	pthread_mutex_lock(&q->lock);
	whole = q->whole;
	pthread_mutex_unlock(&q->lock);
	return whole;
}

void chunk_queue_stop(struct chunk_queue *q)
{
	pthread_mutex_lock(&q->lock);
	q->stopped = true;
	pthread_cond_signal(&q->changed);
	pthread_mutex_unlock(&q->lock);
}
