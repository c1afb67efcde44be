/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of cluster.yaml provisiond holds from its start to its end: sockets that are bound, what
 * in.tftpd was given, what the keeper was forked with. A configuration that is loaded later keeps
 * these values, so that machines are never told of a port that nobody listens on.
 */
#ifndef PROVISION_STARTED_H
#define PROVISION_STARTED_H

#include "cluster.h"

struct started {
	/* sockets, in.tftpd and the certificate */
	struct strv interfaces;
	struct ipv4 address;
	uint16_t http_port, https_port;
	uint16_t tftp_first_port, tftp_last_port;
	enum dhcp_mode dhcp;
	struct ipv4_range *ranges; /* of that mode: held as long as another one waits */
	size_t n_ranges;
	uint32_t lease_time;
	/* the keeper; a version belongs to its flavour */
	char *name, *version, *endpoint, *kubeconfig;
	enum kube_flavour flavour;
};

/* Copies them. *ret is initialised by it. */
void started_init(struct started *ret, const struct cluster *c) _nonnull_;
void started_release(struct started *s) _nonnull_;
/* Puts them into c, and the keys of those that c had otherwise ("dhcp.mode") into changed. */
void started_hold(const struct started *s, struct cluster *c, struct strv *changed) _nonnull_;

#endif
