/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The disk report of a machine where nothing of ours runs: what its own lsblk(8) and wipefs(8) of
 * util-linux print as JSON. It comes from a stranger, and is bounded and checked as such. Pure.
 */
#ifndef PROVISION_LSBLK_H
#define PROVISION_LSBLK_H

#include "disk.h"

/*
 * lsblk: an array of what `lsblk --json --bytes --output NAME,TYPE,SIZE,SERIAL,WWN,MODEL,TRAN,
 * ROTA,RM,RO,LOG-SEC,PARTUUID,PARTTYPE,PARTLABEL,START /dev/X` printed, one element a disk; `start`
 * counts sectors of 512 bytes. wipefs: an object of what `wipefs --json /dev/X` printed, by X, for
 * every disk and partition; null where that failed. A device that wipefs does not tell of is
 * unreadable, so that it never counts as blank; so is a disk that holds something else than
 * partitions. What is no disk is left out. Texts that are not printable ASCII count as absent.
 *
 * At most LIMIT_DISKS and LIMIT_SIGNATURES. ERR_PROTOCOL names the place by its JSON path. Release
 * *ret_disks with disk_list_release.
 */
int lsblk_read(const json_t *lsblk, const json_t *wipefs, struct disk_list *ret_disks,
	       struct err *err) _must_check_ _nonnull_;

#endif
