/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a new system has to be told of itself: its name, its network, where its file systems are,
 * who may log in; and the plan's own files, units and users. Written anew each time, so that it may
 * be run again.
 */
#ifndef PROVISION_SYSCONF_H
#define PROVISION_SYSCONF_H

#include "plan.h"

/* All of it, below root; root_path names the same folder. */
int sysconf_write(int root, const char *root_path, const struct plan *plan,
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
