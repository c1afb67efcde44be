/* SPDX-License-Identifier: Apache-2.0 */
/* One UDP socket of the DHCP server, tied to one interface, read and written in batches. */
#ifndef PROVISION_DHCP_SOCKET_H
#define PROVISION_DHCP_SOCKET_H

#include "dhcp/dhcp_config.h"

/* Packets read or written by one system call. */
#define DHCP_BATCH 64

struct dhcp_socket {
	int fd;
	uint16_t port; /* ours */
	struct dhcp_link link;
	char *interface;
};

/* Looks up the interface; wanted is our address on it, 0: its first one. Fails with ERR_CONFIG when
 * there is no such interface, or no address on it. */
int dhcp_link_find(const char *interface, struct ipv4 wanted, struct dhcp_link *ret,
		   struct err *err) _must_check_ _nonnull_;

/*
 * Binds port on the interface, with room for LIMIT_DHCP_BURST waiting packets (as far as the system
 * permits: it takes CAP_NET_ADMIN or a raised net.core.rmem_max). Needs CAP_NET_BIND_SERVICE; when
 * the port is taken, the error says by whom.
 */
int dhcp_socket_open(const char *interface, const struct dhcp_link *link, uint16_t port,
		     struct dhcp_socket *ret, struct err *err) _must_check_ _nonnull_;
/* Closes the socket. */
void dhcp_socket_release(struct dhcp_socket *s) _nonnull_;

struct dhcp_packet {
	uint8_t *data;
	size_t len;
	struct sockaddr_in peer; /* sender, or receiver */
};

/* Room for DHCP_BATCH packets to read into; heap. */
struct dhcp_inbox;
struct dhcp_inbox *dhcp_inbox_new(void);
struct dhcp_inbox *dhcp_inbox_free(struct dhcp_inbox *in);
/* What waits, at most DHCP_BATCH packets; *ret_packets is the inbox's own, valid until the next
 * call. Returns their number, 0 when nothing waits, -1 with err. Never blocks. Packets longer than
 * LIMIT_DHCP_PACKET come with that length plus one. */
int dhcp_receive(struct dhcp_socket *s, struct dhcp_inbox *in, struct dhcp_packet **ret_packets,
		 struct err *err) _must_check_ _nonnull_;
/* Sends n packets, our address on the interface as their source. Returns how many could not be
 * sent; *ret_errno is why, of the last of them. Never blocks. */
size_t dhcp_send(struct dhcp_socket *s, const struct dhcp_packet *packets, size_t n,
		 int *ret_errno) _nonnull_;

#endif
