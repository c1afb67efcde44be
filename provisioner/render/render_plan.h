/* SPDX-License-Identifier: Apache-2.0 */
/* A plan for people: what will happen to which disk, before it happens. Pure. */
#ifndef PROVISION_RENDER_PLAN_H
#define PROVISION_RENDER_PLAN_H

#include "plan.h"

/* A text of some lines: the rules of a plan that is not resolved, disks by serial otherwise. Caller
 * frees. */
char *render_plan(const struct plan *p) _nonnull_;

#endif
