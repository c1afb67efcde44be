/* SPDX-License-Identifier: Apache-2.0 */
/* IPv4 addresses, networks and ranges as values. */
#ifndef PROVISION_IPV4_H
#define PROVISION_IPV4_H

#include "err.h"

#include <netinet/in.h>

/* Host byte order, so that ranges compare. 0 is "none". */
struct ipv4 {
	uint32_t a;
};

/* An address with the length of its network's prefix (0..32). */
struct ipv4_net {
	struct ipv4 ip;
	uint8_t prefix;
};

/* first..last, both included. */
struct ipv4_range {
	struct ipv4 first, last;
};

#define IPV4_TEXT_SIZE     16
#define IPV4_NET_TEXT_SIZE 20

int ipv4_parse(const char *text, struct ipv4 *ret_ip, struct err *err) _must_check_ _nonnull_;
/* "10.0.0.11/24". The host bits stay. */
int ipv4_net_parse(const char *text, struct ipv4_net *ret_net,
		   struct err *err) _must_check_ _nonnull_;
/* "10.0.0.100-10.0.0.200"; refused when last is before first. */
int ipv4_range_parse(const char *text, struct ipv4_range *ret_range,
		     struct err *err) _must_check_ _nonnull_;
const char *ipv4_format(struct ipv4 ip, char text[IPV4_TEXT_SIZE]) _nonnull_;
const char *ipv4_net_format(struct ipv4_net net, char text[IPV4_NET_TEXT_SIZE]) _nonnull_;
/* 24 -> 255.255.255.0 */
struct ipv4 ipv4_netmask(uint8_t prefix);
/* The network's own and its broadcast address. */
struct ipv4 ipv4_network(struct ipv4_net net);
struct ipv4 ipv4_broadcast(struct ipv4_net net);
bool ipv4_in_net(struct ipv4 ip, struct ipv4_net net);
/* Some address is in both. */
bool ipv4_nets_overlap(struct ipv4_net a, struct ipv4_net b);
bool ipv4_in_range(struct ipv4 ip, struct ipv4_range range);

static inline struct in_addr ipv4_to_in(struct ipv4 ip)
{
	return (struct in_addr){htonl(ip.a)};
}

static inline struct ipv4 ipv4_from_in(struct in_addr in)
{
	return (struct ipv4){ntohl(in.s_addr)};
}

/* 0 when it is NULL or of another family. */
struct ipv4 ipv4_from_sockaddr(const struct sockaddr *address);

#endif
