/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ipv4.h"

static void nets(void **state)
{
	struct err err = ERR_INIT;
	struct ipv4_net net;
	char text[IPV4_NET_TEXT_SIZE], ip[IPV4_TEXT_SIZE];

	(void)state;
	assert_ok(ipv4_net_parse("192.168.1.20/24", &net, &err), &err);
	assert_string_equal(ipv4_net_format(net, text), "192.168.1.20/24");
	assert_string_equal(ipv4_format(ipv4_network(net), ip), "192.168.1.0");
	assert_string_equal(ipv4_format(ipv4_broadcast(net), ip), "192.168.1.255");
	assert_true(ipv4_in_net((struct ipv4){net.ip.a + 100}, net));
	assert_false(ipv4_in_net((struct ipv4){net.ip.a + 300}, net));
	assert_int_equal(ipv4_netmask(0).a, 0);
	assert_int_equal(ipv4_netmask(32).a, UINT32_MAX);
	assert_fails(ipv4_net_parse("192.168.1.20", &net, &err), &err, ERR_USAGE, "prefix");
	assert_fails(ipv4_net_parse("192.168.1.20/33", &net, &err), &err, ERR_USAGE, "0 to 32");
	assert_fails(ipv4_net_parse("192.168.1.20/", &net, &err), &err, ERR_USAGE, "0 to 32");
	assert_fails(ipv4_net_parse("192.168.1/24", &net, &err), &err, ERR_USAGE, "no IPv4");
}

static void ranges(void **state)
{
	struct err err = ERR_INIT;
	struct ipv4_range r;

	(void)state;
	assert_ok(ipv4_range_parse("10.0.0.5-10.0.0.9", &r, &err), &err);
	assert_true(ipv4_in_range((struct ipv4){0x0a000005}, r));
	assert_true(ipv4_in_range((struct ipv4){0x0a000009}, r));
	assert_false(ipv4_in_range((struct ipv4){0x0a00000a}, r));
	assert_fails(ipv4_range_parse("10.0.0.9-10.0.0.5", &r, &err), &err, ERR_USAGE, "before");
	assert_fails(ipv4_range_parse("10.0.0.9", &r, &err), &err, ERR_USAGE, "no range");
}

static void sockets(void **state)
{
	const struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = {htonl(0x0a000001)}};
	const struct sockaddr_in6 other = {.sin6_family = AF_INET6};

	(void)state;
	assert_int_equal(ipv4_from_sockaddr((const struct sockaddr *)&in).a, 0x0a000001);
	assert_int_equal(ipv4_from_sockaddr((const struct sockaddr *)&other).a, 0);
	assert_int_equal(ipv4_from_sockaddr(NULL).a, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nets),
		cmocka_unit_test(ranges),
		cmocka_unit_test(sockets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
