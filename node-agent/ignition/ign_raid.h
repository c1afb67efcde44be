/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One entry of storage.raid, made by mdadm. As in the reference implementation an array is always
 * made, never adopted; other than there, a member that holds anything is refused unless
 * storage.disks makes its partition anew, which is the consent that the section itself has no word
 * for.
 */
#ifndef PROVISION_IGN_RAID_H
#define PROVISION_IGN_RAID_H

#include "ign_command.h"
#include "ign_location.h"

struct ign_raid {
	char *path; /* "$.storage.raid[0]" */
	struct ign_location *members;
	size_t n;
	struct ign_command make;
};

/* The mdadm command over these devices. Pure. */
void ign_raid_command(const json_t *j, const struct strv *devices,
		      struct ign_command *ret) _nonnull_;
/* Finds, takes and judges the members; nothing is written. Release *ret. */
int ign_raid_plan(struct ign_scene *s, const json_t *j, size_t index, struct ign_raid *ret,
		  struct err *err) _must_check_ _nonnull_;
/* What the members hold goes, where storage.disks makes them, and before it does. */
int ign_raid_clear(const struct ign_raid *r, struct err *err) _must_check_ _nonnull_;
int ign_raid_run(const struct ign_raid *r, struct err *err) _must_check_ _nonnull_;
void ign_raid_release(struct ign_raid *r) _nonnull_;

#endif
