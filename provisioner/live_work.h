/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a machine whose image runs in memory has to do by a frozen plan, as lines of words between
 * tabs that a shell reads (live.yaml). No word is empty or holds a tab; "-" is none.
 *
 *   plan ID / node NAME / mac MAC / seq NEXT      of its events
 *   make POOL UUID DATA METADATA
 *   member POOL KERNELNAME CONTENT ID             of a pool to make, after its line; CONTENT as
 *                                                 the report had it: blank, ours (this very pool,
 *                                                 half made), erase (permitted to be lost)
 *   adopt POOL UUID DEVICES
 *   subvolume POOL NAME                           of a pool of either kind: made where it is
 * missing mount UUID OPTIONS PATH                       parents before what is below them
 *   kubernetes kubeadm|k3s
 *   binary SHA256 URL NAME / image SHA256 URL NAME
 *   state done                                    Ready since this boot's claim: nothing to do
 *
 * Pure.
 */
#ifndef PROVISION_LIVE_WORK_H
#define PROVISION_LIVE_WORK_H

#include "plan.h"

struct live_progress {
	bool pools_made;   /* its event `pools` done is stored: none is ever made again */
	bool ready;        /* told so since this boot's claim */
	uint64_t next_seq; /* of the next event */
};

/*
 * The lines for a resolved plan in memory with this id. disks: as reported now. ERR_REFUSED when
 * the machine is not as the plan says: a member is missing, or a disk holds something else than it
 * held when the plan was made. Caller frees.
 */
int live_work(const struct plan *p, const struct sha256 *id, const struct live_progress *progress,
	      const struct disk_list *disks, char **ret, struct err *err) _must_check_ _nonnull_;

#endif
