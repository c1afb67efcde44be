/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the partition table of a disk is to be, in numbers. Pure. GUIDs derive from the plan, so
 * that a table says whose it is; offsets and sizes are multiples of 1 MiB, whatever the sector
 * size.
 */
#ifndef PROVISION_LAYOUT_H
#define PROVISION_LAYOUT_H

#include "plan.h"

enum { LAYOUT_PARTITIONS = 3 };

struct layout_partition {
	unsigned int number;  /* 1.. */
	uint64_t start, size; /* bytes */
	char uuid[UUID_TEXT_SIZE];
	const char *type; /* GPT type GUID, lower case */
	const char *name;
	char *name_owned; /* when name is made up of the pool's */
};

struct layout {
	char disk_uuid[UUID_TEXT_SIZE];
	struct layout_partition p[LAYOUT_PARTITIONS];
	size_t n;
};

/* Partition numbers on a member of the system pool. */
enum { LAYOUT_BIOS = 1, LAYOUT_ESP = 2, LAYOUT_SYSTEM = 3, LAYOUT_DATA = 1 };

/* The partition that is the pool's btrfs member. */
unsigned int layout_member_number(const char *pool) _nonnull_;
/* The table of a disk of `size` bytes, id by disk_id, that is a member of `pool`. ERR_REFUSED when
 * the disk is too small. Release *ret with layout_release. */
int layout_build(const struct sha256 *plan_id, const char *pool, const char *id, uint64_t size,
		 struct layout *ret, struct err *err) _must_check_ _nonnull_;
void layout_release(struct layout *l) _nonnull_;
/* Whether d's table, as it was read, is this one, entry by entry. */
bool layout_is_on(const struct layout *l, const struct disk *d) _nonnull_;

#endif
