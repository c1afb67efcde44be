/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of bytes from one thread to another, a bounded number on the way. */
#ifndef PROVISION_CHUNK_QUEUE_H
#define PROVISION_CHUNK_QUEUE_H

#include "base.h"

struct chunk_queue;

/* Holds at most `depth` blocks of at most block_size bytes, allocated once. */
struct chunk_queue *chunk_queue_new(size_t depth, size_t block_size);
struct chunk_queue *chunk_queue_free(struct chunk_queue *q);

/* Writer: copies n bytes in, waits for room. False when the reader has stopped. */
bool chunk_queue_put(struct chunk_queue *q, const void *p, size_t n) _must_check_ _nonnull_;
/* Writer: nothing more follows; whole is false when something is missing. */
void chunk_queue_end(struct chunk_queue *q, bool whole) _nonnull_;

/* Reader: the next block, good until the next call; NULL at the end. */
const void *chunk_queue_get(struct chunk_queue *q, size_t *ret_n) _nonnull_;
/* Reader, after NULL: whether the writer delivered all. */
bool chunk_queue_is_whole(struct chunk_queue *q) _nonnull_;
/* Reader: wants nothing more. */
void chunk_queue_stop(struct chunk_queue *q) _nonnull_;

#endif
