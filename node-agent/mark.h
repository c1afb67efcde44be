/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mark: one sector, the disk's last, that says whose a disk is before it has a partition table,
 * and what it held when it was given away. It makes an erasure that the power cut short go on, and
 * nothing else: a disk that holds by now what it did not hold then has another owner. One thing it
 * cannot tell: data without a signature on a disk that held something with one may be what is left
 * of that, and counts as such.
 */
#ifndef PROVISION_MARK_H
#define PROVISION_MARK_H

#include "layout.h"

/* Marks the disk for the table l, with what `now`, the disk as it was just read, holds; syncs. The
 * first MARK_ITEMS_MAX things are written down: with more, a power cut while the disk is wiped
 * leaves a disk that an operator has to give away once more. */
enum { MARK_ITEMS_MAX = 26 };
int mark_write(int fd, const struct disk *now, const struct layout *l,
	       struct err *err) _must_check_ _nonnull_;
/*
 * Whether an erasure for the table l was begun and cut short on the disk, which was just read as
 * `now`: the mark is there and nothing is on the disk but what it was written for, or half of the
 * table l is there and nothing else.
 */
int mark_is_on(int fd, const struct disk *now, const struct layout *l, bool *ret,
	       struct err *err) _must_check_ _nonnull_;

#endif
