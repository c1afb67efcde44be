/* SPDX-License-Identifier: Apache-2.0 */
/* Rendered bytes that are asked for again, shared by threads: a table with one place for each hash,
 * so that its size is bounded by what one entry may have. */
#ifndef PROVISION_BLOB_CACHE_H
#define PROVISION_BLOB_CACHE_H

#include "base.h"

struct blob {
	unsigned int refs; /* atomic */
	size_t len;
	char data[]; /* NUL-terminated past len */
};

/* A copy of n bytes, with one reference. */
struct blob *blob_new(const void *p, size_t n);
struct blob *blob_ref(struct blob *b) _nonnull_;
/* Drops a reference; NULL-safe. For C interfaces that want a void *. */
void blob_unref(void *b);

struct blob_cache;

/* places: how many entries at most. */
struct blob_cache *blob_cache_new(size_t places);
/* NULL-safe; gives NULL. */
struct blob_cache *blob_cache_free(struct blob_cache *c);
/* A reference of the caller's own, or NULL. */
struct blob *blob_cache_get(struct blob_cache *c, uint64_t key) _nonnull_;
/* Takes a reference of its own; what was in that place goes. */
void blob_cache_put(struct blob_cache *c, uint64_t key, struct blob *b) _nonnull_;

#endif
