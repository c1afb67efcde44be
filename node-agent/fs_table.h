/* SPDX-License-Identifier: Apache-2.0 */
/* What the installed system mounts where, by file-system UUID. Pure: the agent mounts by it, and
 * /etc/fstab is written from it. */
#ifndef PROVISION_FS_TABLE_H
#define PROVISION_FS_TABLE_H

#include "plan.h"

struct fs_mount {
	char *uuid;       /* of the file system; of a FAT one "1A2B-3C4D" */
	char *path;       /* absolute, on the installed system */
	const char *type; /* "btrfs", "vfat" */
	char *options;    /* for mount(2) */
	bool needed;      /* the system does not start without it */
	/* Where it comes from: a pool of the plan, or the ESP of a disk of it. */
	const struct plan_pool *pool;
	const struct plan_disk *esp;
};

struct fs_table {
	struct fs_mount *m; /* a folder before what is mounted in it; "/" first */
	size_t n;
};

/* plan has to outlive the table. The first member's ESP is /boot/efi. ERR_CONFIG when two mounts
 * have one path, or none is "/". */
int fs_table_build(const struct plan *plan, struct fs_table *ret,
		   struct err *err) _must_check_ _nonnull_;
void fs_table_release(struct fs_table *t) _nonnull_;
/* The text of /etc/fstab; caller frees. */
char *fs_table_format(const struct fs_table *t) _nonnull_;

#endif
