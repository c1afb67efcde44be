/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The home folder of a user that an installation makes, when an adopted pool has it from an
 * installation before: all in it belongs to a number, which the new user has to have as well.
 */
#ifndef PROVISION_IGN_HOME_H
#define PROVISION_IGN_HOME_H

#include "ign_root.h"
#include "jsonx.h"

/* user: a checked entry of passwd.users that the root has no account for. 1: its folder is there
 * and *ret_uid whose it is, the number for useradd; 0: nothing is there, or it is root's.
 * ERR_REFUSED, with what to write, when the entry says another uid, or when that number is
 * somebody else's in the root, or one of the system's own. */
int ign_home_find(const struct ign_root *r, const json_t *user, uid_t *ret_uid,
		  struct err *err) _must_check_ _nonnull_;

#endif
