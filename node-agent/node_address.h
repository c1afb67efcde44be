/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The address by which the cluster is to know a node. kubelet and k3s find it by the default route;
 * on an isolated LAN there is none ("no default routes found"), and they have to be told.
 */
#ifndef PROVISION_NODE_ADDRESS_H
#define PROVISION_NODE_ADDRESS_H

#include "plan.h"

/* Whether the text of /proc/net/route has a default route. Pure. */
bool node_address_has_default_route(const char *text) _nonnull_;
/* The address to tell: the plan's own; without one, and without a default route, the one from which
 * the provisioner is reached; otherwise 0: it is found by itself. */
struct ipv4 node_address(const struct plan *plan) _nonnull_;

#endif
