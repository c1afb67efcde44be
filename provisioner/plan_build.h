/* SPDX-License-Identifier: Apache-2.0 */
/* From a record to a plan whose disks are still rules. Pure: every refusal that the record alone
 * decides is made here. */
#ifndef PROVISION_PLAN_BUILD_H
#define PROVISION_PLAN_BUILD_H

#include "plan.h"
#include "templates.h"

/* What other installations decide of a plan. */
struct plan_facts {
	bool reinstall;
	bool initialised; /* the cluster has a control plane that is Ready, another than this node
			   */
	bool first_control_plane; /* this node makes the cluster when it is not initialised */
};

/* What the plan needs of its surroundings; everything is borrowed. */
struct plan_inputs {
	const char *url;        /* https://IP:8443 */
	const char *assets_url; /* http://IP:8080/assets */
	const char *ca_pem;     /* of the provisioner; NULL where nothing is installed by it */
	struct plan_facts facts;
	const struct templates *templates;
	/* text of the pod network's manifest: of inventory.network_manifest, or of the asset
	 * network/NAME.yaml; NULL: none */
	const char *network_manifest;
};

/* ERR_CONFIG, with file:line:column, for what the record has to change; ERR_REFUSED for what the
 * asset store lacks, with the command that adds it. */
int plan_build(const struct node *n, const struct cluster *c, const struct manifest *m,
	       const struct plan_inputs *in, struct plan **ret_plan,
	       struct err *err) _must_check_ _nonnull_;

/* The node's own image, else the cluster's. Borrowed. */
const char *node_image(const struct node *n, const struct cluster *c) _nonnull_;
/* Paths of assets, below the assets directory; those that are not const are freed by the caller. */
char *asset_path_rootfs(const struct node *n, const struct cluster *c) _nonnull_;
/* "boot/debian-13-amd64" : the folder of vmlinuz and initrd. */
char *asset_path_boot(const struct node *n, const struct cluster *c) _nonnull_;
/* Static; NULL when the network is none, bridge or a file of the operator's. */
const char *asset_path_network(const struct cluster *c) _nonnull_;

#endif
