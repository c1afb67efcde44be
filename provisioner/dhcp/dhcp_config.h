/* SPDX-License-Identifier: Apache-2.0 */
/* What cluster.yaml says to DHCP, as its own copy, so that a reload replaces it in one go. */
#ifndef PROVISION_DHCP_CONFIG_H
#define PROVISION_DHCP_CONFIG_H

#include "cluster.h"

#define DHCP_MAX_NTP 4

struct dhcp_config {
	enum dhcp_mode mode;
	enum unknown_action unknown;
	uint16_t http_port;
	struct ipv4_net subnet; /* prefix 0: the interface's own */
	struct ipv4 router;     /* 0: none */
	struct ipv4 dns[ARRAY_SIZE(((struct cluster *)0)->dns)];
	size_t n_dns;
	char *domain;                  /* or NULL */
	struct ipv4 ntp[DHCP_MAX_NTP]; /* the entries that are addresses; DHCP has no names here */
	size_t n_ntp;
	struct ipv4_range *ranges;
	size_t n_ranges;
	uint32_t lease_time; /* seconds, at least DHCP_MIN_LEASE */
};

/* Shorter leases only make traffic. */
#define DHCP_MIN_LEASE     120
#define DHCP_DEFAULT_LEASE (12 * 3600)

/* Copies what DHCP needs. *ret is initialised by it. */
void dhcp_config_from(const struct cluster *c, struct dhcp_config *ret) _nonnull_;
void dhcp_config_release(struct dhcp_config *c) _nonnull_;

/* One interface that is served: its index and our address on it. */
struct dhcp_link {
	unsigned int index;
	struct ipv4_net address;
};

#endif
