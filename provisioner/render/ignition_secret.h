/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where an Ignition config holds a secret: hashes of passwords, keys of LUKS volumes, files that
 * not everybody may read, private keys, headers that carry an authorization, and URLs with a
 * password. Pure.
 */
#ifndef PROVISION_IGNITION_SECRET_H
#define PROVISION_IGNITION_SECRET_H

#include "jsonx.h"

/* The JSON path of the first one, "$.passwd.users[0].passwordHash", or NULL. Caller frees. */
char *ignition_secret(const json_t *config) _nonnull_;

#endif
