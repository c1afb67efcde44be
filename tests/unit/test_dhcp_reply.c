/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "dhcp/dhcp_reply.h"
#include "dhcp_packet.h"

#define SERVER ((struct ipv4){0x0a000001})

static void copies_and_pads(void **state)
{
	struct packet p;
	struct dhcp_reply r;

	(void)state;
	packet_init(&p, DHCPDISCOVER, 9);
	p.b[DHCP_AT_FLAGS] = 0x80;
	dhcp_reply_init(&r, packet_parse(&p), DHCPOFFER, SERVER);
	assert_int_equal(dhcp_reply_finish(&r), LIMIT_DHCP_MIN);
	assert_int_equal(r.data[DHCP_AT_OP], DHCP_BOOTREPLY);
	assert_int_equal(bytes_u32(r.data + DHCP_AT_XID), 0xdeadbe09u);
	assert_int_equal(r.data[DHCP_AT_FLAGS], 0x80);
	assert_int_equal(r.data[DHCP_AT_CHADDR + 5], 9);
	assert_bytes(reply_get(r.data, r.len, OPT_TYPE), "\x02");
	assert_int_equal(bytes_u32(reply_get(r.data, r.len, OPT_SERVER_ID).p), SERVER.a);
	assert_false(r.overflow);
}

static void splits_long_values(void **state)
{
	uint8_t value[300];
	struct packet p;
	struct dhcp_reply r;

	(void)state;
	memset(value, 'x', sizeof(value));
	packet_init(&p, DHCPDISCOVER, 1);
	packet_put(&p, OPT_MAX_SIZE, "\x05\xdc", 2);
	dhcp_reply_init(&r, packet_parse(&p), DHCPOFFER, SERVER);
	dhcp_put(&r, OPT_VENDOR, value, sizeof(value));
	dhcp_reply_finish(&r);
	assert_int_equal(r.data[DHCP_AT_OPTS + 9], OPT_VENDOR);
	assert_int_equal(r.data[DHCP_AT_OPTS + 10], 255);
	assert_int_equal(r.data[DHCP_AT_OPTS + 11 + 255], OPT_VENDOR);
	assert_int_equal(r.data[DHCP_AT_OPTS + 12 + 255], 45);
	assert_false(r.overflow);
}

/* A client of the smallest size gets what does not fit in `file` and `sname`. */
static void goes_on_in_file_and_sname(void **state)
{
	uint8_t big[250], value[100];
	struct packet p;
	struct dhcp_reply r;

	(void)state;
	memset(big, 'b', sizeof(big));
	memset(value, 'v', sizeof(value));
	packet_init(&p, DHCPDISCOVER, 1);
	dhcp_reply_init(&r, packet_parse(&p), DHCPOFFER, SERVER);
	dhcp_put(&r, OPT_MESSAGE, big, sizeof(big));
	dhcp_put(&r, OPT_VENDOR, value, sizeof(value));
	dhcp_put_text(&r, OPT_HOSTNAME, "a-name-that-is-too-long-for-the-rest-of-file");
	dhcp_reply_finish(&r);
	assert_true(r.len <= 576 - 28);
	assert_false(r.overflow);
	assert_int_equal(reply_get(r.data, r.len, OPT_OVERLOAD).p[0],
			 DHCP_OVERLOAD_FILE | DHCP_OVERLOAD_SNAME);
	assert_int_equal(reply_get(r.data, r.len, OPT_VENDOR).n, sizeof(value));
	assert_true(reply_get(r.data, r.len, OPT_VENDOR).p < r.data + DHCP_AT_COOKIE);
	assert_int_equal(reply_get(r.data, r.len, OPT_HOSTNAME).n, 44);
	dhcp_put(&r, OPT_DOMAIN, value, sizeof(value));
	assert_true(r.overflow);
}

static void keeps_the_file_name(void **state)
{
	char name[DHCP_FILE_SIZE + 1];
	uint8_t big[250];
	struct packet p;
	struct dhcp_reply r;

	(void)state;
	packet_init(&p, DHCPDISCOVER, 1);
	dhcp_reply_init(&r, packet_parse(&p), DHCPOFFER, SERVER);
	dhcp_reply_file(&r, "undionly.kpxe");
	memset(big, 'b', sizeof(big));
	dhcp_put(&r, OPT_MESSAGE, big, sizeof(big));
	dhcp_put(&r, OPT_VENDOR, big, 60);
	dhcp_reply_finish(&r);
	assert_string_equal((char *)r.data + DHCP_AT_FILE, "undionly.kpxe");
	assert_int_equal(reply_get(r.data, r.len, OPT_OVERLOAD).p[0], DHCP_OVERLOAD_SNAME);

	memset(name, 'n', DHCP_FILE_SIZE);
	name[DHCP_FILE_SIZE] = '\0';
	dhcp_reply_init(&r, &p.m, DHCPOFFER, SERVER);
	dhcp_reply_file(&r, name);
	dhcp_reply_finish(&r);
	assert_int_equal(r.data[DHCP_AT_FILE], 0);
	assert_bytes(reply_get(r.data, r.len, OPT_BOOTFILE), name);
}

static void puts_addresses(void **state)
{
	const struct ipv4 ips[] = {{0x01020304}, {0x05060708}};
	struct packet p;
	struct dhcp_reply r;

	(void)state;
	packet_init(&p, DHCPDISCOVER, 1);
	dhcp_reply_init(&r, packet_parse(&p), DHCPOFFER, SERVER);
	dhcp_put_ips(&r, OPT_DNS, ips, 2);
	dhcp_put_ips(&r, OPT_NTP, NULL, 0);
	dhcp_reply_address(&r, DHCP_AT_YIADDR, ips[0]);
	dhcp_reply_finish(&r);
	assert_bytes(reply_get(r.data, r.len, OPT_DNS), "\1\2\3\4\5\6\7\10");
	assert_null(reply_get(r.data, r.len, OPT_NTP).p);
	assert_int_equal(bytes_u32(r.data + DHCP_AT_YIADDR), 0x01020304);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_and_pads),
		cmocka_unit_test(splits_long_values),
		cmocka_unit_test(goes_on_in_file_and_sname),
		cmocka_unit_test(keeps_the_file_name),
		cmocka_unit_test(puts_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
