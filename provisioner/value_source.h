/* SPDX-License-Identifier: Apache-2.0 */
/* Where in the operator's files the values stand that templates refer to. */
#ifndef PROVISION_VALUE_SOURCE_H
#define PROVISION_VALUE_SOURCE_H

#include "node.h"
#include "yaml_tree.h"

/* cluster.yaml and the node's file as they are now. Initialise with {0}. */
struct value_sources {
	struct yaml_item *cluster, *node;
	char *node_file; /* "nodes/web1.yaml" */
};

/* Reads both below the configuration directory. Release it in either case. */
int value_sources_load(const char *config_dir, const struct node *n, struct value_sources *ret,
		       struct err *err) _must_check_ _nonnull_;
/* From texts. -1 when one is no YAML. */
int value_sources_parse(const char *cluster, const char *node, const char *node_file,
			struct value_sources *ret) _must_check_ _nonnull_;
void value_sources_release(struct value_sources *s) _nonnull_;

/* "cluster.yaml:3:12" of a name ("cluster.version"); with several, or none that is written there:
 * "cluster.yaml:3:12, nodes/web1.yaml:4:1", "cluster.yaml (default)"; NULL for what no file says.
 * Caller frees. */
char *value_source(const struct value_sources *s, const char *name) _nonnull_;
/* The place of a text in a list of the node's file ("kernelArguments"); false when it is not there.
 */
bool value_source_listed(const struct value_sources *s, const char *key, const char *text,
			 unsigned int *ret_line, unsigned int *ret_column) _must_check_ _nonnull_;

#endif
