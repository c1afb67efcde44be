/* SPDX-License-Identifier: Apache-2.0 */
/*
 * passwd.users.sshAuthorizedKeys of spec 3.4: .ssh/authorized_keys.d/ignition in the user's home
 * folder; in an installed root .ssh/authorized_keys, for Debian's sshd reads no other.
 */
#ifndef PROVISION_IGN_KEYS_H
#define PROVISION_IGN_KEYS_H

#include "ign_root.h"
#include "jsonx.h"

/* Replaces the file; keys NULL or empty: nothing is done. What is in a home folder is its user's
 * and not to be trusted: a link there, or a folder of somebody else's, is ERR_REFUSED.
 * ERR_NOT_FOUND when there is no home folder. */
int ign_keys_write(const struct ign_root *r, const char *user, const json_t *keys,
		   struct err *err) _must_check_ __attribute__((nonnull(1, 2, 4)));

#endif
