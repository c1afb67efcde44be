/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kubernetes by flavour: one table row each. `install` works on the new system from the boot
 * environment, everything else on the installed node itself.
 */
#ifndef PROVISION_KUBE_H
#define PROVISION_KUBE_H

#include "kube_secrets.h"
#include "plan.h"
#include "progress.h"

/* Secrets on their way to a program: tmpfs, 0700. */
#define KUBE_RUN_DIR "/run/provision-agent"
/* Marks on the installed node: the cluster is made, whatever goes wrong after that; what is in
 * etcd's folder was begun by this installation. */
#define KUBE_MADE     AGENT_DIR "/cluster-made"
#define KUBE_OWN_ETCD AGENT_DIR "/own-etcd"

struct kube {
	enum kube_flavour flavour;
	/* On the node: where binaries go, and where container images wait. */
	const char *binaries;
	const char *images;
	/* What the new system needs beside those files; root is a descriptor of its root folder,
	 * root_path its name. */
	int (*install)(int root, const char *root_path, const struct plan *plan, struct err *err);
	/* Makes the images known to the runtime. */
	int (*import)(const struct plan *plan, const struct progress *progress, struct err *err);
	/* Makes this node a member; what an attempt left that was cut short is taken away first. */
	int (*join)(const struct plan *plan, const struct kube_secrets *secrets,
		    const struct progress *progress, struct err *err);
	/* kubectl with the node's own credentials: the beginning of an argument list. */
	const char *const *kubectl;
};

/* The row of the flavour. */
const struct kube *kube_find(enum kube_flavour flavour);
/* The file that an asset becomes below a folder: "FOLDER/last part of its path". Caller frees. */
char *kube_asset_file(const char *folder, const struct asset *a) _nonnull_;
/* Whether the secrets are of the kind that this plan's action and role ask for: ERR_PROTOCOL. */
int kube_secrets_fit(const struct plan *plan, const struct kube_secrets *s,
		     struct err *err) _must_check_ _nonnull_;

extern const struct kube kube_kubeadm; /* kube_kubeadm.c */
extern const struct kube kube_k3s;     /* kube_k3s.c */

#endif
