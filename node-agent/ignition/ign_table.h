/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What becomes of a partition table under one entry of storage.disks (Ignition's operator notes,
 * "Partition Reuse Semantics"). Pure: a table and a wish in, the steps or a refusal out. Free space
 * is chosen as sgdisk chooses it, which is what the reference implementation calls: the largest
 * free block, aligned as the table's own partitions are.
 */
#ifndef PROVISION_IGN_TABLE_H
#define PROVISION_IGN_TABLE_H

#include "jsonx.h"

enum ign_action {
	IGN_KEEP,    /* stays as it is: it matches, or nobody named it */
	IGN_CREATE,  /* is not there yet */
	IGN_REPLACE, /* is deleted and made anew under its number */
	IGN_RESIZE,  /* only its size changes */
	IGN_DELETE,
	IGN_ACTION_MAX
};

/* A partition. Texts are NULL when they are not known (existing) or not given (wanted). */
struct ign_entry {
	unsigned int number;  /* 1.. */
	uint64_t start, size; /* sectors, as they will be; of IGN_DELETE as they are */
	char *type, *guid, *label;
	enum ign_action action;
};

struct ign_table {
	uint32_t sector;      /* bytes, a multiple of 512 */
	uint64_t sectors;     /* of the whole disk */
	uint64_t first, last; /* usable ones */
	unsigned int slots;   /* numbers go to this */
	struct ign_entry *e;
	size_t n;
};

/* An empty table as one is made for a disk of this size. */
void ign_table_init(struct ign_table *t, uint32_t sector, uint64_t sectors) _nonnull_;
void ign_table_release(struct ign_table *t) _nonnull_;
/* The entry with this number, IGN_DELETE ones too; NULL when there is none. */
const struct ign_entry *ign_table_find(const struct ign_table *t, unsigned int number) _nonnull_;
/* Whether any entry is not IGN_KEEP. */
bool ign_table_changes(const struct ign_table *t) _nonnull_;
/* Whether both have the same partitions in the same order; actions do not count. */
bool ign_table_equal(const struct ign_table *a, const struct ign_table *b) _nonnull_;

/*
 * disk: an entry of storage.disks that ignition_check has passed; path: its JSON path. now: the
 * table as it is, all entries IGN_KEEP. *ret gets every partition with its action, those to be made
 * in the order in which they are made; release it. ERR_REFUSED when an entry does not match and may
 * not go, or when there is no room.
 */
int ign_table_plan(const struct ign_table *now, const json_t *disk, const char *path,
		   struct ign_table *ret, struct err *err) _must_check_ _nonnull_;

#endif
