/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A root file system (tar, zstd or plain) into a folder, as it comes: one thread fetches and
 * verifies, one decompresses, one writes. Only verified chunks are unpacked; no copy is kept.
 */
#ifndef PROVISION_UNPACK_H
#define PROVISION_UNPACK_H

#include "asset_stream.h"

/*
 * Unpacks with owners, modes, times, extended attributes, ACLs, hard links and devices. Names are
 * taken below root whatever the archive says: a leading '/' is dropped, ".." and a way through a
 * symbolic link are refused. What is there under the same name is replaced, so it may be run again
 * over a half-done one. All is on the disk when it returns.
 *
 * kept: paths of the installed system at and below which nothing is touched, such as the mount
 * point of a pool that has somebody's data; NULL: none.
 *
 * Errors are those of asset_stream; a full disk is ERR_IO with how far it came.
 * backoff_ms: see asset_stream; progress (bytes of the asset) may be NULL.
 */
int unpack(struct source *source, const struct asset *asset, const char *root,
	   const struct strv *kept, unsigned int backoff_ms, const struct progress *progress,
	   struct err *err) _must_check_ __attribute__((nonnull(1, 2, 3, 7)));

#endif
