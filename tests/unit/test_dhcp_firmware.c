/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as real firmware sent them (tests/data/dhcp): what each is told to boot. */
#include "unit.h"

#include <stdio.h>

#include "dhcp_scene.h"

#define IPXE_SCRIPT "http://10.0.0.1:8080/boot.ipxe"

static const struct {
	const char *name;
	enum dhcp_type type;
	enum boot_kind kind;
	const char *boot; /* in `file`, or as option 67 for HTTP Boot */
} rows[] = {
	{"bios-ipxe-rom-2019-discover", DHCPDISCOVER, BOOT_IPXE, IPXE_SCRIPT},
	{"bios-ipxe-rom-2019-request", DHCPREQUEST, BOOT_IPXE, NULL},
	{"uefi-ipxe-rom-2019-discover", DHCPDISCOVER, BOOT_IPXE, IPXE_SCRIPT},
	{"uefi-ipxe-rom-2019-request", DHCPREQUEST, BOOT_IPXE, NULL},
	{"uefi-ipxe-2025-discover", DHCPDISCOVER, BOOT_IPXE, IPXE_SCRIPT},
	{"uefi-ipxe-2025-request", DHCPREQUEST, BOOT_IPXE, NULL},
	{"ovmf-pxe-discover", DHCPDISCOVER, BOOT_PXE, "snponly.efi"},
	{"ovmf-pxe-request", DHCPREQUEST, BOOT_PXE, NULL},
	{"ovmf-http-discover", DHCPDISCOVER, BOOT_HTTP,
	 "http://10.0.0.1:8080/assets/ipxe/snponly.efi"},
	{"ovmf-http-request", DHCPREQUEST, BOOT_HTTP, NULL},
};

static void load(const char *name, struct packet *p)
{
	const char *srcdir = getenv("srcdir");
	_cleanup_(freep) char *path =
		xasprintf("%s/tests/data/dhcp/%s.bin", srcdir ? srcdir : ".", name);
	struct err err = ERR_INIT;
	FILE *f = fopen(path, "re");

	if (!f)
		fail_msg("%s is missing", path);
	p->n = fread(p->b, 1, sizeof(p->b), f);
	fclose(f);
	assert_ok(dhcp_msg_parse(p->b, p->n, &p->m, &err), &err);
}

static void check(enum dhcp_mode mode, size_t i)
{
	bool http = rows[i].kind == BOOT_HTTP;
	struct packet p;
	struct scene s;

	scene_init(&s, mode);
	load(rows[i].name, &p);
	assert_int_equal(p.m.type, rows[i].type);
	dhcp_policy(&p.m, DHCP_SERVER_PORT, &s.view, &s.a);
	assert_int_equal(s.a.client.kind, rows[i].kind);
	if (!rows[i].boot) {
		/* it chose the other server's offer */
		assert_int_equal(s.a.target, DHCP_TO_NOBODY);
	} else {
		assert_int_equal(s.a.target, DHCP_TO_BROADCAST);
		assert_false(s.a.reply.overflow);
		assert_int_equal(scene_yiaddr(&s) == 0, mode == DHCP_PROXY);
		if (http)
			assert_bytes(scene_get(&s, OPT_BOOTFILE), rows[i].boot);
		else
			assert_string_equal(scene_file(&s), rows[i].boot);
		assert_int_equal(scene_get(&s, OPT_VENDOR_CLASS).p != NULL,
				 http || mode == DHCP_PROXY);
	}
	scene_release(&s);
}

static void boots_beside_another_server(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(DHCP_PROXY, i);
}

static void boots_as_the_only_server(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check(DHCP_SERVER, i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boots_beside_another_server),
		cmocka_unit_test(boots_as_the_only_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
