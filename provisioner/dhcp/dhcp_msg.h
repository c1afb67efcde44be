/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One received DHCP message, taken apart. No socket, no clock, no state. RFC 2131, 2132, 3396 (long
 * options).
 */
#ifndef PROVISION_DHCP_MSG_H
#define PROVISION_DHCP_MSG_H

#include "dhcp_opts.h"
#include "ipv4.h"
#include "limits.h"
#include "mac.h"

/* A view of bytes that somebody else owns. Reading moves p forward and n down, never back. */
struct dhcp_bytes {
	const uint8_t *p; /* NULL: there is no such option */
	size_t n;
};

/* Takes one option off the front of *in. Returns 1 and the option (never pad or end); 0 at the end
 * option or at the end of the bytes; -1 when an option reaches past them, with its code. */
int dhcp_next_option(struct dhcp_bytes *in, uint8_t *ret_code,
		     struct dhcp_bytes *ret_value) _nonnull_;

struct dhcp_fragment {
	uint8_t code;
	struct dhcp_bytes value;
};

/* One request, parsed. Its views point into the packet that was parsed, or into `joined`. */
struct dhcp_msg {
	enum dhcp_type type;
	uint32_t xid;
	uint16_t secs, flags;
	uint8_t hops;
	struct ipv4 ciaddr, giaddr;
	struct mac mac;
	size_t n_options;
	struct dhcp_fragment options[LIMIT_DHCP_OPTIONS]; /* each code once */
	uint8_t joined[LIMIT_DHCP_PACKET]; /* values that came in several parts (RFC 3396) */
};

/*
 * Parses a client's message: BOOTREQUEST, Ethernet, with the DHCP cookie; options also in `file`
 * and `sname` when option 52 says so. Fails with ERR_PROTOCOL and what is wrong, among it: a type
 * that only servers send, a multicast or zero hardware address, more than LIMIT_DHCP_OPTIONS.
 * *ret is undefined then. packet must outlive *ret.
 */
int dhcp_msg_parse(const uint8_t *packet, size_t n, struct dhcp_msg *ret,
		   struct err *err) _must_check_ _nonnull_;

/* The value of an option; p is NULL when the client did not send it. */
struct dhcp_bytes dhcp_msg_get(const struct dhcp_msg *m, uint8_t code) _nonnull_;
/* The number in an option of exactly `size` (1, 2 or 4) bytes, network order. False: not there, or
 * of another size. */
bool dhcp_msg_number(const struct dhcp_msg *m, uint8_t code, size_t size, uint32_t *ret) _nonnull_;
/* The client named this option in its parameter request list, or sent no list. */
bool dhcp_msg_wants(const struct dhcp_msg *m, uint8_t code) _nonnull_;
/* "DISCOVER" */
const char *dhcp_type_name(enum dhcp_type type);

#endif
