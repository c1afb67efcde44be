/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a DHCP request is answered with, as a pure function: request + what the machine is +
 * configuration + leases -> reply or silence, with the reason. It sees no socket and no clock, and
 * changes nothing: what the leases become stands in the answer.
 */
#ifndef PROVISION_DHCP_POLICY_H
#define PROVISION_DHCP_POLICY_H

#include "dhcp/dhcp_boot.h"
#include "lease.h"

enum machine_kind {
	MACHINE_UNKNOWN, /* no record names this MAC */
	MACHINE_INSTALL, /* its node has an open or claimed intent */
	MACHINE_DISK     /* its node has none: iPXE sends it to its disk */
};

/* What a MAC stands for. */
struct machine {
	enum machine_kind kind;
	const char *name;    /* the node's; NULL when unknown */
	struct ipv4 address; /* its static address; 0: none */
};

/* Everything that an answer depends on, beside the request. */
struct dhcp_view {
	const struct dhcp_config *config;
	struct dhcp_link link; /* where the request came in */
	struct machine machine;
	struct lease_table *leases; /* only read; NULL unless the mode is DHCP_SERVER */
	/* Some node's record has this static address. */
	bool (*is_static)(struct ipv4 ip, const void *arg);
	const void *is_static_arg;
	int64_t now; /* Unix seconds */
};

enum dhcp_target {
	DHCP_TO_NOBODY,    /* silence */
	DHCP_TO_BROADCAST, /* 255.255.255.255, port 68 */
	DHCP_TO_ADDRESS,   /* `address`, port `port` */
	DHCP_TO_SENDER     /* where the request came from */
};

struct dhcp_answer {
	const char *why; /* static: why silence, or what is told */
	enum dhcp_target target;
	struct ipv4 address;
	uint16_t port;
	bool change;        /* lease_set(lease) comes first */
	struct lease lease; /* LEASE_BOUND: and lease_commit before the reply is sent */
	struct boot_client client;
	struct dhcp_reply reply; /* finished; undefined for DHCP_TO_NOBODY */
};

/* port: the local port that the request came to, DHCP_SERVER_PORT or DHCP_PXE_PORT. */
void dhcp_policy(const struct dhcp_msg *m, uint16_t port, const struct dhcp_view *v,
		 struct dhcp_answer *ret) _nonnull_;

#endif
