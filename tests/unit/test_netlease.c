/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "netlease.h"

static void test_whole(void **state)
{
	static const char *const env[] = {"interface=enp1s0",
					  "ip=10.0.0.17",
					  "subnet=255.255.254.0",
					  "router=10.0.0.1 10.0.0.2",
					  "dns=10.0.0.1 1.1.1.1 2.2.2.2 3.3.3.3 4.4.4.4",
					  "domain=lab.example",
					  NULL};
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(netlease_release) struct netlease l = {0};
	_cleanup_(freep) char *resolv = NULL;
	char text[IPV4_NET_TEXT_SIZE];

	(void)state;
	assert_ok(netlease_from_env(env, &l, &err), &err);
	assert_string_equal(ipv4_net_format(l.address, text), "10.0.0.17/23");
	assert_string_equal(ipv4_format(l.router, text), "10.0.0.1");
	assert_int_equal(l.n_dns, 4);
	resolv = netlease_resolv_conf(&l);
	assert_string_equal(resolv, "search lab.example\nnameserver 10.0.0.1\nnameserver 1.1.1.1\n"
				    "nameserver 2.2.2.2\nnameserver 3.3.3.3\n");
}

static void test_least(void **state)
{
	static const char *const env[] = {"interface=eth0", "ip=10.0.0.17",
					  "domain=a\nnameserver 6.6.6.6", NULL};
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(netlease_release) struct netlease l = {0};

	(void)state;
	assert_ok(netlease_from_env(env, &l, &err), &err);
	assert_int_equal(l.address.prefix, 24);
	assert_int_equal(l.router.a, 0);
	assert_null(l.domain);
}

static void test_refused(void **state)
{
	static const char *const no_ip[] = {"interface=eth0", NULL};
	static const char *const escape[] = {"interface=../x", "ip=1.2.3.4", NULL};
	static const char *const odd[] = {"interface=eth0", "ip=1.2.3.4", "dns=x", NULL};
	_cleanup_(err_release) struct err err = ERR_INIT;
	struct netlease l = {0};

	(void)state;
	assert_fails(netlease_from_env(no_ip, &l, &err), &err, ERR_PROTOCOL, "no address");
	assert_fails(netlease_from_env(escape, &l, &err), &err, ERR_PROTOCOL, "no interface");
	assert_fails(netlease_from_env(odd, &l, &err), &err, ERR_PROTOCOL, "DHCP");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_least),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
