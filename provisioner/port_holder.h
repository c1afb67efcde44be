/* SPDX-License-Identifier: Apache-2.0 */
/* Who holds a port that we wanted, for the error message. */
#ifndef PROVISION_PORT_HOLDER_H
#define PROVISION_PORT_HOLDER_H

#include "ipv4.h"

/* protocol: "udp" or "tcp". Who is on this port of this address (0: of any). "dnsmasq (process
 * 812)", or "another process" when the system does not show it to us. Caller frees. */
char *port_holder(const char *protocol, struct ipv4 address, uint16_t port) _nonnull_;

/* The socket's inode when this line of /proc/net/udp, udp6, tcp or tcp6 is a socket that is not
 * connected and takes what comes to that port of that address; 0 otherwise. */
unsigned long port_holder_inode(const char *line, struct ipv4 address, uint16_t port) _nonnull_;

#endif
