/* SPDX-License-Identifier: Apache-2.0 */
#include "vpd.h"

#include <stdio.h>
#include <string.h>

enum { PAGE_SERIAL = 0x80, PAGE_NAMES = 0x83 };
enum { CODE_BINARY = 1, CODE_ASCII = 2 };
enum { NAME_VENDOR = 0, NAME_T10 = 1, NAME_EUI = 2, NAME_NAA = 3 };
/* "ATA     ", model, serial number */
enum { ATA_VENDOR = 8, ATA_MODEL = 40, ATA_SERIAL = 20 };

/* Printable ASCII of p without blanks around it; NULL when nothing is left. */
static char *take_text(const uint8_t *p, size_t n)
{
	char *s;

	while (n > 0 && (p[0] <= ' ' || p[0] > '~')) {
		p++;
		n--;
	}
	while (n > 0 && (p[n - 1] <= ' ' || p[n - 1] > '~'))
		n--;
	if (n == 0)
		return NULL;
	s = xstrndup((const char *)p, n);
	for (char *c = s; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '_';
	return s;
}

static char *take_hex(const char *prefix, const uint8_t *p, size_t n)
{
	char *s = xmalloc(strlen(prefix) + 2 * n + 1);
	char *at = s + strlen(prefix);

	memcpy(s, prefix, strlen(prefix) + 1);
	for (size_t i = 0; i < n; i++, at += 2)
		snprintf(at, 3, "%02x", p[i]);
	return s;
}

/* The bytes after the four of the page header; 0 when it is another page. */
static size_t page_body(const uint8_t *p, size_t n, uint8_t page)
{
	size_t len;

	if (n < 4 || p[1] != page)
		return 0;
	len = (size_t)p[2] << 8 | p[3];
	return len < n - 4 ? len : n - 4;
}

static void take_designator(struct vpd_names *v, const uint8_t *p, size_t n, unsigned int code,
			    unsigned int kind)
{
	if (kind == NAME_NAA && code == CODE_BINARY && (n == 8 || n == 16) && !v->wwn)
		v->wwn = take_hex("0x", p, n);
	else if (kind == NAME_EUI && code == CODE_BINARY && n >= 8 && !v->eui)
		v->eui = take_hex("", p, n);
	else if (kind == NAME_VENDOR && code == CODE_ASCII && !v->vendor)
		v->vendor = take_text(p, n);
	if (kind != NAME_T10 || v->t10)
		return;
	v->t10 = take_text(p, n);
	if (n >= ATA_VENDOR + ATA_MODEL + ATA_SERIAL && memcmp(p, "ATA     ", ATA_VENDOR) == 0) {
		v->ata_model = take_text(p + ATA_VENDOR, ATA_MODEL);
		v->ata_serial = take_text(p + ATA_VENDOR + ATA_MODEL, ATA_SERIAL);
	}
}

void vpd_names_parse(const uint8_t *p, size_t n, struct vpd_names *ret)
{
	*ret = (struct vpd_names){0};
	n = page_body(p, n, PAGE_NAMES);
	if (n == 0)
		return;
	p += 4;
	while (n >= 4) {
		size_t len = p[3];

		if (len > n - 4)
			return;
		/* bits 4-5: 0 names the logical unit, the others the port or the target */
		if ((p[1] & 0x30) == 0)
			take_designator(ret, p + 4, len, p[0] & 0x0f, p[1] & 0x0f);
		p += 4 + len;
		n -= 4 + len;
	}
}

void vpd_names_release(struct vpd_names *v)
{
	free(v->wwn);
	free(v->eui);
	free(v->t10);
	free(v->vendor);
	free(v->ata_model);
	free(v->ata_serial);
	*v = (struct vpd_names){0};
}

char *vpd_serial_parse(const uint8_t *p, size_t n)
{
	n = page_body(p, n, PAGE_SERIAL);
	return n > 0 ? take_text(p + 4, n) : NULL;
}
