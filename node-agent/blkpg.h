/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's list of a disk's partitions, made equal to a table partition by partition with
 * BLKPG (linux/blkpg.h): unlike BLKRRPART it needs no parser in the kernel, spares partitions that
 * stay, and the device nodes are there when it returns.
 */
#ifndef PROVISION_BLKPG_H
#define PROVISION_BLKPG_H

#include "layout.h"

/* fd: the whole disk, open. ERR_BUSY when a partition that has to go is in use. */
int blkpg_sync(int fd, const struct disk *d, const struct layout *l,
	       struct err *err) _must_check_ _nonnull_;

#endif
