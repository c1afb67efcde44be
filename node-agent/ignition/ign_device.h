/* SPDX-License-Identifier: Apache-2.0 */
/* A block device that is there: what a configured path comes to, and whether somebody uses it. */
#ifndef PROVISION_IGN_DEVICE_H
#define PROVISION_IGN_DEVICE_H

#include "disk.h"

/* The node of the kernel's own name, links followed: "/dev/sda". ERR_NOT_FOUND when nothing is
 * there, ERR_REFUSED when it is no block device. Caller frees. */
int ign_device_resolve(const char *device, char **ret, struct err *err) _must_check_ _nonnull_;
/* Size in bytes and logical sector size. */
int ign_device_size(const char *node, uint64_t *ret_size, uint32_t *ret_sector,
		    struct err *err) _must_check_ _nonnull_;
/* Mounted, swapped on, or a member of something active: the kernel refuses O_EXCL. A disk is in use
 * when a partition of it is. False for what cannot be opened. */
bool ign_device_in_use(const char *node) _nonnull_;
/* ERR_REFUSED when it is in use or read-only. */
int ign_device_writable(const char *node, struct err *err) _must_check_ _nonnull_;
/* What lies in the range of the device, without the spare superblocks of a btrfs that is gone;
 * size 0: to its end. Free it with ign_signatures_free. */
int ign_device_signatures(const char *node, uint64_t start, uint64_t size,
			  struct disk_signature **ret, size_t *ret_n,
			  struct err *err) _must_check_ _nonnull_;
/* Loads the kernel's module unless `file`, which it brings, is there; ERR_REFUSED, with the JSON
 * path of what needs it, when that does not help. */
int ign_device_driver(const char *file, const char *module, const char *path,
		      struct err *err) _must_check_ _nonnull_;
void ign_signatures_free(struct disk_signature *list, size_t n);
/* "ext4 "data", gpt" of a list that is not empty; caller frees. */
char *ign_signatures_text(const struct disk_signature *list, size_t n) _nonnull_;

#endif
