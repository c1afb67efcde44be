/* SPDX-License-Identifier: Apache-2.0 */
/* nodes/NAME.yaml: from the tree to struct node, with the defaults filled in. */
#ifndef PROVISION_NODE_YAML_H
#define PROVISION_NODE_YAML_H

#include "settings.h"

/* Consumes root. name is the default, from the file's name. n (zeroed by the caller) is filled as
 * far as the file is right; problems tell the rest. Release n in either case. */
void node_read(const struct settings *s, struct yaml_item *root, const char *name,
	       struct node *n) _nonnull_;
/* The key `storage` (storage_yaml.c), an empty map when it is absent: at least the system pool is
 * there afterwards. */
void storage_read(const struct settings *s, struct yaml_item *map, struct node *n) _nonnull_;

#endif
