/* SPDX-License-Identifier: Apache-2.0 */
#include "dhcp/dhcp_msg.h"

#include <string.h>

static uint16_t read_u16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t read_u32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

const char *dhcp_type_name(enum dhcp_type type)
{
	static const char *const names[DHCP_TYPE_MAX] = {"BOOTP",   "DISCOVER", "OFFER",
							 "REQUEST", "DECLINE",  "ACK",
							 "NAK",     "RELEASE",  "INFORM"};

	return (unsigned int)type < DHCP_TYPE_MAX ? names[type] : "?";
}

int dhcp_next_option(struct dhcp_bytes *in, uint8_t *ret_code, struct dhcp_bytes *ret_value)
{
	uint8_t code;
	size_t n;

	while (in->n > 0 && in->p[0] == OPT_PAD) {
		in->p++;
		in->n--;
	}
	if (in->n == 0 || in->p[0] == OPT_END)
		return 0;
	code = in->p[0];
	*ret_code = code;
	if (in->n < 2 || in->p[1] > in->n - 2)
		return -1;
	n = in->p[1];
	*ret_value = (struct dhcp_bytes){in->p + 2, n};
	in->p += 2 + n;
	in->n -= 2 + n;
	return 1;
}

/* Appends the options of one region to m. */
static int read_region(struct dhcp_msg *m, struct dhcp_bytes region, const char *where,
		       struct err *err)
{
	struct dhcp_bytes value;
	uint8_t code;
	int r;

	while ((r = dhcp_next_option(&region, &code, &value)) > 0) {
		if (m->n_options == LIMIT_DHCP_OPTIONS)
			return err_set(err, ERR_PROTOCOL, "more than %d DHCP options",
				       LIMIT_DHCP_OPTIONS);
		m->options[m->n_options++] = (struct dhcp_fragment){code, value};
	}
	if (r < 0)
		return err_set(err, ERR_PROTOCOL, "DHCP option %u in the %s runs past its end",
			       code, where);
	return 0;
}

/* RFC 3396: the parts of one option, in the order they stand, are one value. The sum of all is
 * below the packet's size, so `joined` always has the room. */
static void join_parts(struct dhcp_msg *m)
{
	size_t used = 0, kept = 0;

	for (size_t i = 0; i < m->n_options; i++) {
		struct dhcp_fragment f = m->options[i];
		size_t start = used;

		for (size_t k = i + 1, part = 0; f.code != OPT_PAD && k < m->n_options; k++) {
			if (m->options[k].code != f.code)
				continue;
			if (part++ == 0) {
				memcpy(m->joined + used, f.value.p, f.value.n);
				used += f.value.n;
			}
			memcpy(m->joined + used, m->options[k].value.p, m->options[k].value.n);
			used += m->options[k].value.n;
			m->options[k].code = OPT_PAD;
			f.value = (struct dhcp_bytes){m->joined + start, used - start};
		}
		if (f.code != OPT_PAD)
			m->options[kept++] = f;
	}
	m->n_options = kept;
}

static int read_options(struct dhcp_msg *m, const uint8_t *packet, size_t n, struct err *err)
{
	uint32_t overload = 0;

	if (read_region(m, (struct dhcp_bytes){packet + DHCP_AT_OPTS, n - DHCP_AT_OPTS},
			"options field", err) < 0)
		return -1;
	dhcp_msg_number(m, OPT_OVERLOAD, 1, &overload);
	if ((overload & DHCP_OVERLOAD_FILE) &&
	    read_region(m, (struct dhcp_bytes){packet + DHCP_AT_FILE, DHCP_FILE_SIZE}, "file field",
			err) < 0)
		return -1;
	if ((overload & DHCP_OVERLOAD_SNAME) &&
	    read_region(m, (struct dhcp_bytes){packet + DHCP_AT_SNAME, DHCP_SNAME_SIZE},
			"sname field", err) < 0)
		return -1;
	join_parts(m);
	return 0;
}

static int read_type(struct dhcp_msg *m, struct err *err)
{
	struct dhcp_bytes type = dhcp_msg_get(m, OPT_TYPE);

	m->type = DHCP_TYPE_NONE;
	if (!type.p)
		return 0;
	if (type.n != 1)
		return err_set(err, ERR_PROTOCOL, "DHCP option 53 has %zu bytes instead of 1",
			       type.n);
	switch (type.p[0]) {
	case DHCPDISCOVER:
	case DHCPREQUEST:
	case DHCPDECLINE:
	case DHCPRELEASE:
	case DHCPINFORM:
		m->type = (enum dhcp_type)type.p[0];
		return 0;
	default:
		return err_set(err, ERR_PROTOCOL, "DHCP message type %u is not a client's",
			       type.p[0]);
	}
}

int dhcp_msg_parse(const uint8_t *packet, size_t n, struct dhcp_msg *ret, struct err *err)
{
	static const struct mac zero;

	if (n < DHCP_AT_OPTS)
		return err_set(err, ERR_PROTOCOL, "%zu bytes are too short for a DHCP message", n);
	if (n > LIMIT_DHCP_PACKET)
		return err_set(err, ERR_PROTOCOL, "%zu bytes are too long for a DHCP message", n);
	if (packet[DHCP_AT_OP] != DHCP_BOOTREQUEST)
		return err_set(err, ERR_PROTOCOL, "BOOTP operation %u is not a request",
			       packet[DHCP_AT_OP]);
	if (read_u32(packet + DHCP_AT_COOKIE) != DHCP_COOKIE)
		return err_set(err, ERR_PROTOCOL, "the DHCP cookie is missing");
	if (packet[DHCP_AT_HTYPE] != DHCP_HTYPE_ETHERNET ||
	    packet[DHCP_AT_HLEN] != sizeof(ret->mac.b))
		return err_set(err, ERR_PROTOCOL, "hardware type %u with %u bytes is not Ethernet",
			       packet[DHCP_AT_HTYPE], packet[DHCP_AT_HLEN]);
	ret->hops = packet[DHCP_AT_HOPS];
	ret->xid = read_u32(packet + DHCP_AT_XID);
	ret->secs = read_u16(packet + DHCP_AT_SECS);
	ret->flags = read_u16(packet + DHCP_AT_FLAGS);
	ret->ciaddr.a = read_u32(packet + DHCP_AT_CIADDR);
	ret->giaddr.a = read_u32(packet + DHCP_AT_GIADDR);
	memcpy(ret->mac.b, packet + DHCP_AT_CHADDR, sizeof(ret->mac.b));
	if ((ret->mac.b[0] & 1) || memcmp(&ret->mac, &zero, sizeof(zero)) == 0)
		return err_set(err, ERR_PROTOCOL, "the hardware address is no machine's");
	ret->n_options = 0;
	if (read_options(ret, packet, n, err) < 0)
		return -1;
	return read_type(ret, err);
}

struct dhcp_bytes dhcp_msg_get(const struct dhcp_msg *m, uint8_t code)
{
	for (size_t i = 0; i < m->n_options; i++)
		if (m->options[i].code == code)
			return m->options[i].value;
	return (struct dhcp_bytes){NULL, 0};
}

bool dhcp_msg_number(const struct dhcp_msg *m, uint8_t code, size_t size, uint32_t *ret)
{
	struct dhcp_bytes v = dhcp_msg_get(m, code);

	if (!v.p || v.n != size)
		return false;
	*ret = size == 4 ? read_u32(v.p) : size == 2 ? read_u16(v.p) : v.p[0];
	return true;
}

bool dhcp_msg_wants(const struct dhcp_msg *m, uint8_t code)
{
	struct dhcp_bytes list = dhcp_msg_get(m, OPT_PARAMETERS);

	return !list.p || memchr(list.p, code, list.n) != NULL;
}
