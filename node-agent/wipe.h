/* SPDX-License-Identifier: Apache-2.0 */
/* Takes away everything by which somebody could know what a disk held. */
#ifndef PROVISION_WIPE_H
#define PROVISION_WIPE_H

#include "disk.h"

/*
 * Wipes every signature: in each partition of d first, then on the whole disk with both copies of
 * its partition table, so that a wipe that was cut short still finds the partitions of the rest.
 * fd: the disk, open for writing; d: as it was read.
 */
int wipe_disk(int fd, const struct disk *d, struct err *err) _must_check_ _nonnull_;

#endif
