/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of another system, below its root: every path is resolved as if that root were ours
 * (openat2(2), RESOLVE_IN_ROOT), so that a link in the image cannot lead out of it.
 */
#ifndef PROVISION_TARGET_H
#define PROVISION_TARGET_H

#include "err.h"

#include <sys/types.h>

/* Who owns a file, in the numbers of the target. */
struct target_owner {
	uid_t uid;
	gid_t gid;
};

#define TARGET_ROOT ((struct target_owner){.uid = 0, .gid = 0})

/* All paths are absolute, as the target's programs will see them; root is a descriptor of its root
 * folder. Missing folders are made, mode 0755, root's. */

/* Replaces the file, or the link that stands there, at once. Not synced: who ends the phase syncs
 * the file system. */
int target_write(int root, const char *path, const void *data, size_t len, mode_t mode,
		 struct target_owner owner, struct err *err) _must_check_
	__attribute__((nonnull(2, 7)));
/* Makes the folder or gives one that is there this mode and owner. */
int target_mkdir(int root, const char *path, mode_t mode, struct target_owner owner,
		 struct err *err) _must_check_ __attribute__((nonnull(2, 5)));
/* Replaces what stands there (no folder) by a symbolic link. */
int target_link(int root, const char *path, const char *to, struct target_owner owner,
		struct err *err) _must_check_ __attribute__((nonnull(2, 3, 5)));
/* At most max bytes; ERR_NOT_FOUND when it is not there, ERR_REFUSED when it is no regular file.
 * Caller frees. */
int target_read(int root, const char *path, size_t max, char **ret_data, size_t *ret_len,
		struct err *err) _must_check_ __attribute__((nonnull(2, 4, 5, 6)));
bool target_exists(int root, const char *path) __attribute__((nonnull(2)));
/* Opens the folder that holds path, making what is missing; *ret_name points to the last part,
 * also on failure. */
int target_parent(int root, const char *path, const char **ret_name, struct err *err) _must_check_
	__attribute__((nonnull(2, 3, 4)));
/* A user of the target: the numbers of the user and of its own group, and its home folder (caller
 * frees). ERR_CONFIG when there is none of that name. */
int target_account_find(int root, const char *user, struct target_owner *ret_owner, char **ret_home,
			struct err *err) _must_check_ __attribute__((nonnull(2, 3, 4, 5)));
/* The name of the account with this number; NULL when no line of passwd has it. Caller frees. */
int target_uid_name(int root, uid_t uid, char **ret_name, struct err *err) _must_check_
	__attribute__((nonnull(3, 4)));
/* The numbers of a user and a group (NULL: root) by the target's own passwd and group files. */
int target_owner_find(int root, const char *user, const char *group, struct target_owner *ret,
		      struct err *err) _must_check_ __attribute__((nonnull(4, 5)));

#endif
