/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One entry of storage.filesystems (Ignition's operator notes, "Filesystem-Reuse Semantics"):
 * without wipeFilesystem a file system of the same format, label and UUID is reused, blank space is
 * formatted, and anything else is refused.
 */
#ifndef PROVISION_IGN_FILESYSTEM_H
#define PROVISION_IGN_FILESYSTEM_H

#include "ign_command.h"
#include "ign_location.h"

enum ign_reuse {
	IGN_REUSE,  /* is there already */
	IGN_FORMAT, /* wiped and made */
	IGN_REJECT, /* holds something that may not go */
};

struct ign_filesystem {
	const json_t *j; /* borrowed from the config */
	char *path;      /* "$.storage.filesystems[0]" */
	struct ign_location place;
	bool skip;               /* has no format */
	struct ign_command make; /* no arguments: format "none" */
};

/* What becomes of a device that holds these signatures. Pure; j: an entry of
 * storage.filesystems. */
enum ign_reuse ign_filesystem_judge(const json_t *j, const struct disk_signature *list,
				    size_t n) _nonnull_;
/* The mkfs command for the device, as the reference implementation runs it. Pure; nothing for the
 * format "none". */
void ign_filesystem_command(const json_t *j, const char *device, struct ign_command *ret)
	__attribute__((nonnull));

/* Finds the place, takes it and judges it, as far as it is there; nothing is written. Release *ret.
 */
int ign_filesystem_plan(struct ign_scene *s, const json_t *j, size_t index,
			struct ign_filesystem *ret, struct err *err) _must_check_ _nonnull_;
/* Right before the first disk is written: ERR_REFUSED when it would be refused now. */
int ign_filesystem_look_again(const struct ign_filesystem *f,
			      struct err *err) _must_check_ _nonnull_;
/* What may be wiped goes, where storage.disks makes the partition, and before it does. */
int ign_filesystem_clear(const struct ign_filesystem *f, struct err *err) _must_check_ _nonnull_;
/* Judges what is there by now once more, and makes it. */
int ign_filesystem_run(const struct ign_filesystem *f, struct err *err) _must_check_ _nonnull_;
void ign_filesystem_release(struct ign_filesystem *f) _nonnull_;

#endif
