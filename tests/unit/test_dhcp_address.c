/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "dhcp_scene.h"

static enum dhcp_type discover(struct scene *s, uint8_t who)
{
	struct packet p;

	packet_init(&p, DHCPDISCOVER, who);
	return scene_ask(s, &p, DHCP_SERVER_PORT);
}

/* SELECTING with our server identifier. */
static enum dhcp_type select_ip(struct scene *s, uint8_t who, uint32_t ip)
{
	struct packet p;

	packet_init(&p, DHCPREQUEST, who);
	packet_put_ip(&p, OPT_SERVER_ID, IP(1).a);
	packet_put_ip(&p, OPT_REQUESTED_IP, ip);
	return scene_ask(s, &p, DHCP_SERVER_PORT);
}

/* INIT-REBOOT */
static enum dhcp_type reboot(struct scene *s, uint8_t who, uint32_t ip)
{
	struct packet p;

	packet_init(&p, DHCPREQUEST, who);
	packet_put_ip(&p, OPT_REQUESTED_IP, ip);
	return scene_ask(s, &p, DHCP_SERVER_PORT);
}

static enum dhcp_type renew(struct scene *s, uint8_t who, uint32_t ip)
{
	struct packet p;

	packet_init(&p, DHCPREQUEST, who);
	packet_u32(&p, DHCP_AT_CIADDR, ip);
	return scene_ask(s, &p, DHCP_SERVER_PORT);
}

/* DISCOVER to ACK; the address. */
static uint32_t lend(struct scene *s, uint8_t who)
{
	assert_int_equal(discover(s, who), DHCPOFFER);
	assert_int_equal(s->a.lease.state, LEASE_OFFERED);
	assert_int_equal(select_ip(s, who, scene_yiaddr(s)), DHCPACK);
	assert_int_equal(s->a.lease.state, LEASE_BOUND);
	return scene_yiaddr(s);
}

static void lends_with_all_settings(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, DHCP_SERVER);
	s.view.machine = (struct machine){MACHINE_DISK, "web1", {0}};
	assert_in_range(lend(&s, 1), IP(100).a, IP(103).a);
	assert_int_equal(s.a.target, DHCP_TO_BROADCAST);
	assert_int_equal(bytes_u32(scene_get(&s, OPT_NETMASK).p), 0xffffff00u);
	assert_int_equal(bytes_u32(scene_get(&s, OPT_ROUTER).p), IP(254).a);
	assert_int_equal(scene_get(&s, OPT_DNS).n, 8);
	assert_bytes(scene_get(&s, OPT_DOMAIN), "lan");
	assert_bytes(scene_get(&s, OPT_HOSTNAME), "web1");
	assert_int_equal(bytes_u32(scene_get(&s, OPT_NTP).p), IP(252).a);
	assert_int_equal(bytes_u32(scene_get(&s, OPT_BROADCAST).p), IP(255).a);
	assert_int_equal(bytes_u32(scene_get(&s, OPT_LEASE_TIME).p), 3600);
	assert_int_equal(bytes_u32(scene_get(&s, OPT_T1).p), 1800);
	assert_int_equal(bytes_u32(scene_get(&s, OPT_T2).p), 3150);
	assert_int_equal(s.a.lease.expires, 1000 + 3600);
	assert_null(scene_get(&s, OPT_BOOTFILE).p);
	scene_release(&s);
}

static void boots_as_well(void **state)
{
	struct scene s;
	struct packet p;

	(void)state;
	scene_init(&s, DHCP_SERVER);
	packet_init(&p, DHCPDISCOVER, 1);
	packet_put_pxe(&p, PXE_ARCH_UEFI_X64);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCPOFFER);
	assert_string_equal(scene_file(&s), "snponly.efi");
	assert_int_equal(bytes_u32(s.a.reply.data + DHCP_AT_SIADDR), IP(1).a);
	assert_null(scene_get(&s, OPT_VENDOR).p);
	scene_release(&s);
}

static void a_machine_keeps_its_address(void **state)
{
	struct scene s;
	uint32_t ip;

	(void)state;
	scene_init(&s, DHCP_SERVER);
	ip = lend(&s, 1);
	assert_int_equal(discover(&s, 1), DHCPOFFER); /* the next stage of its boot */
	assert_int_equal(scene_yiaddr(&s), ip);
	assert_false(s.a.change);
	assert_int_equal(reboot(&s, 1, ip), DHCPACK);
	assert_int_equal(renew(&s, 1, ip), DHCPACK);
	assert_int_equal(s.a.target, DHCP_TO_ADDRESS);
	assert_int_equal(s.a.address.a, ip);
	s.view.now += 4000; /* expired, and nobody took it */
	assert_int_equal(discover(&s, 1), DHCPOFFER);
	assert_int_equal(scene_yiaddr(&s), ip);
	assert_int_equal(renew(&s, 1, IP(99).a), DHCPNAK);
	scene_release(&s);
}

static void runs_out_and_says_so(void **state)
{
	struct scene s;

	(void)state;
	scene_init(&s, DHCP_SERVER);
	for (uint8_t who = 1; who <= 4; who++)
		lend(&s, who);
	assert_int_equal(discover(&s, 5), DHCP_TYPE_NONE);
	assert_non_null(strstr(s.a.why, "dhcp.ranges"));
	s.view.now += 3600;
	assert_int_equal(discover(&s, 5), DHCPOFFER);
	scene_release(&s);
}

static void gives_a_node_its_own_address(void **state)
{
	struct scene s;
	uint32_t dynamic;

	(void)state;
	scene_init(&s, DHCP_SERVER);
	dynamic = lend(&s, 1);
	s.view.machine = (struct machine){MACHINE_DISK, "web1", IP(50)};
	assert_int_equal(renew(&s, 1, dynamic), DHCPNAK); /* the record has changed */
	assert_int_equal(lend(&s, 1), IP(50).a);
	s.view.machine.address.a = 0;
	assert_int_equal(select_ip(&s, 2, IP(50).a), DHCPNAK); /* somebody else's */
	/* a second card of the node gets another one while the first holds the address */
	s.view.machine.address = IP(50);
	assert_int_not_equal(lend(&s, 3), IP(50).a);
	/* and an address of another network is none */
	s.view.machine.address.a = 0x0b000001;
	assert_in_range(lend(&s, 4), IP(100).a, IP(103).a);
	scene_release(&s);
}

static void refuses_what_is_not_theirs(void **state)
{
	struct scene s;
	struct packet p;
	uint32_t ip;

	(void)state;
	scene_init(&s, DHCP_SERVER);
	ip = lend(&s, 1);
	assert_int_equal(select_ip(&s, 2, ip), DHCPNAK);
	assert_int_equal(s.a.target, DHCP_TO_BROADCAST);
	assert_int_equal(scene_yiaddr(&s), 0);
	assert_null(scene_get(&s, OPT_LEASE_TIME).p);
	assert_int_equal(reboot(&s, 1, IP(103).a == ip ? IP(102).a : IP(103).a), DHCPNAK);
	assert_int_equal(reboot(&s, 1, 0xc0a80005), DHCPNAK); /* from another network */
	assert_int_equal(reboot(&s, 9, IP(101).a), DHCP_TYPE_NONE);
	assert_int_equal(select_ip(&s, 9, IP(1).a), DHCPNAK);   /* our own */
	assert_int_equal(select_ip(&s, 9, IP(200).a), DHCPNAK); /* in no range */
	packet_init(&p, DHCPREQUEST, 2);
	packet_put_ip(&p, OPT_SERVER_ID, IP(7).a);
	packet_put_ip(&p, OPT_REQUESTED_IP, ip);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCP_TYPE_NONE);
	packet_init(&p, DHCPREQUEST, 2);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCP_TYPE_NONE);
	scene_release(&s);
}

static void takes_a_conflict_out_of_use(void **state)
{
	struct scene s;
	struct packet p;
	uint32_t ip;

	(void)state;
	scene_init(&s, DHCP_SERVER);
	ip = lend(&s, 1);
	packet_init(&p, DHCPDECLINE, 2);
	packet_put_ip(&p, OPT_REQUESTED_IP, ip);
	scene_ask(&s, &p, DHCP_SERVER_PORT);
	assert_false(s.a.change); /* not its own */
	packet_init(&p, DHCPDECLINE, 1);
	packet_put_ip(&p, OPT_REQUESTED_IP, ip);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCP_TYPE_NONE);
	assert_true(s.a.change);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(discover(&s, (uint8_t)(1 + i)), DHCPOFFER);
		assert_int_not_equal(scene_yiaddr(&s), ip);
	}
	assert_int_equal(discover(&s, 9), DHCP_TYPE_NONE);
	s.view.now += 601;
	assert_int_equal(discover(&s, 9), DHCPOFFER);
	scene_release(&s);
}

static void takes_a_released_address_back(void **state)
{
	struct scene s;
	struct packet p;
	uint32_t ip;

	(void)state;
	scene_init(&s, DHCP_SERVER);
	ip = lend(&s, 1);
	packet_init(&p, DHCPRELEASE, 2);
	packet_u32(&p, DHCP_AT_CIADDR, ip);
	scene_ask(&s, &p, DHCP_SERVER_PORT);
	assert_false(s.a.change);
	packet_init(&p, DHCPRELEASE, 1);
	packet_u32(&p, DHCP_AT_CIADDR, ip);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCP_TYPE_NONE);
	assert_int_equal(s.a.lease.state, LEASE_RELEASED);
	assert_int_equal(select_ip(&s, 2, ip), DHCPACK);
	scene_release(&s);
}

static void informs(void **state)
{
	struct scene s;
	struct packet p;

	(void)state;
	scene_init(&s, DHCP_SERVER);
	packet_init(&p, DHCPINFORM, 1);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCP_TYPE_NONE);
	packet_u32(&p, DHCP_AT_CIADDR, IP(20).a);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCPACK);
	assert_int_equal(s.a.address.a, IP(20).a);
	assert_int_equal(scene_yiaddr(&s), 0);
	assert_null(scene_get(&s, OPT_LEASE_TIME).p);
	assert_int_equal(scene_get(&s, OPT_DNS).n, 8);
	assert_false(s.a.change);
	packet_u32(&p, DHCP_AT_CIADDR, 0x08080808);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCP_TYPE_NONE);
	scene_release(&s);
}

static void answers_a_relay_of_its_network(void **state)
{
	struct scene s;
	struct packet p;

	(void)state;
	scene_init(&s, DHCP_SERVER);
	s.view.link.address.ip.a = 0xc0a80001; /* we stand in another network */
	packet_init(&p, DHCPDISCOVER, 1);
	packet_u32(&p, DHCP_AT_GIADDR, IP(254).a);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCPOFFER);
	assert_in_range(scene_yiaddr(&s), IP(100).a, IP(103).a);
	assert_int_equal(s.a.address.a, IP(254).a);
	assert_int_equal(s.a.port, DHCP_SERVER_PORT);
	packet_u32(&p, DHCP_AT_GIADDR, 0x0b000001);
	assert_int_equal(scene_ask(&s, &p, DHCP_SERVER_PORT), DHCP_TYPE_NONE);
	scene_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lends_with_all_settings),
		cmocka_unit_test(boots_as_well),
		cmocka_unit_test(a_machine_keeps_its_address),
		cmocka_unit_test(runs_out_and_says_so),
		cmocka_unit_test(gives_a_node_its_own_address),
		cmocka_unit_test(refuses_what_is_not_theirs),
		cmocka_unit_test(takes_a_conflict_out_of_use),
		cmocka_unit_test(takes_a_released_address_back),
		cmocka_unit_test(informs),
		cmocka_unit_test(answers_a_relay_of_its_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
