/* SPDX-License-Identifier: Apache-2.0 */
/* Where assets come from, behind one function: the provisioner by HTTP, or a folder (a USB stick).
 */
#ifndef PROVISION_SOURCE_H
#define PROVISION_SOURCE_H

#include "err.h"

struct source;

/* Assets below url ("http://192.168.1.5:8080/assets"); ca_pem as in fetch_new. */
struct source *source_http_new(const char *url, const char *ca_pem) __attribute__((nonnull(1)));
/* Assets below a folder. */
struct source *source_dir_new(const char *path) _nonnull_;
struct source *source_free(struct source *s);
static inline void source_freep(struct source **s)
{
	source_free(*s);
}

/*
 * Reads the asset from byte `offset` to its end, which is at `size`. on_data gets the bytes in
 * order and returns false to stop (ERR_IO). ERR_NETWORK: trying again may help, from the first byte
 * that on_data did not get; a busy server (5xx, 429) is that too. ERR_NOT_FOUND: it is not there.
 */
int source_read(struct source *s, const char *asset, uint64_t offset, uint64_t size,
		bool (*on_data)(const void *p, size_t n, void *arg), void *arg,
		struct err *err) _must_check_ __attribute__((nonnull(1, 2, 5, 7)));

#endif
