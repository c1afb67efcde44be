/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's list of a disk's partitions, made equal to a table partition by partition with
 * BLKPG (linux/blkpg.h): unlike BLKRRPART it needs no parser in the kernel, spares partitions that
 * stay, and the device nodes are there when it returns.
 */
#ifndef PROVISION_BLKPG_H
#define PROVISION_BLKPG_H

#include "err.h"

struct blkpg_range {
	unsigned int number;  /* 1.. */
	uint64_t start, size; /* bytes */
};

/* fd: the whole disk, open; name: the kernel's. What is wanted already stays untouched. ERR_BUSY
 * when a partition that has to go stays in use for five seconds: all are then as they were. */
int blkpg_sync(int fd, const char *name, const struct blkpg_range *want, size_t n,
	       struct err *err) _must_check_ __attribute__((nonnull(2, 5)));

#endif
