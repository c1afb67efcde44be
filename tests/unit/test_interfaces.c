/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "interfaces.h"

static const char routes[] =
	"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
	"eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
	"eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
	"eth01\t00000000\t090200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
	"wlan0\tgarbage\n";

static void finds_the_router_of_an_interface(void **state)
{
	char text[IPV4_TEXT_SIZE];

	(void)state;
	assert_string_equal(ipv4_format(interfaces_router(routes, "eth0"), text), "192.0.2.1");
	assert_string_equal(ipv4_format(interfaces_router(routes, "eth01"), text), "192.0.2.9");
	assert_int_equal(interfaces_router(routes, "eth").a, 0);
	assert_int_equal(interfaces_router(routes, "wlan0").a, 0);
	assert_int_equal(interfaces_router("", "eth0").a, 0);
}

static void chooses_the_wired_one_with_the_default_route(void **state)
{
	struct interface all[] = {
		{.name = (char *)"wlan0", .address = {{0xc0000203}, 24}, .router = {0xc0000201}},
		{.name = (char *)"eth0", .address = {{0x0a000001}, 24}, .wired = true},
		{.name = (char *)"eth1",
		 .address = {{0xc0000202}, 24},
		 .router = {0xc0000201},
		 .wired = true},
	};
	struct interface_list list = {all, 3};
	const struct interface *got = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(interfaces_choose(&list, &got, &err), &err);
	assert_ptr_equal(got, &all[2]);
	list.n = 2; /* without a default route the only wired one will do */
	assert_ok(interfaces_choose(&list, &got, &err), &err);
	assert_ptr_equal(got, &all[1]);
	all[2].router.a = 0;
	list.n = 3;
	assert_fails(interfaces_choose(&list, &got, &err), &err, ERR_REFUSED,
		     "--interface; this machine has wlan0 (192.0.2.3/24), eth0 (10.0.0.1/24)");
	assert_ptr_equal(interfaces_find(&list, "eth0"), &all[1]);
	assert_null(interfaces_find(&list, "eth"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_router_of_an_interface),
		cmocka_unit_test(chooses_the_wired_one_with_the_default_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
