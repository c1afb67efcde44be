/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pools: a btrfs file system over the disks of each, with its profiles and subvolumes; and the FAT
 * file systems of the EFI system partitions. Made once; adopted ever after.
 */
#ifndef PROVISION_BTRFS_H
#define PROVISION_BTRFS_H

#include "plan.h"
#include "progress.h"

/* Whether every member of every adopted pool is here, and every profile has the devices that it
 * wants. Reads only. */
int btrfs_check(const struct plan *plan, const struct disk_list *disks,
		struct err *err) _must_check_ _nonnull_;
/*
 * Makes the pools that the plan makes, unless `finished` (the event that this was done before is
 * stored): then each has to be there, and nothing is made. An adopted pool is mounted, and gets the
 * subvolumes that it does not have yet; nothing else of it is changed. The partitions must be there
 * (part_run), and none of the pools mounted elsewhere. progress may be NULL.
 */
int btrfs_run(const struct plan *plan, const struct disk_list *disks, bool finished,
	      const struct progress *progress, struct err *err) _must_check_
	__attribute__((nonnull(1, 2, 5)));

/* Makes the kernel forget every member that it has seen and is not mounted, and tells it of these,
 * so that a mount finds all of them and nothing else. */
int btrfs_scan(const struct strv *members, struct err *err) _must_check_ _nonnull_;
/* Mount options of a pool's subvolume: "subvol=@,compress=zstd:1"; subvolume NULL: its top.
 * Caller frees. */
char *btrfs_mount_options(const struct pool_spec *pool, const char *subvolume)
	__attribute__((nonnull(1)));

#endif
