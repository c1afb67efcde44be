/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The making of a file system, tried without the disk: an option, a label or a UUID that its mkfs
 * does not take, or a place that is too small for it, is known before anything is written.
 */
#ifndef PROVISION_IGN_REHEARSAL_H
#define PROVISION_IGN_REHEARSAL_H

#include "jsonx.h"

/* fs: a checked entry of storage.filesystems with a format, path: its JSON path, size: of its place
 * in bytes. ERR_REFUSED with what mkfs says. */
int ign_rehearse(const json_t *fs, uint64_t size, const char *path,
		 struct err *err) _must_check_ _nonnull_;

#endif
