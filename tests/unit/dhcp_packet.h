/* SPDX-License-Identifier: Apache-2.0 */
/* A client's DHCP message, put together by hand, and a look at replies, for unit tests. */
#ifndef PROVISION_TEST_DHCP_PACKET_H
#define PROVISION_TEST_DHCP_PACKET_H

#include "dhcp/dhcp_msg.h"

struct packet {
	uint8_t b[LIMIT_DHCP_PACKET];
	size_t n;
	struct dhcp_msg m;
};

static inline void packet_u32(struct packet *p, size_t offset, uint32_t v)
{
	p->b[offset] = (uint8_t)(v >> 24);
	p->b[offset + 1] = (uint8_t)(v >> 16);
	p->b[offset + 2] = (uint8_t)(v >> 8);
	p->b[offset + 3] = (uint8_t)v;
}

static inline void packet_put(struct packet *p, uint8_t code, const void *value, size_t n)
{
	p->b[p->n++] = code;
	p->b[p->n++] = (uint8_t)n;
	memcpy(p->b + p->n, value, n);
	p->n += n;
}

static inline void packet_put_ip(struct packet *p, uint8_t code, uint32_t ip)
{
	packet_u32(p, p->n + 2, ip);
	p->b[p->n] = code;
	p->b[p->n + 1] = 4;
	p->n += 6;
}

/* A BOOTREQUEST of 52:54:00:00:00:<last>; type 0: without option 53. */
static inline void packet_init(struct packet *p, enum dhcp_type type, uint8_t last)
{
	const uint8_t mac[] = {0x52, 0x54, 0, 0, 0, last};
	const uint8_t t = (uint8_t)type;

	memset(p->b, 0, sizeof(p->b));
	p->b[DHCP_AT_OP] = DHCP_BOOTREQUEST;
	p->b[DHCP_AT_HTYPE] = DHCP_HTYPE_ETHERNET;
	p->b[DHCP_AT_HLEN] = 6;
	packet_u32(p, DHCP_AT_XID, 0xdeadbe00u | last);
	memcpy(p->b + DHCP_AT_CHADDR, mac, sizeof(mac));
	packet_u32(p, DHCP_AT_COOKIE, DHCP_COOKIE);
	p->n = DHCP_AT_OPTS;
	if (type)
		packet_put(p, OPT_TYPE, &t, 1);
}

/* Marks it as a PXE stack of this architecture. */
static inline void packet_put_pxe(struct packet *p, uint8_t arch)
{
	const uint8_t a[] = {0, arch};
	const uint8_t uuid[17] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

	packet_put(p, OPT_VENDOR_CLASS, "PXEClient:Arch:00000:UNDI:002001", 32);
	packet_put(p, OPT_ARCH, a, sizeof(a));
	packet_put(p, OPT_MACHINE_UUID, uuid, sizeof(uuid));
}

static inline const struct dhcp_msg *packet_parse(struct packet *p)
{
	struct err err = ERR_INIT;

	p->b[p->n] = OPT_END;
	assert_ok(dhcp_msg_parse(p->b, p->n + 1, &p->m, &err), &err);
	return &p->m;
}

/* The option of a reply; also those in its file and sname fields when option 52 says so. */
static inline struct dhcp_bytes reply_get(const uint8_t *b, size_t n, uint8_t code)
{
	struct dhcp_bytes regions[3] = {{b + DHCP_AT_OPTS, n - DHCP_AT_OPTS},
					{b + DHCP_AT_FILE, DHCP_FILE_SIZE},
					{b + DHCP_AT_SNAME, DHCP_SNAME_SIZE}};
	struct dhcp_bytes value;
	uint8_t overload = 0, c;

	for (size_t i = 0; i < 3; i++) {
		if (i > 0 && !(overload & i))
			continue;
		while (dhcp_next_option(&regions[i], &c, &value) > 0) {
			if (c == OPT_OVERLOAD && i == 0)
				overload = value.p[0];
			if (c == code)
				return value;
		}
	}
	return (struct dhcp_bytes){NULL, 0};
}

static inline uint32_t bytes_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

#define assert_bytes(view, text)                                                                   \
	do {                                                                                       \
		struct dhcp_bytes got_ = (view);                                                   \
		assert_non_null(got_.p);                                                           \
		assert_int_equal(got_.n, strlen(text));                                            \
		assert_memory_equal(got_.p, (text), got_.n);                                       \
	} while (0)

#endif
