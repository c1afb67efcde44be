/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a new system has to be told of itself: its name, its network, where its file systems are,
 * who may log in; and the plan's own files, units and users. Written anew each time, so that it may
 * be run again.
 */
#ifndef PROVISION_SYSCONF_H
#define PROVISION_SYSCONF_H

#include "plan.h"

/* All of it, below root; root_path names the same folder, for programs of the target that are run
 * by chroot(2). */
int sysconf_write(int root, const char *root_path, const struct plan *plan,
		  struct err *err) _must_check_ __attribute__((nonnull(2, 3, 4)));
/* Sets or adds one user's keys, and makes the user when the image does not have it. */
int sysconf_users(int root, const char *root_path, const struct plan *plan,
		  struct err *err) _must_check_ __attribute__((nonnull(2, 3, 4)));
/* The plan's files, folders and links, in their order. */
int sysconf_files(int root, const struct plan *plan, struct err *err) _must_check_
	__attribute__((nonnull(2, 3)));
/* The plan's units: contents, drop-ins, then enabled, disabled or masked. */
int sysconf_units(int root, const char *root_path, const struct plan *plan,
		  struct err *err) _must_check_ __attribute__((nonnull(2, 3, 4)));

/* The pure half, sysconf_text.c: texts of files; callers free. */

/* /etc/hosts */
char *sysconf_hosts(const struct plan *plan) _nonnull_;
/* systemd.network(5) for the first card of the plan, and for its others; NULL when there are none.
 */
char *sysconf_network(const struct plan *plan) _nonnull_;
char *sysconf_network_others(const struct plan *plan) _nonnull_;
/* timesyncd.conf(5); NULL when the plan names no time server. */
char *sysconf_timesyncd(const struct plan *plan) _nonnull_;

#endif
