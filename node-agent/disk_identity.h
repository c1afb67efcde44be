/* SPDX-License-Identifier: Apache-2.0 */
/* Who a disk is, from its folder in sysfs: transport, serial, WWN, model, by-id name. */
#ifndef PROVISION_DISK_IDENTITY_H
#define PROVISION_DISK_IDENTITY_H

#include "disk.h"

/* Fills name's transport, serial, wwn, model and by_id from dirfd, the opened folder
 * /sys/block/NAME. What the disk does not say stays NULL. */
void disk_identity_read(int dirfd, const char *name, struct disk *d) _nonnull_;

/* An attribute below dirfd, without the line's end and blanks around it; NULL when absent or
 * empty. Caller frees. */
char *sysfs_text(int dirfd, const char *path) _nonnull_;
/* An attribute that is a number; 0 when absent. */
uint64_t sysfs_number(int dirfd, const char *path) _nonnull_;

#endif
