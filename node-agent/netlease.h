/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An address by DHCP in the boot environment. busybox' udhcpc speaks the protocol; the program
 * that it calls with its result is the agent itself, which sets address, route and resolver.
 */
#ifndef PROVISION_NETLEASE_H
#define PROVISION_NETLEASE_H

#include "ipv4.h"

#define NETLEASE_DIR "/run/provision-net"
/* The name under which the agent is called by udhcpc. */
#define NETLEASE_PROGRAM "provision-lease"

struct netlease {
	char *interface;
	struct ipv4_net address;
	struct ipv4 router; /* 0: none */
	struct ipv4 dns[4];
	size_t n_dns;
	char *domain; /* or NULL */
};

/* What udhcpc put into the environment of its program (interface, ip, subnet or mask, router, dns,
 * domain). Addresses that do not parse are ERR_PROTOCOL; of lists the first ones count. Pure. */
int netlease_from_env(const char *const *env, struct netlease *ret_lease,
		      struct err *err) _must_check_ _nonnull_;
/* The text of resolv.conf(5); caller frees. Pure. */
char *netlease_resolv_conf(const struct netlease *l) _nonnull_;
/* What udhcpc's program does: event is "deconfig", "bound", "renew" or "nak". */
int netlease_event(const char *event, const char *const *env,
		   struct err *err) _must_check_ _nonnull_;
/* Gets a lease on the interface by udhcpc, which goes on renewing it in the background. ERR_NETWORK
 * when there is none within limit_s seconds. */
int netlease_get(const char *interface, unsigned int limit_s,
		 struct err *err) _must_check_ _nonnull_;
void netlease_release(struct netlease *l) _nonnull_;

#endif
