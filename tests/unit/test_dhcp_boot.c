/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "dhcp_scene.h"

static void chooses_the_loader_by_architecture(void **state)
{
	static const struct {
		uint8_t arch;
		const char *file, *name;
	} rows[] = {
		{PXE_ARCH_BIOS, "undionly.kpxe", "amd64"},
		{PXE_ARCH_UEFI_X64, "snponly.efi", "amd64"},
		{PXE_ARCH_UEFI_BC, "snponly.efi", "amd64"},
		{PXE_ARCH_UEFI_ARM64, "arm64/ipxe.efi", "arm64"},
		{PXE_ARCH_UEFI_X86, NULL, ""},
		{PXE_ARCH_RPI, NULL, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct scene s;
		struct packet p;

		scene_init(&s, DHCP_PROXY);
		packet_init(&p, DHCPDISCOVER, 1);
		packet_put_pxe(&p, rows[i].arch);
		assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT),
				 rows[i].file ? DHCPOFFER : DHCP_TYPE_NONE);
		assert_string_equal(boot_client_arch(&s.a.client), rows[i].name);
		if (rows[i].file) {
			assert_string_equal(scene_file(&s), rows[i].file);
			assert_bytes(scene_get(&s, OPT_BOOTFILE), rows[i].file);
			assert_bytes(scene_get(&s, OPT_TFTP_SERVER), "10.0.0.1");
		}
		scene_release(&s);
	}
}

static void reads_the_architecture_of_option_60(void **state)
{
	struct packet p;
	struct boot_client c;

	(void)state;
	packet_init(&p, DHCPDISCOVER, 1);
	packet_put(&p, OPT_VENDOR_CLASS, "PXEClient:Arch:00007:UNDI:003016", 32);
	c = boot_client_of(packet_parse(&p));
	assert_int_equal(c.kind, BOOT_PXE);
	assert_int_equal(c.arch, PXE_ARCH_UEFI_X64);
	packet_init(&p, DHCPDISCOVER, 1);
	packet_put(&p, OPT_VENDOR_CLASS, "PXEClient", 9);
	assert_int_equal(boot_client_of(packet_parse(&p)).arch, PXE_ARCH_BIOS);
}

/* iPXE gets the script in the offer itself, and no menu. */
static void gives_ipxe_the_script(void **state)
{
	struct scene s;
	struct packet p;

	(void)state;
	scene_init(&s, DHCP_PROXY);
	packet_init(&p, DHCPDISCOVER, 1);
	packet_put_pxe(&p, PXE_ARCH_BIOS);
	packet_put(&p, OPT_USER_CLASS, "iPXE", 4);
	packet_put(&p, OPT_IPXE, "\x13\x01\x01\x18\x01\x01", 6);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCPOFFER);
	assert_string_equal(scene_file(&s), "http://10.0.0.1:8080/boot.ipxe");
	assert_bytes(scene_get(&s, OPT_VENDOR_CLASS), "PXEClient");
	assert_null(scene_get(&s, OPT_VENDOR).p);
	s.config.mode = DHCP_SERVER;
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCPOFFER);
	assert_string_equal(scene_file(&s), "http://10.0.0.1:8080/boot.ipxe");
	assert_bytes(scene_get(&s, OPT_IPXE), "\xb0\x01\x01");
	scene_release(&s);
}

static void gives_ipxe_without_http_a_loader(void **state)
{
	struct scene s;
	struct packet p;

	(void)state;
	scene_init(&s, DHCP_PROXY);
	packet_init(&p, DHCPDISCOVER, 1);
	packet_put_pxe(&p, PXE_ARCH_BIOS);
	packet_put(&p, OPT_USER_CLASS, "iPXE", 4);
	packet_put(&p, OPT_IPXE, "\x18\x01\x01", 3);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCPOFFER);
	assert_string_equal(scene_file(&s), "undionly.kpxe");
	packet_init(&p, DHCPDISCOVER, 1);
	packet_put_pxe(&p, PXE_ARCH_BIOS);
	packet_put(&p, OPT_USER_CLASS, "iPXE", 4);
	assert_int_equal(boot_client_of(packet_parse(&p)).kind, BOOT_IPXE);
	scene_release(&s);
}

static void gives_http_boot_a_url(void **state)
{
	struct scene s;
	struct packet p;

	(void)state;
	scene_init(&s, DHCP_PROXY);
	packet_init(&p, DHCPDISCOVER, 1);
	packet_put(&p, OPT_VENDOR_CLASS, "HTTPClient:Arch:00016:UNDI:003001", 33);
	packet_put(&p, OPT_ARCH, "\0\x10", 2);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCPOFFER);
	assert_bytes(scene_get(&s, OPT_VENDOR_CLASS), "HTTPClient");
	assert_bytes(scene_get(&s, OPT_BOOTFILE), "http://10.0.0.1:8080/assets/ipxe/snponly.efi");
	packet_init(&p, DHCPDISCOVER, 1);
	packet_put(&p, OPT_VENDOR_CLASS, "HTTPClient:Arch:00019:UNDI:003001", 33);
	packet_put(&p, OPT_ARCH, "\0\x13", 2);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCPOFFER);
	assert_bytes(scene_get(&s, OPT_BOOTFILE),
		     "http://10.0.0.1:8080/assets/ipxe/arm64/ipxe.efi");
	packet_init(&p, DHCPDISCOVER, 1);
	packet_put(&p, OPT_VENDOR_CLASS, "HTTPClient:Arch:00020", 21);
	packet_put(&p, OPT_ARCH, "\0\x14", 2);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCP_TYPE_NONE);
	scene_release(&s);
}

/* It says that it is a BIOS, and must not get that loader. */
static void knows_a_raspberry_pi(void **state)
{
	struct scene s;
	struct packet p;

	(void)state;
	scene_init(&s, DHCP_PROXY);
	packet_init(&p, DHCPDISCOVER, 1);
	memcpy(p.b + DHCP_AT_CHADDR, "\xdc\xa6\x32", 3);
	packet_put_pxe(&p, PXE_ARCH_BIOS);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCP_TYPE_NONE);
	assert_non_null(strstr(s.a.why, "Raspberry Pi"));
	packet_init(&p, DHCPDISCOVER, 1);
	packet_put(&p, OPT_VENDOR_CLASS, "PXEClient:Arch:00000:UNDI:002001", 32);
	packet_put(&p, OPT_MACHINE_UUID, "\0RPi4xxxxxxxxxxxxx", 17);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCP_TYPE_NONE);
	/* the same board with UEFI firmware is an ordinary arm64 machine */
	packet_init(&p, DHCPDISCOVER, 1);
	memcpy(p.b + DHCP_AT_CHADDR, "\xdc\xa6\x32", 3);
	packet_put_pxe(&p, PXE_ARCH_UEFI_ARM64);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCPOFFER);
	scene_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chooses_the_loader_by_architecture),
		cmocka_unit_test(reads_the_architecture_of_option_60),
		cmocka_unit_test(gives_ipxe_the_script),
		cmocka_unit_test(gives_ipxe_without_http_a_loader),
		cmocka_unit_test(gives_http_boot_a_url),
		cmocka_unit_test(knows_a_raspberry_pi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
