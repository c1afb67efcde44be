/* SPDX-License-Identifier: Apache-2.0 */
/* Who holds a port that we wanted, for the error message. */
#ifndef PROVISION_PORT_HOLDER_H
#define PROVISION_PORT_HOLDER_H

#include "err.h"

/* protocol: "udp" or "tcp". "dnsmasq (process 812)", or "another process" when the system does not
 * show it to us. Caller frees. */
char *port_holder(const char *protocol, uint16_t port) _nonnull_;

/* The socket's inode when this line of /proc/net/udp or tcp is a socket on that local port that
 * is not connected; 0 otherwise. */
unsigned long port_holder_inode(const char *line, uint16_t port) _nonnull_;

#endif
