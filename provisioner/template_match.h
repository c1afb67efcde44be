/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which nodes a template is for, from its head:
 *
 *	match:
 *	  role: worker              any of a list, or one
 *	  arch: [amd64, arm64]
 *	  name: [web1, web2]
 *	  labels: {rack: b}         all of them; each one value, or any of a list
 *
 * All keys have to hold. Pure.
 */
#ifndef PROVISION_TEMPLATE_MATCH_H
#define PROVISION_TEMPLATE_MATCH_H

#include "node.h"
#include "yaml_tree.h"

struct match_value {
	char *text;
	unsigned int line, column;
};

struct match_rule {
	char *key; /* "role", "arch", "name", or the key of a label */
	bool is_label;
	struct match_value *any;
	size_t n;
	unsigned int line, column; /* of the key */
};

/* No rules: every node. */
struct template_match {
	struct match_rule *rules;
	size_t n;
	unsigned int line, column; /* of "match" */
};

/* Reads the value of "match" (e, of a file of this name). -1 with problems added. */
int template_match_read(const struct yaml_entry *e, const char *file, struct template_match *ret,
			struct problems *ps) _must_check_ _nonnull_;
void template_match_release(struct template_match *m) _nonnull_;
bool template_match_holds(const struct template_match *m, const struct node *n) _nonnull_;
/* A problem for each value that no node has, with the nearest that one has; else one when no node
 * has all that is asked for. */
void template_match_check(const struct template_match *m, const char *file,
			  const struct node *nodes, size_t n, struct problems *ps)
	__attribute__((nonnull(1, 2, 5)));

#endif
