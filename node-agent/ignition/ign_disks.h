/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The disks stage of Ignition: storage.disks, raid, luks and filesystems, in this order. All of it
 * is held against the machine first, and once more right before the first write; a refusal leaves
 * every disk as it was. The disks are locked (ign_lock.h) from before the first look to the end.
 * What an array or an opened volume holds can only be told once it is made: a file system on one is
 * judged then.
 */
#ifndef PROVISION_IGN_DISKS_H
#define PROVISION_IGN_DISKS_H

#include "ign_fetch.h"

/* config: whole and merged, passed by ignition_check. ERR_REFUSED names the field by its JSON path.
 */
int ign_stage_disks(const json_t *config, struct ign_fetch *f,
		    struct err *err) _must_check_ _nonnull_;

#endif
