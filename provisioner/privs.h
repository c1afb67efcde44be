/* SPDX-License-Identifier: Apache-2.0 */
/* Giving up rights: user, capabilities, system calls. Each step is for good. */
#ifndef PROVISION_PRIVS_H
#define PROVISION_PRIVS_H

#include "err.h"

#include <sys/types.h>

struct privs_user {
	uid_t uid;
	gid_t gid;
};

/* Looks a user up. ERR_CONFIG says how it is made. */
int privs_find_user(const char *name, struct privs_user *ret,
		    struct err *err) _must_check_ _nonnull_;
/* The group's id, or (gid_t)-1 when there is none. */
gid_t privs_find_group(const char *name) _nonnull_;

/* Becomes this user, without any capability. */
int privs_become(const struct privs_user *u, struct err *err) _must_check_ _nonnull_;
/* Stays the user, without any capability: for a daemon that was not started by root. */
int privs_bare(struct err *err) _must_check_ _nonnull_;
/* The wire-facing process's last step: no new rights by exec, no system call that it does not need,
 * above all no program to be started. */
int privs_lock(struct err *err) _must_check_ _nonnull_;

/* For the keeper: closes every descriptor but fd and the first three. */
int privs_close_all_but(int fd, struct err *err) _must_check_ _nonnull_;
/* For the keeper: keeps the user, drops every capability but reading files, and all system calls
 * but those for reading files and talking to an API server. */
int privs_keeper(struct err *err) _must_check_ _nonnull_;

#endif
