/* SPDX-License-Identifier: Apache-2.0 */
/* cluster.yaml: from the tree to struct cluster, with the defaults filled in. */
#ifndef PROVISION_CLUSTER_YAML_H
#define PROVISION_CLUSTER_YAML_H

#include "cluster.h"
#include "settings.h"

/* The versions of a cluster.yaml that names none: current when this was released. */
#define KUBEADM_DEFAULT_VERSION "1.34.2"
#define K3S_DEFAULT_VERSION     "1.34.2+k3s1"

/* Consumes root. c (zeroed by the caller) is filled as far as the file is right; problems tell the
 * rest. Release c in either case. */
void cluster_read(const struct settings *s, struct yaml_item *root, struct cluster *c) _nonnull_;
/* One key of authorized_keys(5): a type, base64 that holds a whole key of that type, an optional
 * comment, in one line. */
bool ssh_key_is_valid(const char *line) _nonnull_;
/* The same for every entry of e, a list or one text. */
void ssh_keys_check(const struct settings *s, const struct yaml_entry *e, const struct strv *keys)
	__attribute__((nonnull(1, 3)));

#endif
