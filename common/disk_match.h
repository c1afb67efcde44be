/* SPDX-License-Identifier: Apache-2.0 */
/* Which disks of a machine a set of rules chooses. Pure. */
#ifndef PROVISION_DISK_MATCH_H
#define PROVISION_DISK_MATCH_H

#include "disk.h"

/*
 * Chooses for specs[0..n) from list. Identities choose first, then rules in their order from what
 * is left. ret_owner[i] (list->n entries, caller's array) becomes the index of the spec that takes
 * disk i, or -1. Refused (ERR_REFUSED), with the list of what the machine has, when a rule is
 * unmet, ambiguous (more match than its count), two specs want the same disk, or a chosen disk has
 * no serial and no WWN, is read-only, or shares its id with another disk.
 */
int disk_match(const struct disk_spec *specs, size_t n, const struct disk_list *list,
	       int *ret_owner, struct err *err) _must_check_ __attribute__((nonnull(3, 5)));

#endif
