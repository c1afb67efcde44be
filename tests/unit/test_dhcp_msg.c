/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "dhcp_packet.h"

static void reads_the_fixed_part(void **state)
{
	struct packet p;
	const struct dhcp_msg *m;

	(void)state;
	packet_init(&p, DHCPDISCOVER, 7);
	p.b[DHCP_AT_FLAGS] = 0x80;
	packet_u32(&p, DHCP_AT_CIADDR, 0x0a000007);
	packet_u32(&p, DHCP_AT_GIADDR, 0x0a000001);
	m = packet_parse(&p);
	assert_int_equal(m->type, DHCPDISCOVER);
	assert_int_equal(m->xid, 0xdeadbe07u);
	assert_int_equal(m->flags, DHCP_FLAG_BROADCAST);
	assert_int_equal(m->ciaddr.a, 0x0a000007);
	assert_int_equal(m->giaddr.a, 0x0a000001);
	assert_int_equal(m->mac.b[5], 7);
	assert_string_equal(dhcp_type_name(m->type), "DISCOVER");
}

static void joins_the_parts_of_an_option(void **state)
{
	struct packet p;
	const struct dhcp_msg *m;

	(void)state;
	packet_init(&p, DHCPDISCOVER, 1);
	packet_put(&p, OPT_USER_CLASS, "ab", 2);
	packet_put(&p, OPT_HOSTNAME, "h", 1);
	packet_put(&p, OPT_USER_CLASS, "cd", 2);
	packet_put(&p, OPT_USER_CLASS, "", 0);
	packet_put(&p, OPT_USER_CLASS, "e", 1);
	m = packet_parse(&p);
	assert_bytes(dhcp_msg_get(m, OPT_USER_CLASS), "abcde");
	assert_bytes(dhcp_msg_get(m, OPT_HOSTNAME), "h");
	assert_int_equal(m->n_options, 3);
}

static void reads_overloaded_fields(void **state)
{
	const uint8_t both = DHCP_OVERLOAD_FILE | DHCP_OVERLOAD_SNAME;
	struct packet p;
	const struct dhcp_msg *m;

	(void)state;
	packet_init(&p, DHCPDISCOVER, 1);
	packet_put(&p, OPT_OVERLOAD, &both, 1);
	packet_put(&p, OPT_MESSAGE, "1", 1);
	memcpy(p.b + DHCP_AT_FILE, "\x38\x01\x32\x0c\x01x\xff", 7);
	memcpy(p.b + DHCP_AT_SNAME, "\x38\x01\x33\xff", 4);
	m = packet_parse(&p);
	assert_bytes(dhcp_msg_get(m, OPT_MESSAGE), "123");
	assert_bytes(dhcp_msg_get(m, OPT_HOSTNAME), "x");
}

static void ignores_the_fields_without_overload(void **state)
{
	struct packet p;

	(void)state;
	packet_init(&p, DHCPDISCOVER, 1);
	memcpy(p.b + DHCP_AT_FILE, "\x0c\x01x\xff", 4);
	assert_null(dhcp_msg_get(packet_parse(&p), OPT_HOSTNAME).p);
}

static void takes_numbers_of_their_size_only(void **state)
{
	struct packet p;
	uint32_t n = 1;

	(void)state;
	packet_init(&p, DHCPDISCOVER, 1);
	packet_put(&p, OPT_MAX_SIZE, "\x05\xdc", 2);
	packet_put(&p, OPT_REQUESTED_IP, "\x0a\x00\x00", 3);
	packet_parse(&p);
	assert_true(dhcp_msg_number(&p.m, OPT_MAX_SIZE, 2, &n));
	assert_int_equal(n, 1500);
	assert_false(dhcp_msg_number(&p.m, OPT_REQUESTED_IP, 4, &n));
	assert_false(dhcp_msg_number(&p.m, OPT_LEASE_TIME, 4, &n));
	assert_int_equal(n, 1500);
}

static void knows_what_is_wanted(void **state)
{
	struct packet p;

	(void)state;
	packet_init(&p, DHCPDISCOVER, 1);
	assert_true(dhcp_msg_wants(packet_parse(&p), OPT_NTP));
	packet_put(&p, OPT_PARAMETERS, "\x01\x03", 2);
	packet_parse(&p);
	assert_true(dhcp_msg_wants(&p.m, OPT_ROUTER));
	assert_false(dhcp_msg_wants(&p.m, OPT_NTP));
}

static void spoil(struct packet *p, size_t offset, uint8_t value, const char *why)
{
	struct packet bad = *p;
	struct err err = ERR_INIT;

	bad.b[offset] = value;
	bad.b[bad.n] = OPT_END;
	assert_fails(dhcp_msg_parse(bad.b, bad.n + 1, &bad.m, &err), &err, ERR_PROTOCOL, why);
}

static void refuses_what_is_no_request(void **state)
{
	struct packet p;
	struct err err = ERR_INIT;

	(void)state;
	packet_init(&p, DHCPDISCOVER, 1);
	spoil(&p, DHCP_AT_OP, DHCP_BOOTREPLY, "not a request");
	spoil(&p, DHCP_AT_COOKIE, 0, "cookie");
	spoil(&p, DHCP_AT_HTYPE, 6, "not Ethernet");
	spoil(&p, DHCP_AT_HLEN, 16, "not Ethernet");
	spoil(&p, DHCP_AT_CHADDR, 1, "no machine's");
	spoil(&p, DHCP_AT_OPTS + 1, 200, "option 53 in the options field runs past its end");
	spoil(&p, DHCP_AT_OPTS + 2, DHCPOFFER, "type 2 is not a client's");
	assert_fails(dhcp_msg_parse(p.b, DHCP_AT_OPTS - 1, &p.m, &err), &err, ERR_PROTOCOL,
		     "too short");
	assert_fails(dhcp_msg_parse(p.b, LIMIT_DHCP_PACKET + 1, &p.m, &err), &err, ERR_PROTOCOL,
		     "too long");
	for (int i = 0; i < LIMIT_DHCP_OPTIONS; i++)
		packet_put(&p, OPT_HOSTNAME, "", 0);
	assert_fails(dhcp_msg_parse(p.b, p.n, &p.m, &err), &err, ERR_PROTOCOL, "more than 128");
	packet_init(&p, DHCP_TYPE_NONE, 1);
	packet_put(&p, OPT_TYPE, "\1\1", 2);
	assert_fails(dhcp_msg_parse(p.b, p.n, &p.m, &err), &err, ERR_PROTOCOL,
		     "2 bytes instead of 1");
}

/* A packet that is cut off anywhere is refused or read, never read past its end. */
static void survives_every_length(void **state)
{
	struct packet p;

	(void)state;
	packet_init(&p, DHCPDISCOVER, 1);
	packet_put_pxe(&p, 7);
	for (size_t n = 0; n <= p.n; n++) {
		_cleanup_(freep) uint8_t *exact = xmemdup(p.b, n ? n : 1);
		struct err err = ERR_INIT;

		(void)!dhcp_msg_parse(exact, n, &p.m, &err);
		err_release(&err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_fixed_part),
		cmocka_unit_test(joins_the_parts_of_an_option),
		cmocka_unit_test(reads_overloaded_fields),
		cmocka_unit_test(ignores_the_fields_without_overload),
		cmocka_unit_test(takes_numbers_of_their_size_only),
		cmocka_unit_test(knows_what_is_wanted),
		cmocka_unit_test(refuses_what_is_no_request),
		cmocka_unit_test(survives_every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
