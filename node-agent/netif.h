/* SPDX-License-Identifier: Apache-2.0 */
/* The machine's wired network cards, by MAC; kernel names are for messages. */
#ifndef PROVISION_NETIF_H
#define PROVISION_NETIF_H

#include "mac.h"

struct netif {
	char *name;
	struct mac mac;
};

struct netif_list {
	struct netif *d;
	size_t n;
};

/* Ethernet devices with hardware behind them below root ("/sys/class/net"): no bridges, no
 * tunnels, no wireless. Sorted by name. At most LIMIT_MACS. */
void netif_list(const char *root, struct netif_list *ret_list) _nonnull_;
/* The entry with this MAC, or NULL. */
const struct netif *netif_find(const struct netif_list *l, const struct mac *mac) _nonnull_;
/* Sets IFF_UP. */
int netif_up(const char *name, struct err *err) _must_check_ _nonnull_;
void netif_list_release(struct netif_list *l) _nonnull_;

#endif
