/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One entry of storage.disks and the disk that it is about: the GUID partition table read with
 * libfdisk and judged (ign_table.h), changed in memory and written at once.
 */
#ifndef PROVISION_IGN_DISK_H
#define PROVISION_IGN_DISK_H

#include "ign_table.h"

struct ign_disk {
	const json_t *j; /* borrowed from the config */
	char *path;      /* "$.storage.disks[0]" */
	char *node;      /* "/dev/sda": what the configured device comes to */
	uint64_t size;   /* bytes */
	bool wipe;       /* wipeTable */
	bool has_table;  /* a GPT is there, and stays */
	struct ign_table now, after;
};

/*
 * Reads the disk and plans its table; nothing is written. ERR_REFUSED: it is no whole disk, holds
 * something else than a GPT and wipeTable is not set, is in use as a whole, a partition that has to
 * change is in use, or ign_table_plan refuses. Release *ret.
 */
int ign_disk_plan(const json_t *j, size_t index, struct ign_disk *ret,
		  struct err *err) _must_check_ _nonnull_;
/* Right before the first disk is written, for it may have been a while: ERR_REFUSED when it would
 * be refused now, or is not as it was planned. */
int ign_disk_look_again(const struct ign_disk *d, struct err *err) _must_check_ _nonnull_;
/* Writes what ign_disk_plan planned, unless a partition that goes has come into use, and makes the
 * kernel's partitions equal to it: their nodes are there when it returns. */
int ign_disk_write(const struct ign_disk *d, struct err *err) _must_check_ _nonnull_;
void ign_disk_release(struct ign_disk *d) _nonnull_;

/* "/dev/sda1", "/dev/nvme0n1p1"; caller frees. */
char *ign_disk_partition(const char *node, unsigned int number) _nonnull_;

#endif
