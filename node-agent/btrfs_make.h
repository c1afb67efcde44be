/* SPDX-License-Identifier: Apache-2.0 */
/* Makes file systems on the members of a pool with mkfs.btrfs and mkfs.vfat. Whatever the members
 * hold is lost: the caller has judged that. */
#ifndef PROVISION_BTRFS_MAKE_H
#define PROVISION_BTRFS_MAKE_H

#include "pool.h"

/* Wipes the members, all before the first is made, and makes the pool on them. */
int btrfs_make(const struct pool_spec *pool, const char *uuid, const struct strv *members,
	       struct err *err) _must_check_ _nonnull_;
/* A FAT32 file system with the volume id that is the first 8 hex digits of uuid. */
int fat_make(const char *path, const char *uuid, struct err *err) _must_check_ _nonnull_;

#endif
