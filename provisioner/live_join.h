/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration by which a machine in memory joins: where an agent makes it of the secrets that
 * it was handed, such a machine gets it ready made. Pure. */
#ifndef PROVISION_LIVE_JOIN_H
#define PROVISION_LIVE_JOIN_H

#include "ipv4.h"
#include "jsonx.h"
#include "secret.h"

/* What `kubeadm join --config` reads, or k3s's config.yaml with the token in it. plan: the text of
 * the frozen plan. secrets: what the keeper gave. node_ip: the address that the machine is reached
 * by, where it has no default route; 0: it is found by itself. The plan's own goes first. */
int live_join_config(const char *plan, const json_t *secrets, struct ipv4 node_ip,
		     struct secret *ret, struct err *err) _must_check_ _nonnull_;

#endif
