/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files: read with a ceiling; written as temp + fsync + rename + fsync of the folder. */
#ifndef PROVISION_FSIO_H
#define PROVISION_FSIO_H

#include "err.h"

#include <sys/types.h>

/* Reads the file below dirfd (AT_FDCWD: the working directory) into a NUL-terminated heap block.
 * More than max bytes is ERR_CONFIG; absent is ERR_NOT_FOUND, with errnum ENOENT. */
int file_read(int dirfd, const char *path, size_t max, char **ret_data, size_t *ret_len,
	      struct err *err) _must_check_ _nonnull_;
/* Replaces the file at once, durable when it returns; half a file is never seen. */
int file_write(int dirfd, const char *path, const void *data, size_t len, mode_t mode,
	       struct err *err) _must_check_ __attribute__((nonnull(2, 6)));
/* mkdir -p below dirfd with this mode for what is made; existing folders stay as they are. */
int dir_make(int dirfd, const char *path, mode_t mode, struct err *err) _must_check_ _nonnull_;
/* Opens a file strictly below dirfd: openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS. -1
 * and ERR_NOT_FOUND for anything absent or that would leave. O_CLOEXEC is added. */
int file_open_beneath(int dirfd, const char *path, int flags,
		      struct err *err) _must_check_ _nonnull_;
/* Writes all n bytes, over short writes and EINTR. */
int fd_write_all(int fd, const void *p, size_t n, struct err *err) _must_check_ _nonnull_;

#endif
