/* SPDX-License-Identifier: Apache-2.0 */
/* A Matchbox group as a node's record. Pure. */
#ifndef PROVISION_MATCHBOX_NODE_H
#define PROVISION_MATCHBOX_NODE_H

#include "import/matchbox_dir.h"
#include "node.h"

/* Name, MAC address, labels and metadata of the machine that the group selects. False, and told in
 * left, when it is no group of one machine: without a selector, or without a MAC address in it. */
bool matchbox_node_read(const struct matchbox_group *g, struct node *ret,
			struct problems *left) _must_check_ _nonnull_;
/* An id as the name of a node or of a file: lower case, and '-' for what may not be in one. Caller
 * frees. */
char *matchbox_name(const char *id) _nonnull_;

#endif
