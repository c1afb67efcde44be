/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "started.h"

static void as_started(struct cluster *c)
{
	*c = (struct cluster){
		.name = xstrdup("home"),
		.flavour = FLAVOUR_KUBEADM,
		.version = xstrdup("1.31.4"),
		.endpoint = xstrdup("10.0.0.10:6443"),
		.address = {0x0a000001},
		.http_port = 8080,
		.https_port = 8443,
		.tftp_first_port = 49152,
		.tftp_last_port = 49251,
		.dhcp = DHCP_PROXY,
	};
	strv_add(&c->interfaces, "lan");
}

static void set(char **member, const char *value)
{
	free(*member);
	*member = xstrdup(value);
}

static void nothing_changed_is_nothing_told(void **state)
{
	struct cluster c;
	struct started s;
	struct strv changed = {0};

	(void)state;
	as_started(&c);
	started_init(&s, &c);
	/* a version of the same flavour, and what DHCP gives, need no restart */
	set(&c.version, "1.32.0");
	c.lease_time = 600;
	started_hold(&s, &c, &changed);
	assert_int_equal(changed.n, 0);
	assert_string_equal(c.version, "1.32.0");
	started_release(&s);
	cluster_release(&c);
}

/* Loaded again and again, it is compared with the start, not with the load before. */
static void every_load_keeps_the_start_and_tells_all(void **state)
{
	static const char *const keys[] = {
		"provisioner.interfaces",
		"provisioner.address",
		"provisioner.httpPort",
		"provisioner.httpsPort",
		"provisioner.tftpDataPorts",
		"dhcp.mode",
		"cluster.name",
		"cluster.flavour",
		"cluster.version",
		"cluster.controlPlaneEndpoint",
		"cluster.kubeconfig",
	};
	struct cluster c;
	struct started s;

	(void)state;
	as_started(&c);
	started_init(&s, &c);
	for (int load = 0; load < 2; load++) {
		struct strv changed = {0};

		strv_add(&c.interfaces, "dmz");
		c.address.a++;
		c.http_port = 9080;
		c.https_port = 9443;
		c.tftp_last_port = 50000;
		c.dhcp = DHCP_SERVER;
		set(&c.name, "office");
		c.flavour = FLAVOUR_K3S;
		set(&c.version, "1.31.4+k3s1");
		set(&c.endpoint, "10.0.0.11:6443");
		set(&c.kubeconfig, "admin.conf");
		started_hold(&s, &c, &changed);
		assert_int_equal(changed.n, ARRAY_SIZE(keys));
		for (size_t i = 0; i < changed.n; i++)
			assert_string_equal(changed.v[i], keys[i]);
		assert_int_equal(c.interfaces.n, 1);
		assert_int_equal(c.address.a, 0x0a000001);
		assert_int_equal(c.http_port, 8080);
		assert_int_equal(c.https_port, 8443);
		assert_int_equal(c.tftp_last_port, 49251);
		assert_int_equal(c.dhcp, DHCP_PROXY);
		assert_string_equal(c.name, "home");
		assert_int_equal(c.flavour, FLAVOUR_KUBEADM);
		assert_string_equal(c.version, "1.31.4");
		assert_string_equal(c.endpoint, "10.0.0.10:6443");
		assert_null(c.kubeconfig);
		strv_release(&changed);
	}
	started_release(&s);
	cluster_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_changed_is_nothing_told),
		cmocka_unit_test(every_load_keeps_the_start_and_tells_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
