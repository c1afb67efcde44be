/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan of one installation: everything that the node is told, complete. plan_build makes it
 * from the inventory with the disks still rules; plan_resolve turns the rules into serials and
 * actions at the claim. From then on it is frozen: its id is the sha256 of its canonical JSON.
 *
 * Its JSON is an Ignition 3.4 config with one extra object, `provision`.
 */
#ifndef PROVISION_PLAN_H
#define PROVISION_PLAN_H

#include "cluster.h"
#include "image.h"

enum disk_action {
	ACTION_INVALID = -1,
	ACTION_ERASE, /* a new partition table */
	ACTION_KEEP,  /* never opened for writing */
	ACTION_ADOPT, /* a member of a pool that is kept and mounted by its UUID */
	ACTION_MAX
};

/* One disk of the machine, as resolved. */
struct plan_disk {
	char *id;          /* disk_id */
	char *description; /* disk_describe, for people */
	char *pool;        /* name of the pool that it is a member of; NULL when kept */
	enum disk_action action;
	char *holds;               /* disk_holds at the claim; NULL when blank */
	struct sha256 fingerprint; /* of what it held; the agent refuses another content */
	bool consent_needed;       /* it holds something that is not this node's own system */
	bool consent;              /* the operator named this disk for this intent */
};

struct plan_pool {
	struct pool_spec spec;
	bool adopt;    /* mounted by fs_uuid; never made */
	char *fs_uuid; /* of an adopted pool; NULL: derived by plan_uuid(plan id, "pool/NAME") */
};

enum kube_action { KUBE_INVALID = -1, KUBE_NONE, KUBE_INIT, KUBE_JOIN, KUBE_ACTION_MAX };

struct plan_kube {
	enum kube_flavour flavour;
	char *version;
	enum kube_action action; /* KUBE_INIT: makes the cluster */
	enum node_role role;
	char *cluster_name, *endpoint;
	struct ipv4_net pod_subnet, service_subnet;
	char *network;          /* as in struct cluster */
	char *network_manifest; /* YAML to apply once after init, or NULL */
	bool control_plane_takes_work;
	bool core_dns; /* as in struct cluster */
	struct label *labels, *taints;
	size_t n_labels, n_taints;
	struct asset *binaries; /* installed to /usr/local/bin (k3s) or /usr/bin */
	size_t n_binaries;
	struct asset *archives; /* container images to import before the join */
	size_t n_archives;
};

struct plan_network {
	struct ipv4_net address; /* ip.a 0: DHCP */
	struct ipv4 router;
	struct ipv4 dns[4];
	size_t n_dns;
	char *domain;
	struct strv ntp;
};

struct plan {
	/* who */
	char *node;
	struct mac *macs;
	size_t n_macs;
	enum arch arch;
	bool reinstall;
	bool in_memory; /* its image is started from the network at each boot and runs in memory:
			 * no system pool, and what the plan says is done by live.yaml */
	char *installation; /* tells it from every other, also of the same record and disks; NULL
			     * before it is claimed */
	char *url;          /* the provisioner's https URL, no slash at the end */
	char *assets_url;   /* its http URL + "/assets" */
	char *ca_pem;       /* what the installed node trusts */
	/* disks */
	bool resolved;
	struct plan_disk *disks; /* every disk of the machine, once resolved */
	size_t n_disks;
	struct plan_pool *pools; /* pools[0] is the system, unless in_memory */
	size_t n_pools;
	/* system */
	struct asset rootfs;
	struct plan_network network;
	json_t *config; /* files, units, users, kernel arguments: an Ignition document
			 * (plan_ignition.h)
			 */
	struct plan_kube kube;
};

const char *disk_action_name(enum disk_action a);
enum disk_action disk_action_parse(const char *word) _nonnull_;
const char *kube_action_name(enum kube_action a);
enum kube_action kube_action_parse(const char *word) _nonnull_;

/* One argument, of characters that neither grub.cfg nor a shell reads in a way of its own. */
bool kernel_argument_is_valid(const char *argument) _nonnull_;

/* Frees the array and what it holds. */
void plan_disks_release(struct plan_disk *disks, size_t n);
/* Empty; its config has a version and nothing else. */
struct plan *plan_new(void);
/* NULL-safe; gives NULL. */
struct plan *plan_free(struct plan *p);
static inline void plan_freep(struct plan **p)
{
	plan_free(*p);
}

/* plan_json.c. New reference. Same plan, same bytes. */
json_t *plan_to_json(const struct plan *p) _nonnull_;
/* The strict reverse (plan_parse.c): every field is checked as if it came from a stranger. Caller
 * frees. */
int plan_from_json(const json_t *j, struct plan **ret_plan, struct err *err) _must_check_ _nonnull_;
/* sha256 of the canonical JSON of a resolved plan. */
struct sha256 plan_id(const struct plan *p) _nonnull_;
/* UUID (version 5, RFC 9562) of a thing that this plan makes. Names: "disk/ID" (GPT disk GUID),
 * "esp/ID", "bios/ID", "member/ID" (partition GUIDs; ID is disk_id), "pool/NAME" (file-system
 * UUID), "esp-fs/ID" (its first 8 hex digits are the FAT volume id). */
const char *plan_uuid(const struct sha256 *id, const char *name,
		      char text[UUID_TEXT_SIZE]) _nonnull_;
/* UUID of a pool's file system: the recorded one of an adopted pool, else what the plan with this
 * id makes it with. */
const char *plan_pool_uuid(const struct sha256 *id, const struct plan_pool *pool,
			   char text[UUID_TEXT_SIZE]) _nonnull_;

#endif
