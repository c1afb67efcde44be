/* SPDX-License-Identifier: Apache-2.0 */
/* New and removed records. A file that exists is never rewritten, so no comment is ever lost. */
#ifndef PROVISION_INVENTORY_EDIT_H
#define PROVISION_INVENTORY_EDIT_H

#include "inventory.h"

/* The commented YAML of a record; only what differs from the defaults is written. Comments show an
 * address that is free in inv. Caller frees. */
char *node_to_yaml(const struct node *n, const struct inventory *inv) _nonnull_;
/* "nodes/NAME.yaml", where a new record goes. Caller frees. */
char *inventory_new_file(const struct node *n) _nonnull_;
/* Writes that file. -1 with ERR_REFUSED when its name, its address or one of its MACs is taken in
 * inv; -1 with err untouched and the problems in ps, which the caller releases, when the folder
 * would not pass `check` with it: nothing is written then. */
int inventory_add_node(const char *config_dir, const struct inventory *inv, const struct node *n,
		       struct problems *ps, struct err *err) _must_check_ _nonnull_;
/* Removes the node's file. */
int inventory_remove_node(const char *config_dir, const struct inventory *inv, const char *name,
			  struct err *err) _must_check_ _nonnull_;
/* "node-345678" from the last half of the MAC, or the next free "node-345678-2". Caller frees. */
char *inventory_free_name(const struct inventory *inv, const struct mac *mac) _nonnull_;

#endif
