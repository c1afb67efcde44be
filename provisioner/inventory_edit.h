/* SPDX-License-Identifier: Apache-2.0 */
/* New and removed records. A file that exists is never rewritten, so no comment is ever lost. */
#ifndef PROVISION_INVENTORY_EDIT_H
#define PROVISION_INVENTORY_EDIT_H

#include "inventory.h"

/* The commented YAML of a record; only what differs from the defaults is written. Caller frees. */
char *node_to_yaml(const struct node *n) _nonnull_;
/* Writes nodes/NAME.yaml. ERR_REFUSED when its name or one of its MACs is taken in inv. */
int inventory_add_node(const char *config_dir, const struct inventory *inv, const struct node *n,
		       struct err *err) _must_check_ _nonnull_;
/* Removes the node's file. */
int inventory_remove_node(const char *config_dir, const struct inventory *inv, const char *name,
			  struct err *err) _must_check_ _nonnull_;
/* "node-345678" from the last half of the MAC, or the next free "node-345678-2". Caller frees. */
char *inventory_free_name(const struct inventory *inv, const struct mac *mac) _nonnull_;

#endif
