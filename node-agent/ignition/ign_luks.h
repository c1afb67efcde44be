/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One entry of storage.luks, made by cryptsetup and bound by clevis. Without wipeVolume a LUKS2
 * volume of the same label, UUID and discard setting that the keyFile opens is reused, blank space
 * is formatted, and anything else is refused. What clevis is bound to cannot be compared, so such a
 * volume is never reused.
 */
#ifndef PROVISION_IGN_LUKS_H
#define PROVISION_IGN_LUKS_H

#include "ign_command.h"
#include "ign_key.h"
#include "ign_location.h"

struct ign_luks {
	const json_t *j; /* borrowed from the config */
	char *path;      /* "$.storage.luks[0]" */
	const char *name;
	struct ign_location place;
	struct ign_key key;
};

enum ign_luks_state {
	IGN_LUKS_FORMAT, /* blank, or may be wiped */
	IGN_LUKS_OPEN,   /* a LUKS volume that may do, if its key does */
	IGN_LUKS_REJECT, /* holds something else */
};

/* Pure: what becomes of a device that holds these signatures. *ret_why gets the reason of
 * IGN_LUKS_REJECT, a text that stays; what cryptsetup has to be asked is not in it. */
enum ign_luks_state ign_luks_judge(const json_t *j, const struct disk_signature *list, size_t n,
				   const char **ret_why) __attribute__((nonnull(1, 4)));
/* Pure: the commands, as the reference implementation runs them; key: the path of the key. */
void ign_luks_format_command(const json_t *j, const char *device, const char *key,
			     struct ign_command *ret) _nonnull_;
void ign_luks_open_command(const json_t *j, const char *device, const char *key,
			   struct ign_command *ret) _nonnull_;
void ign_luks_bind_command(const json_t *j, const char *device, const char *key,
			   struct ign_command *ret) _nonnull_;
/* Whether the entry has a clevis section that says anything. */
bool ign_luks_is_bound(const json_t *j) _nonnull_;

/* Finds and takes the place, gets the key, asks the Tang servers for their advertisements and tries
 * the key on a volume that is to be reused; nothing is written. Release *ret. */
int ign_luks_plan(struct ign_scene *s, const json_t *j, size_t index, struct ign_fetch *f,
		  struct ign_luks *ret, struct err *err) _must_check_ _nonnull_;
/* What may be wiped goes, where storage.disks makes the partition, and before it does. */
int ign_luks_clear(const struct ign_luks *l, struct err *err) _must_check_ _nonnull_;
/* Makes or reuses it, and leaves it opened as /dev/mapper/NAME. */
int ign_luks_run(const struct ign_luks *l, struct err *err) _must_check_ _nonnull_;
void ign_luks_release(struct ign_luks *l) _nonnull_;

#endif
