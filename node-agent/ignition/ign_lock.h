/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The disks of a config, held against others while they are looked at and partitioned: a lock of
 * flock(2) on the whole disk, as systemd's "Locking Block Device Access" has it. udev, which would
 * read the partitions again in between, and whoever else keeps to that waits until it goes.
 */
#ifndef PROVISION_IGN_LOCK_H
#define PROVISION_IGN_LOCK_H

#include "jsonx.h"

struct ign_lock {
	char *node; /* of the whole disk */
	int fd;
};
struct ign_locks {
	struct ign_lock *l;
	size_t n;
};
/* Lets go of all of them. */
void ign_locks_release(struct ign_locks *l) _nonnull_;

/* Locks the file at the path, a disk's node, unless the list has it; waits up to wait_ms for
 * whoever has it now, then it is ERR_BUSY. */
int ign_lock_take(struct ign_locks *l, const char *node, unsigned int wait_ms,
		  struct err *err) _must_check_ _nonnull_;
/* Locks the disks that storage.disks, raid, luks and filesystems name or that the partitions which
 * they name are on. What is not there (yet), and arrays and volumes, which udev does not lock, are
 * left out. ERR_BUSY after half a minute. */
int ign_lock_storage(struct ign_locks *l, const json_t *storage, struct err *err) _must_check_
	__attribute__((nonnull(1, 3)));

#endif
