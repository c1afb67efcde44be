/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Partition tables of the disks that the plan says to erase.
 *
 * A disk is erased only while it is blank, holds exactly what it held when the plan was made (its
 * fingerprint), or is this plan's own already. So that the last stays true through a power cut at
 * any point, the first write is the mark (mark.h); only then what the disk held is wiped and the
 * table is written.
 */
#ifndef PROVISION_PART_H
#define PROVISION_PART_H

#include "plan.h"
#include "progress.h"

/* Whether every disk of the plan is here and may be erased; writes nothing. ERR_REFUSED names the
 * disk by its id, says what it holds, and the command that permits it. */
int part_check(const struct plan *plan, const struct disk_list *disks,
	       struct err *err) _must_check_ _nonnull_;
/* Whether every disk that the plan erases has the plan's table, as *disks was read: what comes
 * after partitioning writes to nothing else. A power cut may last for months. ERR_REFUSED as above.
 */
int part_check_ready(const struct plan *plan, const struct disk_list *disks,
		     struct err *err) _must_check_ _nonnull_;
/* Wipes and partitions the disks that are to be erased, and tells the kernel. Checks each disk
 * again right before its first write. A disk that has its table already is left alone, so this may
 * be run again. *disks is read before; what it says of the erased disks is out of date after.
 * progress may be NULL. */
int part_run(const struct plan *plan, const struct disk_list *disks,
	     const struct progress *progress, struct err *err) _must_check_
	__attribute__((nonnull(1, 2, 4)));

#endif
