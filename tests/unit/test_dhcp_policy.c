/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "dhcp_scene.h"

static void offers_beside_another_server(void **state)
{
	struct scene s;
	struct packet p;

	(void)state;
	scene_init(&s, DHCP_PROXY);
	packet_init(&p, DHCPDISCOVER, 1);
	packet_put_pxe(&p, PXE_ARCH_BIOS);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCPOFFER);
	assert_int_equal(s.a.target, DHCP_TO_BROADCAST);
	assert_int_equal(scene_yiaddr(&s), 0);
	assert_int_equal(bytes_u32(s.a.reply.data + DHCP_AT_SIADDR), IP(1).a);
	assert_string_equal(scene_file(&s), "undionly.kpxe");
	assert_bytes(scene_get(&s, OPT_VENDOR_CLASS), "PXEClient");
	assert_bytes(scene_get(&s, OPT_VENDOR), "\x06\x01\x08\xff");
	assert_int_equal(scene_get(&s, OPT_MACHINE_UUID).n, 17);
	assert_null(scene_get(&s, OPT_LEASE_TIME).p);
	assert_null(scene_get(&s, OPT_NETMASK).p);
	assert_false(s.a.change);
	scene_release(&s);
}

static void answers_on_4011(void **state)
{
	struct scene s;
	struct packet p;

	(void)state;
	scene_init(&s, DHCP_PROXY);
	packet_init(&p, DHCPREQUEST, 1);
	packet_put_pxe(&p, PXE_ARCH_UEFI_X64);
	packet_put(&p, OPT_VENDOR, "\x47\x04\x00\x00\x00\x00\xff", 7);
	packet_u32(&p, DHCP_AT_CIADDR, IP(77).a);
	assert_int_equal(scene_ask(&s, &p, DHCP_PXE_PORT), DHCPACK);
	assert_int_equal(s.a.target, DHCP_TO_SENDER);
	assert_string_equal(scene_file(&s), "snponly.efi");
	assert_int_equal(bytes_u32(s.a.reply.data + DHCP_AT_CIADDR), IP(77).a);
	assert_int_equal(scene_get(&s, OPT_VENDOR).n, 7); /* the menu item comes back */
	packet_put_ip(&p, OPT_SERVER_ID, IP(9).a);
	assert_int_equal(scene_ask(&s, &p, DHCP_PXE_PORT), DHCP_TYPE_NONE);
	packet_init(&p, DHCPDISCOVER, 1);
	packet_put_pxe(&p, PXE_ARCH_UEFI_X64);
	assert_int_equal(scene_ask(&s, &p, DHCP_PXE_PORT), DHCP_TYPE_NONE);
	scene_release(&s);
}

static void keeps_silent_when_it_should(void **state)
{
	struct scene s;
	struct packet p, request;

	(void)state;
	scene_init(&s, DHCP_PROXY);
	packet_init(&p, DHCPDISCOVER, 1);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCP_TYPE_NONE); /* no boot client */
	packet_put_pxe(&p, PXE_ARCH_BIOS);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCPOFFER);
	packet_init(&request, DHCPREQUEST, 1);
	packet_put_pxe(&request, PXE_ARCH_BIOS);
	assert_int_equal(scene_ask(&s, &request, DHCP_SERVER_PORT), DHCP_TYPE_NONE);
	s.config.mode = DHCP_OFF;
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCP_TYPE_NONE);
	s.config.mode = DHCP_PROXY;
	s.config.unknown = UNKNOWN_IGNORE;
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCP_TYPE_NONE);
	assert_non_null(strstr(s.a.why, "unknown: ignore"));
	s.view.machine.kind = MACHINE_DISK;
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCPOFFER);
	packet_init(&p, DHCP_TYPE_NONE, 1);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCP_TYPE_NONE);
	scene_release(&s);
}

static void goes_back_through_the_relay(void **state)
{
	struct scene s;
	struct packet p;

	(void)state;
	scene_init(&s, DHCP_PROXY);
	packet_init(&p, DHCPDISCOVER, 1);
	packet_put_pxe(&p, PXE_ARCH_BIOS);
	packet_put(&p, OPT_RELAY_INFO, "\1\2ab", 4);
	packet_u32(&p, DHCP_AT_GIADDR, 0x0a010001);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCPOFFER);
	assert_int_equal(s.a.target, DHCP_TO_ADDRESS);
	assert_int_equal(s.a.address.a, 0x0a010001);
	assert_int_equal(s.a.port, DHCP_SERVER_PORT);
	assert_bytes(scene_get(&s, OPT_RELAY_INFO), "\1\2ab");
	scene_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offers_beside_another_server),
		cmocka_unit_test(answers_on_4011),
		cmocka_unit_test(keeps_silent_when_it_should),
		cmocka_unit_test(goes_back_through_the_relay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
