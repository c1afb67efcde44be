/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A resource of an Ignition config (files[].contents, files[].append[], luks[].keyFile,
 * config.merge[]...): source (http, https or data:), compression, httpHeaders, verification. The
 * object has passed ignition_check. `path` is its JSON path and stands before every error.
 */
#ifndef PROVISION_IGN_RESOURCE_H
#define PROVISION_IGN_RESOURCE_H

#include "ign_fetch.h"

/* Writes the content to fd, at its offset. An absent source is an empty content. Returns 0 only
 * when the digest, that of the unpacked content, is right; after a failure what was written is to
 * be thrown away. More than LIMIT_IGN_FILE is ERR_PROTOCOL. */
int ign_resource_write(struct ign_fetch *f, const json_t *resource, const char *path, int fd,
		       struct err *err) _must_check_ _nonnull_;
/* The same into memory, at most max bytes, NUL-terminated past its length. Caller frees; wipe it
 * when it was a secret. */
int ign_resource_read(struct ign_fetch *f, const json_t *resource, const char *path, size_t max,
		      char **ret, size_t *ret_len, struct err *err) _must_check_ _nonnull_;

#endif
