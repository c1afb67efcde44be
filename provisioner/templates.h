/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All templates, and which of them make a node's config. They are laid one on the other
 * (config_merge.h) in this order, and the later one wins:
 *
 *	base.yaml                                live.yaml for an image that runs in memory
 *	kubernetes-node.yaml or k3s-node.yaml    by the cluster's flavour; live-... likewise
 *	role-ROLE.yaml                           where there is one
 *	arch-ARCH.yaml                           where there is one
 *	network-NAME.yaml                        by the cluster's network, where there is one
 *	NN-name.yaml                             two digits; in the order of their names, each for
 *the nodes that its "match" names node-NAME.yaml                           where there is one
 */
#ifndef PROVISION_TEMPLATES_H
#define PROVISION_TEMPLATES_H

#include "cluster.h"
#include "local_files.h"
#include "template.h"

struct templates;

/* Reads DATA/ignition-templates/ *.yaml, CONFIG/templates/ *.yaml over them (a file there takes
 * the place of the one of the same name), and CONFIG/files. Every file is checked as far as it can
 * be without a node. 0, or -1 with problems added. */
int templates_load(const char *data_dir, const char *config_dir, struct templates **ret,
		   struct problems *ps) _must_check_ _nonnull_;
struct templates *templates_new(void);
/* Adds, or replaces, one by its text. file is the name in problems; its last part the template's
 * name. */
int templates_add(struct templates *t, const char *file, const char *text, size_t len,
		  struct problems *ps) _must_check_ _nonnull_;
/* NULL-safe; gives NULL. */
struct templates *templates_free(struct templates *t);
static inline void templates_freep(struct templates **t)
{
	templates_free(*t);
}

/* What they inline. Borrowed. */
const struct local_files *templates_files(const struct templates *t) _nonnull_;
/* A node's config in Butane's vocabulary, the references replaced by values, an object. NULL with
 * problems added. The templates have to outlive it. */
struct config_item *templates_merge(const struct templates *t, const struct node *n,
				    const struct cluster *c, const json_t *values,
				    struct problems *ps) _nonnull_;
/* A problem for every file of the operator's that none of these nodes takes. Without any node only
 * the names are looked at. */
void templates_check_used(const struct templates *t, const struct cluster *c,
			  const struct node *nodes, size_t n, struct problems *ps)
	__attribute__((nonnull(1, 2, 5)));

#endif
