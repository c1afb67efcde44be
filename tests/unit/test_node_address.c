/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "node_address.h"

#define HEAD "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n"

static void test_default_route(void **state)
{
	(void)state;
	assert_false(node_address_has_default_route(HEAD));
	assert_false(node_address_has_default_route(""));
	/* Isolated: only the LAN itself. */
	assert_false(node_address_has_default_route(
		HEAD "enp0s3\t00004D0A\t00000000\t0001\t0\t0\t1024\t00FFFFFF\n"));
	assert_true(node_address_has_default_route(
		HEAD "enp0s3\t00004D0A\t00000000\t0001\t0\t0\t1024\t00FFFFFF\n"
		     "enp0s3\t00000000\t01004D0A\t0003\t0\t0\t1024\t00000000\n"));
}

static void test_static(void **state)
{
	_cleanup_(plan_freep) struct plan *p = plan_new();
	_cleanup_(err_release) struct err err = ERR_INIT;
	char text[IPV4_TEXT_SIZE];

	(void)state;
	assert_ok(ipv4_net_parse("10.0.0.11/24", &p->network.address, &err), &err);
	assert_string_equal(ipv4_format(node_address(p), text), "10.0.0.11");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default_route),
		cmocka_unit_test(test_static),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
