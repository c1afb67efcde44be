/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /etc/rancher/k3s/config.yaml, which k3s reads since 1.19 as server and as agent, and the unit
 * that runs it. Names are upstream's: docs.k3s.io "Configuration File", "k3s server", "k3s agent".
 * Pure.
 */
#ifndef PROVISION_K3S_CONFIG_H
#define PROVISION_K3S_CONFIG_H

#include "kube_secrets.h"
#include "plan.h"

#define K3S_CONFIG "/etc/rancher/k3s/config.yaml"
#define K3S_TOKEN  "/etc/rancher/k3s/token"

/* The text of config.yaml; it names the token's file, not the token. node_ip: see node_address; 0
 * leaves it out. Caller frees. */
char *k3s_config(const struct plan *plan, const struct kube_secrets *secrets,
		 struct ipv4 node_ip) _nonnull_;
/* "k3s.service" for a server, "k3s-agent.service". */
const char *k3s_unit_name(enum node_role role);
/* The unit's text, as upstream's install.sh writes it. Caller frees. */
char *k3s_unit(enum node_role role);

#endif
