/* SPDX-License-Identifier: Apache-2.0 */
/* All that a plan is built from, read at once: for the commands that show one. */
#ifndef PROVISION_WORKSPACE_H
#define PROVISION_WORKSPACE_H

#include "inventory.h"
#include "paths.h"
#include "plan_config.h"

struct workspace {
	struct inventory *inventory;
	struct templates *templates;
	struct manifest manifest; /* empty before the first `provision assets build` */
	struct ipv4 address;      /* this host's, as machines reach it */
	char *url, *assets_url, *http;
	char *ca_pem; /* NULL before `provision init` made it */
	char *network_manifest;
};

/* inventory_load as a function that fails with one sentence. */
int workspace_inventory(const struct paths *paths, struct inventory **ret,
			struct err *err) _must_check_ _nonnull_;
/* Initialise w with {0}; release it in either case. ERR_CONFIG when the directory is wrong. */
int workspace_load(const struct paths *paths, struct workspace *w,
		   struct err *err) _must_check_ _nonnull_;
void workspace_release(struct workspace *w) _nonnull_;
/* What the files alone tell of a plan's facts: nothing is installed, and the first control plane by
 * name makes the cluster. */
struct plan_facts workspace_facts(const struct workspace *w, const struct node *n) _nonnull_;
/* What the templates make of a node's record now: plan_config.h. */
struct config_item *workspace_config(const struct workspace *w, const struct node *n,
				     struct problems *ps) _nonnull_;
/* The plan of a node as its record says now, its disks rules. */
int workspace_plan(const struct workspace *w, const struct node *n, const struct plan_facts *facts,
		   struct plan **ret, struct err *err) _must_check_ _nonnull_;

#endif
