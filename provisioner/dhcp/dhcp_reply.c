/* SPDX-License-Identifier: Apache-2.0 */
#include "dhcp/dhcp_reply.h"

#include <string.h>

/* RFC 2131 section 2: every client takes an IP datagram of 576 bytes; option 57 counts the IP and
 * UDP headers as well. */
#define DATAGRAM_MIN     576
#define DATAGRAM_HEADERS 28
/* Kept free at the end of the first region: option 52, and the end option. */
#define TAIL 4

static void write_u16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void write_u32(uint8_t *p, uint32_t v)
{
	write_u16(p, (uint16_t)(v >> 16));
	write_u16(p + 2, (uint16_t)v);
}

void dhcp_reply_init(struct dhcp_reply *r, const struct dhcp_msg *to, enum dhcp_type type,
		     struct ipv4 server_id)
{
	uint32_t datagram = DATAGRAM_MIN;

	dhcp_msg_number(to, OPT_MAX_SIZE, 2, &datagram);
	if (datagram < DATAGRAM_MIN)
		datagram = DATAGRAM_MIN;
	if (datagram > LIMIT_DHCP_PACKET)
		datagram = LIMIT_DHCP_PACKET;
	memset(r->data, 0, DHCP_AT_OPTS);
	r->data[DHCP_AT_OP] = DHCP_BOOTREPLY;
	r->data[DHCP_AT_HTYPE] = DHCP_HTYPE_ETHERNET;
	r->data[DHCP_AT_HLEN] = sizeof(to->mac.b);
	write_u32(r->data + DHCP_AT_XID, to->xid);
	write_u16(r->data + DHCP_AT_FLAGS, to->flags);
	write_u32(r->data + DHCP_AT_GIADDR, to->giaddr.a);
	memcpy(r->data + DHCP_AT_CHADDR, to->mac.b, sizeof(to->mac.b));
	write_u32(r->data + DHCP_AT_COOKIE, DHCP_COOKIE);
	r->at = DHCP_AT_OPTS;
	r->end = datagram - DATAGRAM_HEADERS - TAIL;
	r->len = 0;
	r->overload_at = 0;
	r->overload = 0;
	r->file_taken = r->sname_taken = r->overflow = false;
	dhcp_put_u8(r, OPT_TYPE, (uint8_t)type);
	dhcp_put_u32(r, OPT_SERVER_ID, server_id.a);
}

void dhcp_reply_address(struct dhcp_reply *r, size_t offset, struct ipv4 ip)
{
	write_u32(r->data + offset, ip.a);
}

void dhcp_reply_broadcast(struct dhcp_reply *r)
{
	r->data[DHCP_AT_FLAGS] |= DHCP_FLAG_BROADCAST >> 8;
}

void dhcp_reply_file(struct dhcp_reply *r, const char *name)
{
	size_t n = strlen(name);

	if (n >= DHCP_FILE_SIZE || (r->overload & DHCP_OVERLOAD_FILE)) {
		dhcp_put_text(r, OPT_BOOTFILE, name);
		return;
	}
	memcpy(r->data + DHCP_AT_FILE, name, n);
	r->file_taken = true;
}

/* Ends the region in use and goes on in the next free field. False: none is left. */
static bool next_region(struct dhcp_reply *r)
{
	size_t start, size;

	if (!r->file_taken && !(r->overload & (DHCP_OVERLOAD_FILE | DHCP_OVERLOAD_SNAME))) {
		r->overload |= DHCP_OVERLOAD_FILE;
		start = DHCP_AT_FILE;
		size = DHCP_FILE_SIZE;
	} else if (!r->sname_taken && !(r->overload & DHCP_OVERLOAD_SNAME)) {
		r->overload |= DHCP_OVERLOAD_SNAME;
		start = DHCP_AT_SNAME;
		size = DHCP_SNAME_SIZE;
	} else {
		return false;
	}
	if (r->overload_at == 0)
		r->overload_at = r->at;
	else
		r->data[r->at] = OPT_END;
	r->at = start;
	r->end = start + size - 1; /* the end option */
	return true;
}

void dhcp_put(struct dhcp_reply *r, uint8_t code, const void *value, size_t n)
{
	const uint8_t *p = value;

	do {
		size_t part = n > UINT8_MAX ? UINT8_MAX : n;

		while (r->at + 2 + part > r->end)
			if (!next_region(r)) {
				r->overflow = true;
				return;
			}
		r->data[r->at] = code;
		r->data[r->at + 1] = (uint8_t)part;
		memcpy(r->data + r->at + 2, p, part);
		r->at += 2 + part;
		p += part;
		n -= part;
	} while (n > 0);
}

void dhcp_put_u8(struct dhcp_reply *r, uint8_t code, uint8_t value)
{
	dhcp_put(r, code, &value, 1);
}

void dhcp_put_u32(struct dhcp_reply *r, uint8_t code, uint32_t value)
{
	uint8_t b[4];

	write_u32(b, value);
	dhcp_put(r, code, b, sizeof(b));
}

void dhcp_put_text(struct dhcp_reply *r, uint8_t code, const char *text)
{
	dhcp_put(r, code, text, strlen(text));
}

void dhcp_put_ips(struct dhcp_reply *r, uint8_t code, const struct ipv4 *ips, size_t n)
{
	uint8_t b[UINT8_MAX / 4 * 4];

	if (n == 0)
		return;
	if (n > sizeof(b) / 4)
		n = sizeof(b) / 4;
	for (size_t i = 0; i < n; i++)
		write_u32(b + 4 * i, ips[i].a);
	dhcp_put(r, code, b, 4 * n);
}

void dhcp_put_copy(struct dhcp_reply *r, const struct dhcp_msg *from, uint8_t code)
{
	struct dhcp_bytes v = dhcp_msg_get(from, code);

	if (v.p)
		dhcp_put(r, code, v.p, v.n);
}

size_t dhcp_reply_finish(struct dhcp_reply *r)
{
	size_t tail = r->at;

	if (r->overload_at) {
		r->data[r->at] = OPT_END;
		tail = r->overload_at;
		r->data[tail++] = OPT_OVERLOAD;
		r->data[tail++] = 1;
		r->data[tail++] = r->overload;
	}
	r->data[tail++] = OPT_END;
	if (tail < LIMIT_DHCP_MIN) {
		memset(r->data + tail, OPT_PAD, LIMIT_DHCP_MIN - tail);
		tail = LIMIT_DHCP_MIN;
	}
	r->len = tail;
	return tail;
}
