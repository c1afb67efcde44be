/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration directory, read: cluster.yaml and nodes/NAME.yaml. Immutable once loaded. */
#ifndef PROVISION_INVENTORY_H
#define PROVISION_INVENTORY_H

#include "cluster.h"
#include "problems.h"

struct inventory {
	struct cluster cluster;
	struct node *nodes; /* sorted by name */
	size_t n_nodes;
	/* the text of cluster.network when that is a file of the directory; else NULL */
	char *network_manifest;
	/* the rest is the inventory's own */
	char **files; /* names that struct place points to */
	size_t n_files;
	struct mac_slot *slots;
	size_t n_slots;
};

/* Loads the directory. 0 only when nothing is wrong; else -1, and every problem of every file is in
 * ps (which the caller releases). */
int inventory_load(const char *config_dir, struct inventory **ret,
		   struct problems *ps) _must_check_ _nonnull_;
/* One file, by its name below the directory. */
struct inventory_text {
	const char *file; /* "nodes/web1.yaml" */
	const char *text;
	size_t len;
};
/* The directory as it would be with one record more (extra) or without one ("nodes/web1.yaml");
 * NULL for neither. Nothing is written. */
int inventory_load_as_if(const char *config_dir, const struct inventory_text *extra,
			 const char *without, struct inventory **ret,
			 struct problems *ps) _must_check_ __attribute__((nonnull(1, 4, 5)));
/* The same from texts, for tests and harnesses: cluster.yaml, and nodes by file name. */
int inventory_parse(const struct inventory_text *cluster, const struct inventory_text *nodes,
		    size_t n, struct inventory **ret, struct problems *ps) _must_check_
	__attribute__((nonnull(1, 4, 5)));
/* NULL-safe; gives NULL. */
struct inventory *inventory_free(struct inventory *inv);
static inline void inventory_freep(struct inventory **inv)
{
	inventory_free(*inv);
}

/* O(1); any of the node's MACs. NULL when no record has it. */
const struct node *inventory_by_mac(const struct inventory *inv, const struct mac *mac) _nonnull_;
const struct node *inventory_by_name(const struct inventory *inv, const char *name) _nonnull_;
/* ERR_NOT_FOUND with the nearest name when there is no such node. */
int inventory_need(const struct inventory *inv, const char *name, const struct node **ret,
		   struct err *err) _must_check_ _nonnull_;
/* Nodes with role control-plane. */
size_t inventory_count_control_planes(const struct inventory *inv) _nonnull_;

#endif
