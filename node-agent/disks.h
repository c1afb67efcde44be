/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The disks of this machine: identity from sysfs, content from the disk itself. No udev is needed;
 * the names below /dev/disk/by-id are derived as its 60-persistent-storage.rules derive them:
 *
 *   ata-MODEL_SERIAL                SATA; untruncated model and serial of VPD page 83h
 *   nvme-MODEL_SERIAL               attributes model and serial of the controller
 *   virtio-SERIAL                   attribute serial of a virtio-blk disk
 *   mmc-NAME_SERIAL                 attributes name and serial of the card
 *   usb-VENDOR_MODEL_SERIAL-T:L     vendor and model of the SCSI device, serial of the USB device
 *   scsi-3NAA, scsi-2EUI, scsi-1T10, scsi-0VENDOR_MODEL_ID, scsi-SVENDOR_MODEL_SERIAL
 *                                   the first of these that VPD pages 83h and 80h offer
 *
 * The WWN is "0x" and the hex digits of the NAA designator, or of an NVMe disk's EUI-64 or NGUID.
 */
#ifndef PROVISION_DISKS_H
#define PROVISION_DISKS_H

#include "disk.h"

/* A block device that stands for a disk, under a serial given by hand: a loop device in a test. */
struct disk_named {
	const char *path; /* "/dev/loop0" */
	const char *serial;
	enum disk_transport transport;
};

struct disks_options {
	const char *sysfs;              /* NULL: "/sys" */
	const char *dev;                /* NULL: "/dev" */
	const struct disk_named *named; /* when n_named > 0: these, and no others */
	size_t n_named;
};

/*
 * Reads every disk: not loop, ram, zram, optical, floppy, device-mapper, md and network block
 * devices, boot areas of eMMC, hidden NVMe paths, and readers without a card. A disk that cannot be
 * read is in the list, with `unreadable` set. Sorted by name. Beyond LIMIT_DISKS is ERR_REFUSED.
 * options may be NULL.
 */
int disks_read(const struct disks_options *options, struct disk_list *ret_list,
	       struct err *err) _must_check_ __attribute__((nonnull(2, 3)));

/* The same disk with what it holds now, read through fd, its opened device. Release *ret with
 * disk_release. */
int disk_read_again(int fd, const struct disk *d, struct disk *ret,
		    struct err *err) _must_check_ _nonnull_;
/* The one disk with this disk_id; ERR_REFUSED when it is not there, or there twice. */
int disks_find(const struct disk_list *list, const char *id, const struct disk **ret,
	       struct err *err) _must_check_ _nonnull_;
/* "/dev/sda"; caller frees. */
char *disk_path(const struct disk *d) _nonnull_;
/* "/dev/sda1", "/dev/nvme0n1p1"; caller frees. */
char *disk_partition_path(const struct disk *d, unsigned int number) _nonnull_;

#endif
