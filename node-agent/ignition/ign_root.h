/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The root that a config is applied to. Paths are resolved as the system in it would: a link to
 * /etc is the root's own etc, `..` stops at the root. What was resolved is opened without following
 * any link, so that nothing that changes in between leads out.
 */
#ifndef PROVISION_IGN_ROOT_H
#define PROVISION_IGN_ROOT_H

#include "err.h"

#include <sys/stat.h>

struct ign_root {
	int fd;     /* the root folder, O_PATH */
	char *path; /* the same, absolute, for programs */
	/* The system in it is started as it is now, and may have been through a cut attempt: units
	 * are enabled and not only preset, keys lie where sshd looks by default, what the config
	 * has already made is no obstacle, a file or link of the image is replaced unless the entry
	 * says `overwrite: false`, and programs that change accounts are the root's own. */
	bool installed;
};

/* Opens the folder; ERR_USAGE when it is none. */
int ign_root_open(struct ign_root *r, const char *path, bool installed,
		  struct err *err) _must_check_ _nonnull_;
void ign_root_release(struct ign_root *r) _nonnull_;

/* The path with every link in its folders followed, parts that do not exist as they stand; the last
 * part is not followed. Absolute below the root, without "." and ".."; "/" is the root itself.
 * Caller frees. ERR_CONFIG for links that go round in circles. */
int ign_root_resolve(const struct ign_root *r, const char *path, char **ret_real,
		     struct err *err) _must_check_ _nonnull_;
/* Opens (O_PATH) the folder that holds a resolved path; *ret_name points to the last part, "."
 * of the root itself. Missing
 * folders are made with mode 0755 when `make`, otherwise ERR_NOT_FOUND. */
int ign_root_parent(const struct ign_root *r, const char *real, bool make, const char **ret_name,
		    struct err *err) _must_check_ _nonnull_;
/* What stands at a resolved path, links not followed: 1, 0 when there is nothing. */
int ign_root_stat(const struct ign_root *r, const char *real, struct stat *ret,
		  struct err *err) _must_check_ _nonnull_;

#endif
