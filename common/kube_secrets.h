/* SPDX-License-Identifier: Apache-2.0 */
/* What the provisioner hands out for one join, and nothing longer than that: POST /v1/secrets/join.
 */
#ifndef PROVISION_KUBE_SECRETS_H
#define PROVISION_KUBE_SECRETS_H

#include "jsonx.h"
#include "secret.h"

enum kube_secrets_kind {
	SECRETS_INVALID = -1,
	SECRETS_KUBEADM_JOIN,
	SECRETS_KUBEADM_INIT,
	SECRETS_K3S_SERVER,
	SECRETS_K3S_AGENT,
	SECRETS_MAX
};

/* The cluster's own keys and certificates; at most this many of at most this size. */
#define LIMIT_SECRET_FILES 16
#define LIMIT_SECRET_BYTES 65536

struct kube_secret_file {
	char *path; /* below /etc/kubernetes/pki or /var/lib/rancher/k3s/server/tls */
	uint16_t mode;
	struct secret contents;
};

struct kube_secrets {
	enum kube_secrets_kind kind;
	struct secret token;
	char *endpoint;        /* kubeadm: host:port; k3s: https URL; NULL for an init */
	struct strv ca_hashes; /* "sha256:..." */
	bool init;             /* k3s: the first server */
	struct kube_secret_file *files;
	size_t n_files;
};

/* Strict. Release *ret with kube_secrets_release, which wipes them. */
int kube_secrets_from_json(const json_t *j, struct kube_secrets *ret,
			   struct err *err) _must_check_ _nonnull_;
void kube_secrets_release(struct kube_secrets *s) _nonnull_;

#endif
