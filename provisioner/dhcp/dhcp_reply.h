/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One DHCP reply, put together. RFC 2131, 2132, 3046 (relay information goes back, last), 3396
 * (long options).
 */
#ifndef PROVISION_DHCP_REPLY_H
#define PROVISION_DHCP_REPLY_H

#include "dhcp/dhcp_msg.h"

struct dhcp_reply {
	uint8_t data[LIMIT_DHCP_PACKET];
	size_t len;         /* bytes to send, once dhcp_reply_finish was called */
	size_t at, end;     /* where the next option goes, and the end of its region */
	size_t overload_at; /* where option 52 belongs, while options stand in `file` or `sname` */
	uint8_t overload;   /* its value so far */
	bool file_taken, sname_taken; /* those fields hold what they are called after */
	bool overflow;                /* something did not fit and was left out */
};

/* Starts the reply to `to`: fixed part copied from it, type and server identifier set; its length
 * is bounded by the client's option 57. */
void dhcp_reply_init(struct dhcp_reply *r, const struct dhcp_msg *to, enum dhcp_type type,
		     struct ipv4 server_id) _nonnull_;
/* One of the fixed part's addresses: DHCP_AT_CIADDR, _YIADDR, _SIADDR, _GIADDR. */
void dhcp_reply_address(struct dhcp_reply *r, size_t offset, struct ipv4 ip) _nonnull_;
/* Allows the broadcast flag to be set where the client did not (RFC 2131 section 4.1, NAK). */
void dhcp_reply_broadcast(struct dhcp_reply *r) _nonnull_;
/* The boot file's name: in `file` when it fits, else as option 67. */
void dhcp_reply_file(struct dhcp_reply *r, const char *name) _nonnull_;

/* Options. A value of more than 255 bytes goes out in parts (RFC 3396). What does not fit any more
 * goes on in `file`, then in `sname`, while they are free (option 52); else it is left out and
 * overflow is set. So the necessary ones come first. */
void dhcp_put(struct dhcp_reply *r, uint8_t code, const void *value, size_t n) _nonnull_;
void dhcp_put_u8(struct dhcp_reply *r, uint8_t code, uint8_t value) _nonnull_;
void dhcp_put_u32(struct dhcp_reply *r, uint8_t code, uint32_t value) _nonnull_;
void dhcp_put_text(struct dhcp_reply *r, uint8_t code, const char *text) _nonnull_;
/* Nothing when n is 0. */
void dhcp_put_ips(struct dhcp_reply *r, uint8_t code, const struct ipv4 *ips, size_t n)
	__attribute__((nonnull(1)));
/* Copies an option of the request, when it is there. */
void dhcp_put_copy(struct dhcp_reply *r, const struct dhcp_msg *from, uint8_t code) _nonnull_;
/* Ends the options, pads to LIMIT_DHCP_MIN, sets and returns len. Call it once. */
size_t dhcp_reply_finish(struct dhcp_reply *r) _nonnull_;

#endif
