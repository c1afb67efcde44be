/* SPDX-License-Identifier: Apache-2.0 */
/* From rules to serials: what happens to every disk of the machine that claims. Pure. */
#ifndef PROVISION_PLAN_RESOLVE_H
#define PROVISION_PLAN_RESOLVE_H

#include "plan.h"

/* The frozen plan of an earlier installation. */
struct past_plan {
	struct sha256 id;
	struct plan *plan;
	bool made_pools; /* it got past the pools phase: they have been there */
};

/* Those of the node that began to write, newest first. Initialise with {0}. */
struct plan_history {
	struct past_plan *past;
	size_t n;
};

/* Adds one after the others, from its JSON. */
int plan_history_add(struct plan_history *h, const struct sha256 *id, bool made_pools,
		     const char *json, struct err *err) _must_check_ _nonnull_;
void plan_history_release(struct plan_history *h) _nonnull_;

/*
 * Turns the rules of p (a plan that the caller owns and has not resolved yet) into serials and
 * actions. A pool of the record whose file system the history knows by its UUID is adopted from
 * whatever disks hold it; no rule takes these. A pool that was made before is made anew only when
 * the disks that had it are here and hold it no more. A blank disk, and one that carries this
 * node's own system (told by GUIDs that derive from an earlier plan), needs no consent; any other
 * needs its id in consents. Disks that no pool takes are kept.
 *
 * ERR_REFUSED, p unchanged but for nothing that counts (resolved stays false): a rule is unmet or
 * ambiguous, a chosen disk cannot be read, a pool's member is missing, a profile wants more
 * devices, a consent is missing (all such disks, and the command, are named) or names a disk that
 * the machine does not have.
 */
int plan_resolve(struct plan *p, const struct disk_list *disks, const struct plan_history *history,
		 const struct strv *consents, struct err *err) _must_check_ _nonnull_;

#endif
