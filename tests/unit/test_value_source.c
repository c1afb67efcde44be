/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "value_source.h"

static const char cluster[] = "cluster:\n"
			      "  version: 1.34.2\n"
			      "lan:\n"
			      "  dns: [10.0.0.1]\n"
			      "sshKeys:\n"
			      "  - ssh-ed25519 A\n";
static const char node[] = "mac: 52:54:00:00:00:01\n"
			   "labels:\n"
			   "  rack: b\n"
			   "sshKeys: [ssh-ed25519 B]\n"
			   "metadata:\n"
			   "  colour: red\n"
			   "serial: S1\n"
			   "kernelArguments:\n"
			   "  - quiet\n"
			   "  - nosmt\n";

static void tells_the_place(void **state)
{
	static const struct {
		const char *name, *place;
	} rows[] = {
		{"cluster.version", "cluster.yaml:2:12"},
		{"version", "cluster.yaml:2:12"},
		{"pauseImage", "cluster.yaml:2:12"},
		{"lan.dns", "cluster.yaml:4:8"},
		{"node.mac", "nodes/web1.yaml:1:6"},
		{"node.labels", "nodes/web1.yaml:3:3"},
		{"node.labels.rack", "nodes/web1.yaml:3:9"},
		{"metadata.colour", "nodes/web1.yaml:6:11"},
		{"node.serial", "nodes/web1.yaml:7:9"},
		{"node.uuid", "nodes/web1.yaml (default)"},
		/* from both */
		{"sshKeys", "cluster.yaml:6:3, nodes/web1.yaml:4:10"},
		/* not written */
		{"node.role", "nodes/web1.yaml (default)"},
		{"podSubnet", "cluster.yaml (default)"},
		{"hostname", "nodes/web1.yaml (default)"},
		{"hostnames", NULL},
		{"nothing", NULL},
	};
	_cleanup_(value_sources_release) struct value_sources s = {0};

	(void)state;
	assert_int_equal(value_sources_parse(cluster, node, "nodes/web1.yaml", &s), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(freep) char *place = value_source(&s, rows[i].name);

		if (!rows[i].place)
			assert_null(place);
		else
			assert_string_equal(place, rows[i].place);
	}
}

static void tells_the_place_in_a_list(void **state)
{
	_cleanup_(value_sources_release) struct value_sources s = {0};
	unsigned int line = 0, column = 0;

	(void)state;
	assert_int_equal(value_sources_parse(cluster, node, "nodes/web1.yaml", &s), 0);
	assert_true(value_source_listed(&s, "kernelArguments", "nosmt", &line, &column));
	assert_int_equal(line, 10);
	assert_int_equal(column, 5);
	assert_false(value_source_listed(&s, "kernelArguments", "other", &line, &column));
	assert_false(value_source_listed(&s, "mac", "52:54:00:00:00:01", &line, &column));
	assert_int_equal(line, 10);
}

static void refuses_what_is_no_yaml(void **state)
{
	_cleanup_(value_sources_release) struct value_sources s = {0};

	(void)state;
	assert_int_equal(value_sources_parse("a: [", "", "nodes/a.yaml", &s), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_the_place),
		cmocka_unit_test(tells_the_place_in_a_list),
		cmocka_unit_test(refuses_what_is_no_yaml),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
