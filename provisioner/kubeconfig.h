/* SPDX-License-Identifier: Apache-2.0 */
/* Access to a cluster: a kubeconfig file that exists, or one of our own making. */
#ifndef PROVISION_KUBECONFIG_H
#define PROVISION_KUBECONFIG_H

#include "cluster.h"
#include "secret.h"

struct kubeconfig {
	char *server;        /* https://10.0.0.10:6443 */
	char *ca_pem;        /* or NULL: the system's */
	char *cert_pem;      /* client certificate, or NULL */
	struct secret key;   /* its key, PEM */
	struct secret token; /* bearer token, when there is no certificate */
};

/* Reads the current context of the file. ERR_CONFIG for what is not supported (exec plugins). */
int kubeconfig_load(const char *path, struct kubeconfig *ret,
		    struct err *err) _must_check_ _nonnull_;
/* The same from its text; relative file names in it are below dir. */
int kubeconfig_parse(const char *text, size_t len, const char *path, const char *dir,
		     struct kubeconfig *ret, struct err *err) _must_check_ _nonnull_;
/* For the cluster whose CA is in STATE/secrets: a client certificate cn, organisation
 * system:masters, of this many days. */
int kubeconfig_of_ours(const char *state_dir, const char *endpoint, const char *cn,
		       unsigned int days, struct kubeconfig *ret,
		       struct err *err) _must_check_ _nonnull_;
/* As YAML, with `name` as the name of cluster and context. */
void kubeconfig_to_yaml(const struct kubeconfig *k, const char *name, struct secret *ret) _nonnull_;
void kubeconfig_release(struct kubeconfig *k) _nonnull_;

/* cluster.kubeconfig as a path: absolute, or below the configuration directory. Caller frees; NULL
 * when the cluster is ours. */
char *kubeconfig_path(const char *config_dir, const struct cluster *c) _nonnull_;
/* What `provision kubeconfig` gives: the file that cluster.yaml names, or a fresh admin one valid
 * for a year. */
int kubeconfig_for_admin(const char *state_dir, const char *config_dir, const struct cluster *c,
			 struct secret *ret, struct err *err) _must_check_ _nonnull_;

#endif
