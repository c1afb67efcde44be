/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "golden.h"
#include "sysconf.h"

static struct plan *make(const char *address)
{
	struct plan *p = plan_new();
	struct err err = ERR_INIT;

	p->node = xstrdup("n1");
	assert_ok(mac_parse("52:54:00:00:00:01", ARRAY_APPEND(p->macs, p->n_macs), &err), &err);
	if (address)
		assert_ok(ipv4_net_parse(address, &p->network.address, &err), &err);
	return p;
}

static void test_dhcp(void **state)
{
	_cleanup_(plan_freep) struct plan *p = make(NULL);
	_cleanup_(freep) char *network = sysconf_network(p), *hosts = sysconf_hosts(p);

	(void)state;
	golden_compare(network, "sysconf/dhcp.network");
	golden_compare(hosts, "sysconf/dhcp.hosts");
	assert_null(sysconf_network_others(p));
	assert_null(sysconf_timesyncd(p));
}

static void test_static(void **state)
{
	_cleanup_(plan_freep) struct plan *p = make("10.0.0.11/24");
	_cleanup_(freep) char *network = NULL, *others = NULL, *hosts = NULL, *time = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(mac_parse("52:54:00:00:00:02", ARRAY_APPEND(p->macs, p->n_macs), &err), &err);
	assert_ok(mac_parse("52:54:00:00:00:03", ARRAY_APPEND(p->macs, p->n_macs), &err), &err);
	assert_ok(ipv4_parse("10.0.0.1", &p->network.router, &err), &err);
	assert_ok(ipv4_parse("10.0.0.2", &p->network.dns[0], &err), &err);
	assert_ok(ipv4_parse("10.0.0.3", &p->network.dns[1], &err), &err);
	p->network.n_dns = 2;
	p->network.domain = xstrdup("lab.example");
	strv_add(&p->network.ntp, "10.0.0.1");
	strv_add(&p->network.ntp, "ntp.lab.example");
	network = sysconf_network(p);
	others = sysconf_network_others(p);
	hosts = sysconf_hosts(p);
	time = sysconf_timesyncd(p);
	golden_compare(network, "sysconf/static.network");
	golden_compare(others, "sysconf/others.network");
	golden_compare(hosts, "sysconf/static.hosts");
	assert_string_equal(time, "[Time]\nNTP=10.0.0.1 ntp.lab.example\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dhcp),
		cmocka_unit_test(test_static),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
