/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files stage does about storage.luks: /etc/crypttab names each volume by its UUID, and
 * the key of one that clevis does not open lies in /etc/luks.
 */
#ifndef PROVISION_IGN_CRYPTTAB_H
#define PROVISION_IGN_CRYPTTAB_H

#include "ign_fetch.h"
#include "ign_root.h"
#include "secret.h"

/* The table with the entry of this volume: the old one of that name goes, the rest stays as it is.
 * luks: a checked entry of storage.luks. Pure; caller frees. */
char *ign_crypttab_text(const char *old, const json_t *luks, const char *uuid) _nonnull_;
/* Writes the entry and the key; key: NULL for a volume that clevis opens. */
int ign_crypttab_add(const struct ign_root *r, const json_t *luks, const char *uuid,
		     const struct secret *key, struct err *err) _must_check_
	__attribute__((nonnull(1, 2, 3, 5)));

/* ERR_REFUSED for a volume of the config that the disks stage has not made on this machine. */
int ign_crypttab_check(const json_t *config, struct err *err) _must_check_ _nonnull_;
/* All of storage.luks. A keyFile is fetched again; a key that was made up has waited since
 * (ign_key.h). */
int ign_crypttab_make(const struct ign_root *r, struct ign_fetch *f, const json_t *config,
		      struct err *err) _must_check_ _nonnull_;

#endif
