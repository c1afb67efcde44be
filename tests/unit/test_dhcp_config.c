/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "dhcp/dhcp_config.h"

static void copies_what_dhcp_needs(void **state)
{
	struct ipv4_range range = {{10}, {20}};
	struct cluster c = {.dhcp = DHCP_SERVER,
			    .unknown = UNKNOWN_IGNORE,
			    .http_port = 8080,
			    .domain = (char *)"lan",
			    .dns = {{1}, {2}},
			    .n_dns = 2,
			    .ranges = &range,
			    .n_ranges = 1,
			    .lease_time = 600};
	struct dhcp_config config;

	(void)state;
	strv_add(&c.ntp, "pool.ntp.org");
	strv_add(&c.ntp, "10.0.0.3");
	dhcp_config_from(&c, &config);
	assert_int_equal(config.mode, DHCP_SERVER);
	assert_int_equal(config.unknown, UNKNOWN_IGNORE);
	assert_int_equal(config.http_port, 8080);
	assert_int_equal(config.n_ntp, 1); /* DHCP has addresses only */
	assert_int_equal(config.ntp[0].a, 0x0a000003);
	assert_int_equal(config.lease_time, 600);
	assert_true(config.domain != c.domain && config.ranges != c.ranges);
	assert_string_equal(config.domain, "lan");
	assert_int_equal(config.ranges[0].last.a, 20);
	assert_int_equal(config.dns[1].a, 2);
	dhcp_config_release(&config);
	assert_null(config.ranges);
	strv_release(&c.ntp);
}

static void keeps_lease_times_sensible(void **state)
{
	struct cluster c = {.dhcp = DHCP_SERVER};
	struct dhcp_config config;

	(void)state;
	dhcp_config_from(&c, &config);
	assert_int_equal(config.lease_time, DHCP_DEFAULT_LEASE);
	dhcp_config_release(&config);
	c.lease_time = 1;
	dhcp_config_from(&c, &config);
	assert_int_equal(config.lease_time, DHCP_MIN_LEASE);
	dhcp_config_release(&config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(copies_what_dhcp_needs),
		cmocka_unit_test(keeps_lease_times_sensible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
