/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a range of a block device holds: partition tables, file systems, RAID, LVM and LUKS members,
 * swap, by libblkid; and what libblkid does not look for: the spare superblocks of btrfs at 64 MiB
 * and 256 GiB, any of which brings an old file system back.
 *
 * A range is `start` and `size` in bytes, so that a partition is read and wiped without a device
 * node of its own.
 */
#ifndef PROVISION_SIGNATURE_H
#define PROVISION_SIGNATURE_H

#include "disk.h"

/* The type of what is there without a signature; its uuid is a digest of it. */
#define SIGNATURE_UNKNOWN "unknown data"

/* Appends SIGNATURE_UNKNOWN for the start of the disk (2 MiB) and for its end (1 MiB) when anything
 * is there but zeros: for a disk without a table and without a signature, which may hold encrypted
 * data, or what has lost its table. A GPT's spare copy, valid or not, does not count. */
int signatures_read_unknown(int fd, uint64_t size, struct disk_signature **list, size_t *n,
			    struct err *err) _must_check_ _nonnull_;

/* Appends every signature in the range to *list, sorted by offset (counted from start), at most
 * LIMIT_SIGNATURES. ERR_IO when the device cannot be read. */
int signatures_read(int fd, uint64_t start, uint64_t size, struct disk_signature **list, size_t *n,
		    struct err *err) _must_check_ _nonnull_;
/* Overwrites the magic of every signature in the range, also of both copies of a GPT, and syncs. fd
 * must be open for writing. */
int signatures_wipe(int fd, uint64_t start, uint64_t size, struct err *err) _must_check_ _nonnull_;

/* Appends the partitions of the table on the device, in the order of their numbers; none without a
 * table. An extended partition is left out, its logical ones are in. */
int partitions_read(int fd, struct disk_partition **list, size_t *n,
		    struct err *err) _must_check_ _nonnull_;

/* Of the first superblock of a member: how many devices its file system has, and which this is. */
struct btrfs_super {
	uint64_t devices;
	uint64_t devid; /* 1.. */
};
int btrfs_super_read(int fd, struct btrfs_super *ret, struct err *err) _must_check_ _nonnull_;

#endif
