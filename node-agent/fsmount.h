/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The target's tree below a folder of the boot environment. Everything here may be done again: what
 * is mounted already stays, what is gone already is fine.
 */
#ifndef PROVISION_FSMOUNT_H
#define PROVISION_FSMOUNT_H

#include "fs_table.h"

/* Mounts the pools of the plan's fs_table below root (made when missing), adopted ones too. The EFI
 * system partitions are the boot loader's, who mounts one after the other. */
int fsmount_target(const struct plan *plan, const struct disk_list *disks, const char *root,
		   struct err *err) _must_check_ _nonnull_;
/* Binds /dev, /dev/pts, /proc, /sys and /run of the running system below root, for programs that
 * run there by chroot. */
int fsmount_bind(const char *root, struct err *err) _must_check_ _nonnull_;
/* Undoes fsmount_bind. */
int fsmount_unbind(const char *root, struct err *err) _must_check_ _nonnull_;
/* Unmounts everything at and below root, what was mounted last first. ERR_BUSY when something is
 * in use. */
int fsmount_release(const char *root, struct err *err) _must_check_ _nonnull_;
/* Mounts one device (read-write) at a folder of the boot environment, made when missing; fine when
 * that device is there already. options may be NULL. */
int fsmount_device(const char *device, const char *path, const char *type, const char *options,
		   struct err *err) _must_check_ __attribute__((nonnull(1, 2, 3, 5)));

#endif
