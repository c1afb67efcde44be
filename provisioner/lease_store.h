/* SPDX-License-Identifier: Apache-2.0 */
/* Leases in the store. */
#ifndef PROVISION_LEASE_STORE_H
#define PROVISION_LEASE_STORE_H

#include "lease.h"
#include "store.h"

/* s has to outlive the result. */
struct lease_store lease_store_of(struct store *s) _nonnull_;

#endif
