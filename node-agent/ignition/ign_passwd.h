/* SPDX-License-Identifier: Apache-2.0 */
/*
 * passwd.groups and passwd.users of spec 3.4, by the programs that upstream calls. A password's
 * hash goes to chpasswd's standard input: an argument can be read by everybody.
 *
 * In an installed root a group that is there already is kept, a user gets bash (Debian's own
 * default is sh), and one whose name is a group already gets that group. A new user
 * whose home folder is there already, from an installation before, gets the number it belongs to
 * (ign_home.h).
 */
#ifndef PROVISION_IGN_PASSWD_H
#define PROVISION_IGN_PASSWD_H

#include "ign_root.h"
#include "jsonx.h"

/* config is one that ign_config_load gave. Groups come first, then users with their keys. */
int ign_passwd_make(const struct ign_root *r, const json_t *config,
		    struct err *err) _must_check_ _nonnull_;

#endif
