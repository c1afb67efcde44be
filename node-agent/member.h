/* SPDX-License-Identifier: Apache-2.0 */
/* Which block devices are the members of a pool: of one the plan makes, by its disks; of one it
 * adopts, by the UUID in their superblocks. */
#ifndef PROVISION_MEMBER_H
#define PROVISION_MEMBER_H

#include "plan.h"

/* The file-system UUID of a pool: recorded for an adopted one, else derived. Returns text. */
const char *pool_fs_uuid(const struct plan *plan, const struct plan_pool *pool,
			 char text[UUID_TEXT_SIZE]) _nonnull_;

/*
 * Appends the device paths of the members to *paths. An adopted pool is refused (ERR_REFUSED)
 * unless every member is here, and each only once.
 */
int members_find(const struct plan *plan, const struct plan_pool *pool,
		 const struct disk_list *disks, struct strv *paths,
		 struct err *err) _must_check_ _nonnull_;
/*
 * Whether the members of the pools that the plan makes hold nothing but these pools: while they are
 * being made, or, when they were finished, all of them. ERR_REFUSED names the disk. Another system
 * may have been put there in the months that a power cut can last.
 */
int members_check(const struct plan *plan, const struct disk_list *disks, bool finished,
		  struct err *err) _must_check_ _nonnull_;

#endif
