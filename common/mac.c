/* SPDX-License-Identifier: Apache-2.0 */
#include "mac.h"

#include <stdio.h>
#include <string.h>

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Reads six pairs with `sep` between them ('\0': none); false when the text is anything else. */
static bool read_pairs(const char *s, char sep, struct mac *mac)
{
	for (int i = 0; i < 6; i++) {
		int hi, lo;

		if (i && sep && *s++ != sep)
			return false;
		hi = hex_digit(s[0]);
		if (hi < 0)
			return false;
		lo = hex_digit(s[1]);
		if (lo < 0)
			return false;
		mac->b[i] = (uint8_t)(hi << 4 | lo);
		s += 2;
	}
	return *s == '\0';
}

int mac_parse(const char *text, struct mac *ret_mac, struct err *err)
{
	static const struct mac zero;
	struct mac mac;

	if (!read_pairs(text, ':', &mac) && !read_pairs(text, '-', &mac) &&
	    !read_pairs(text, '\0', &mac))
		return err_set(err, ERR_USAGE,
			       "\"%.40s\" is no MAC address; write it like 52:54:00:12:34:56",
			       text);
	if (mac_compare(&mac, &zero) == 0)
		return err_set(err, ERR_USAGE, "the MAC address is all zeroes");
	if (mac.b[0] & 1)
		return err_set(err, ERR_USAGE, "\"%.40s\" is a multicast address, no machine's own",
			       text);
	*ret_mac = mac;
	return 0;
}

const char *mac_format(const struct mac *mac, char text[MAC_TEXT_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	char *p = text;

	for (int i = 0; i < 6; i++) {
		if (i)
			*p++ = ':';
		*p++ = digits[mac->b[i] >> 4];
		*p++ = digits[mac->b[i] & 15];
	}
	*p = '\0';
	return text;
}

int mac_compare(const struct mac *a, const struct mac *b)
{
	return memcmp(a->b, b->b, sizeof(a->b));
}

uint32_t mac_hash(const struct mac *mac)
{
	uint32_t h = 2166136261u;

	for (int i = 0; i < 6; i++)
		h = (h ^ mac->b[i]) * 16777619u;
	return h;
}
