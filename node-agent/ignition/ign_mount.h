/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The config's file systems that have a path, mounted below the root before anything is written
 * there: what the config puts on them would otherwise lie hidden beneath. They stay mounted.
 */
#ifndef PROVISION_IGN_MOUNT_H
#define PROVISION_IGN_MOUNT_H

#include "ign_root.h"
#include "jsonx.h"

/* Mounts them, the outer ones first. Missing folders are made with mode 0755; *ret_made gets their
 * paths. ERR_REFUSED when a path leads through a link or a file, or when another device is mounted
 * there; one that is mounted already stays. On failure those of this call are unmounted. */
int ign_mount_make(const struct ign_root *r, const json_t *config, struct strv *ret_made,
		   struct err *err) _must_check_ _nonnull_;
/* Gives each of the config's users the folders of `made` that are its home or in it, mode 0700:
 * useradd leaves a home alone that is there. */
int ign_mount_own_homes(const struct ign_root *r, const json_t *config, const struct strv *made,
			struct err *err) _must_check_ _nonnull_;

#endif
