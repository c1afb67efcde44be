/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a new system has to be told of itself: its name, its network, where its file systems are,
 * who may log in; and the plan's own files, units and users. Written anew each time, so that it may
 * be run again.
 */
#ifndef PROVISION_SYSCONF_H
#define PROVISION_SYSCONF_H

#include "plan.h"
#include "sysconf_text.h"

/* Before a disk is touched: what the plan's config includes can be fetched, has its digest, and
 * says no more than a plan may. Writes nothing. */
int sysconf_check(const struct plan *plan, struct err *err) _must_check_ _nonnull_;
/* All of it, below root; root_path names the same folder. What the plan's config fetches is fetched
 * now; what it includes may not say more than a plan. */
int sysconf_write(int root, const char *root_path, const struct plan *plan,
		  struct err *err) _must_check_ __attribute__((nonnull(2, 3, 4)));

#endif
