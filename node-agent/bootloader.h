/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GRUB on every member of the system pool, so that the machine starts from any of them: for BIOS in
 * the BIOS boot partition, for UEFI at the removable-media path of the EFI system partition
 * (UEFI specification section 3.5.1.1). The firmware's boot order is never touched. All of it runs
 * by chroot in the unpacked system, with the GRUB that the image brings, so that a kernel update
 * there goes on to work by itself.
 */
#ifndef PROVISION_BOOTLOADER_H
#define PROVISION_BOOTLOADER_H

#include "plan.h"
#include "progress.h"

/* Whether the unpacked system has a kernel, GRUB for the plan's architecture and its tools. */
int bootloader_check(const struct plan *plan, const char *root,
		     struct err *err) _must_check_ _nonnull_;
/*
 * Installs GRUB and writes grub.cfg; root is where fsmount_target mounted the system. The last
 * step that a disk needs to boot. May be run again. progress may be NULL.
 */
int bootloader_run(const struct plan *plan, const struct disk_list *disks, const char *root,
		   const struct progress *progress, struct err *err) _must_check_
	__attribute__((nonnull(1, 2, 3, 5)));

#endif
