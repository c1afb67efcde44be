/* SPDX-License-Identifier: Apache-2.0 */
/* A node's record: parsed and typed, not yet judged. */
#ifndef PROVISION_NODE_H
#define PROVISION_NODE_H

#include "ipv4.h"
#include "mac.h"
#include "pool.h"

enum node_role { ROLE_INVALID = -1, ROLE_CONTROL_PLANE, ROLE_WORKER, ROLE_MAX };
enum arch { ARCH_INVALID = -1, ARCH_AMD64, ARCH_ARM64, ARCH_MAX };

struct label { /* also a taint: its value is "value:Effect", ":Effect" when it has none */
	char *key, *value;
};

/* Where a value stands in the operator's files, for errors that plan_build finds later. */
struct place {
	const char *file;          /* owned by the inventory */
	unsigned int line, column; /* from 1; 0: not written anywhere, a default */
};

struct node {
	char *name;
	struct mac *macs; /* the first is its identity in events */
	size_t n_macs;
	enum node_role role;
	enum arch arch;
	char *image;             /* asset name of the OS, NULL: the cluster's */
	struct ipv4_net address; /* static; ip.a 0: by DHCP */
	struct label *labels;
	size_t n_labels;
	struct label *taints;
	size_t n_taints;
	/* what its firmware tells of it, for requests that name it so; NULL: not said */
	char *uuid, *serial;
	struct label *metadata; /* texts under names of the operator's own, for templates */
	size_t n_metadata;
	struct strv ssh_keys;         /* beside the cluster's */
	struct strv kernel_arguments; /* of the boot environment and the installed system */
	struct pool_spec *pools;      /* pools[0] is "system" */
	size_t n_pools;
	struct place place, place_address, place_arguments;
};

const char *role_name(enum node_role r);
enum node_role role_parse(const char *word) _nonnull_;
/* "amd64", "arm64": Debian's and Kubernetes' words. */
const char *arch_name(enum arch a);
enum arch arch_parse(const char *word) _nonnull_;
/* Key and value as Kubernetes takes them: an optional DNS prefix and '/', then at most 63 of
 * [A-Za-z0-9._-] that begin and end alphanumeric; the value may be empty. */
bool label_is_valid(const struct label *l) _nonnull_;
/* "key=value:Effect" or "key:Effect" to {key, "value:Effect"}; Effect is NoSchedule,
 * PreferNoSchedule or NoExecute. -1, and ret is untouched, for anything else. */
int taint_parse(const char *text, struct label *ret_taint) _must_check_ _nonnull_;
/* Frees the array and what it holds. */
void labels_release(struct label *labels, size_t n);
void node_release(struct node *n) _nonnull_;

#endif
