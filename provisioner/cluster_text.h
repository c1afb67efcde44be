/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a new cluster.yaml, commented for the person who will read it in ten months. Pure. */
#ifndef PROVISION_CLUSTER_TEXT_H
#define PROVISION_CLUSTER_TEXT_H

#include "cluster.h"

/* What differs from the defaults is written, the rest stands as a comment. Caller frees. */
char *cluster_to_yaml(const struct cluster *c) _nonnull_;

/* What hints and comments show, from the LAN's own subnet (192.168.1.0/24 while it is not known):
 * an address for a node, which is not this host's, the router's, a name server's, in a DHCP range
 * or one of the n nodes'. */
struct ipv4_net cluster_example_address(const struct cluster *c, const struct node *nodes, size_t n)
	__attribute__((nonnull(1)));
/* Addresses to give: the upper half of the network, which by habit is the one that machines get
 * from DHCP, without this host's. False when the network is too small. */
bool cluster_example_range(const struct cluster *c, struct ipv4_range *ret) _nonnull_;

#endif
