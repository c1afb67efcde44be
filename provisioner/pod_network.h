/* SPDX-License-Identifier: Apache-2.0 */
/* The pod network's manifest: the operator's own file, or the asset that the network's name stands
 * for. */
#ifndef PROVISION_POD_NETWORK_H
#define PROVISION_POD_NETWORK_H

#include "inventory.h"
#include "plan_build.h"

/* Its text, which the caller frees; *ret is NULL when the network needs none, or when the asset is
 * not registered yet: plan_build says how to add it, when a control plane needs it. */
int pod_network_load(const char *assets_dir, const struct inventory *inv, const struct manifest *m,
		     char **ret, struct err *err) _must_check_ _nonnull_;

#endif
