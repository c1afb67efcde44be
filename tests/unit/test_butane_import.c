/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "import/import_fields.h"
#include "import/butane_import.h"

/* in becomes out, and `left` is in the only line about what was left behind; NULL: nothing was. */
struct row {
	enum butane_source source;
	const char *in, *out, *left;
};

static void check_row(const struct row *row)
{
	_cleanup_json_ json_t *in = json_loads(row->in, JSON_REJECT_DUPLICATES, NULL);
	_cleanup_(problems_release) struct problems left = {0};
	_cleanup_json_ json_t *out = NULL;
	_cleanup_(freep) char *text = NULL;

	assert_non_null(in);
	out = butane_import(in, row->source, "a.ign", &left);
	text = jsonx_canonical(out);
	assert_string_equal(text, row->out);
	if (!row->left) {
		assert_int_equal(left.n, 0);
		return;
	}
	assert_int_equal(left.n, 1);
	assert_non_null(strstr(left.p[0].text, row->left));
}

static void keys_and_contents_are_turned_back(void **state)
{
	static const struct row rows[] = {
		{BUTANE_FROM_IGNITION, "{\"ignition\":{\"version\":\"3.3.0\"}}", "{}", NULL},
		{BUTANE_FROM_IGNITION,
		 "{\"passwd\":{\"users\":[{\"name\":\"core\",\"sshAuthorizedKeys\":[\"k\"],"
		 "\"noCreateHome\":true,\"passwordHash\":\"*\"}]}}",
		 "{\"passwd\":{\"users\":[{\"name\":\"core\",\"no_create_home\":true,"
		 "\"password_hash\":\"*\",\"ssh_authorized_keys\":[\"k\"]}]}}",
		 NULL},
		{BUTANE_FROM_IGNITION,
		 "{\"storage\":{\"files\":[{\"path\":\"/a\",\"contents\":{\"source\":"
		 "\"data:,a%20b\"}}]}}",
		 "{\"storage\":{\"files\":[{\"contents\":{\"inline\":\"a b\"},\"path\":\"/a\"}]}}",
		 NULL},
		/* what is no text, or packed, stays a URL */
		{BUTANE_FROM_IGNITION,
		 "{\"storage\":{\"files\":[{\"path\":\"/a\",\"contents\":{\"source\":"
		 "\"data:;base64,AAE=\"}},{\"path\":\"/b\",\"contents\":{\"source\":\"data:,a\","
		 "\"compression\":\"gzip\"}}]}}",
		 "{\"storage\":{\"files\":[{\"contents\":{\"source\":\"data:;base64,AAE=\"},"
		 "\"path\":\"/a\"},{\"contents\":{\"compression\":\"gzip\",\"source\":\"data:,a\"},"
		 "\"path\":\"/b\"}]}}",
		 NULL},
		{BUTANE_FROM_IGNITION,
		 "{\"storage\":{\"files\":[{\"path\":\"/"
		 "a\",\"append\":[{\"source\":\"data:,x\"}]}]}}",
		 "{\"storage\":{\"files\":[{\"append\":[{\"inline\":\"x\"}],\"path\":\"/a\"}]}}",
		 NULL},
		/* an empty text says something, an empty list nothing */
		{BUTANE_FROM_IGNITION,
		 "{\"systemd\":{\"units\":[{\"name\":\"a.service\",\"contents\":\"\","
		 "\"dropins\":[]}]}}",
		 "{\"systemd\":{\"units\":[{\"contents\":\"\",\"name\":\"a.service\"}]}}", NULL},
		{BUTANE_FROM_IGNITION, "{\"kernelArguments\":{\"shouldExist\":[\"quiet\"]}}",
		 "{\"kernel_arguments\":{\"should_exist\":[\"quiet\"]}}", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(&rows[i]);
}

static void how_ignition_fetches_is_carried_over(void **state)
{
	static const struct row rows[] = {
		{BUTANE_FROM_IGNITION,
		 "{\"ignition\":{\"timeouts\":{\"httpTotal\":30},\"proxy\":{\"noProxy\":[\"a\"],"
		 "\"httpProxy\":\"http://p\"},\"security\":{\"tls\":{\"certificateAuthorities\":["
		 "{\"source\":\"data:,x\"}]}}}}",
		 "{\"ignition\":{\"proxy\":{\"http_proxy\":\"http://p\",\"no_proxy\":[\"a\"]},"
		 "\"security\":{\"tls\":{\"certificate_authorities\":[{\"inline\":\"x\"}]}},"
		 "\"timeouts\":{\"http_total\":30}}}",
		 NULL},
		{BUTANE_FROM_IGNITION,
		 "{\"ignition\":{\"config\":{\"merge\":[{\"source\":\"https://x/\"}],"
		 "\"replace\":{\"source\":\"data:,x\"}}}}",
		 "{\"ignition\":{\"config\":{\"merge\":[{\"source\":\"https://x/\"}],"
		 "\"replace\":{\"inline\":\"x\"}}}}",
		 NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(&rows[i]);
}

static void the_older_spelling_is_read(void **state)
{
	static const struct row rows[] = {
		{BUTANE_FROM_IGNITION,
		 "{\"ignition\":{\"version\":\"2.2.0\",\"config\":{\"append\":[{\"source\":"
		 "\"https://x/"
		 "\"}]}},\"passwd\":{\"users\":[{\"name\":\"a\",\"create\":{\"uid\":600}}"
		 "]}}",
		 "{\"ignition\":{\"config\":{\"merge\":[{\"source\":\"https://x/\"}]}},\"passwd\":"
		 "{\"users\":[{\"name\":\"a\",\"uid\":600}]}}",
		 NULL},
		{BUTANE_FROM_YAML,
		 "{\"systemd\":{\"units\":[{\"name\":\"a.service\",\"enable\":true}]}}",
		 "{\"systemd\":{\"units\":[{\"enabled\":true,\"name\":\"a.service\"}]}}", NULL},
		{BUTANE_FROM_YAML,
		 "{\"storage\":{\"files\":[{\"path\":\"/a\",\"filesystem\":\"root\",\"contents\":"
		 "{\"remote\":{\"url\":\"http://x/\",\"verification\":{\"hash\":{\"function\":"
		 "\"sha512\",\"sum\":\"00\"}}}}}]}}",
		 "{\"storage\":{\"files\":[{\"contents\":{\"source\":\"http://x/"
		 "\",\"verification\":"
		 "{\"hash\":\"sha512-00\"}},\"path\":\"/a\"}]}}",
		 NULL},
		{BUTANE_FROM_YAML,
		 "{\"networkd\":{\"units\":[{\"name\":\"a.network\",\"contents\":\"[Match]\"}]}}",
		 "{\"storage\":{\"files\":[{\"contents\":{\"inline\":\"[Match]\"},\"mode\":420,"
		 "\"path\":\"/etc/systemd/network/a.network\"}]}}",
		 NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(&rows[i]);
}

static void what_cannot_be_said_is_told_by_its_path(void **state)
{
	static const struct row rows[] = {
		{BUTANE_FROM_IGNITION, "{\"storage\":{\"disks\":[{\"device\":\"/dev/sda\"}]}}",
		 "{}", "$.storage.disks: disks are claimed by"},
		{BUTANE_FROM_IGNITION, "{\"storage\":{\"luks\":[{\"name\":\"a\"}]}}", "{}",
		 "$.storage.luks: "},
		{BUTANE_FROM_YAML, "{\"ignition\":{\"config\":{\"merge\":[{\"local\":\"x\"}]}}}",
		 "{}", "$.ignition.config.merge[0].local: names a file that Butane reads"},
		{BUTANE_FROM_YAML, "{\"storage\":{\"trees\":[{\"local\":\"x\"}]}}", "{}",
		 "$.storage.trees: names a file that Butane reads"},
		{BUTANE_FROM_IGNITION, "{\"storage\":{\"files\":[{\"pathh\":\"/a\"}]}}", "{}",
		 "$.storage.files[0].pathh: no template has such a key"},
		{BUTANE_FROM_YAML, "{\"storage\":{\"files\":{\"path\":\"/a\"}}}", "{}",
		 "$.storage.files: is no list"},
		{BUTANE_FROM_YAML, "{\"storage\":{\"files\":[\"a\"]}}", "{}",
		 "$.storage.files[0]: is no map"},
		{BUTANE_FROM_YAML, "{\"systemd\":{\"units\":[{\"name\":{\"a\":1}}]}}", "{}",
		 "$.systemd.units[0].name: is neither"},
		{BUTANE_FROM_YAML, "{\"passwd\":{\"users\":[{\"groups\":[1]}]}}", "{}",
		 "$.passwd.users[0].groups: is no list of texts"},
		{BUTANE_FROM_YAML,
		 "{\"storage\":{\"files\":[{\"path\":\"/a\",\"filesystem\":\"data\"}]}}", "{}",
		 "$.storage.files[0].filesystem: names a file system"},
		/* and what is left out keeps its place */
		{BUTANE_FROM_YAML,
		 "{\"systemd\":{\"units\":[{\"name\":\"a.service\",\"contents_local\":\"x\"},"
		 "{\"name\":\"b.service\",\"mask\":true}]}}",
		 "{\"systemd\":{\"units\":[null,{\"mask\":true,\"name\":\"b.service\"}]}}",
		 "$.systemd.units[0].contents_local: "},
		{BUTANE_FROM_YAML, "{\"storage\":{\"files\":[{\"path\":\"/a\",\"append\":true}]}}",
		 "{\"storage\":{\"files\":[{\"path\":\"/a\"}]}}", "$.storage.files[0].append: "},
		{BUTANE_FROM_YAML,
		 "{\"storage\":{\"files\":[{\"path\":\"/a\",\"contents\":{\"local\":\"x\","
		 "\"http_headers\":[{\"name\":\"A\",\"value\":\"b\"}]}}]}}",
		 "{}", "$.storage.files[0].contents.local: "},
		{BUTANE_FROM_YAML, "{\"etcd\":{\"name\":\"a\"}}", "{}", "$.etcd: is a service of"},
		{BUTANE_FROM_YAML, "{\"a\\u001bb\":{\"x\":1}}", "{}", "$.a\\x1bb: no template"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(&rows[i]);
}

static void keys_are_spelled_as_butane_does(void **state)
{
	static const struct {
		const char *ignition, *butane;
	} rows[] = {{"path", "path"},
		    {"sshAuthorizedKeys", "ssh_authorized_keys"},
		    {"httpHeaders", "http_headers"},
		    {"shouldNotExist", "should_not_exist"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(freep) char *key = import_key(rows[i].ignition);

		assert_string_equal(key, rows[i].butane);
	}
	assert_non_null(import_field_find(import_document, "storage"));
	assert_null(import_field_find(import_document, "stor"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_and_contents_are_turned_back),
		cmocka_unit_test(how_ignition_fetches_is_carried_over),
		cmocka_unit_test(the_older_spelling_is_read),
		cmocka_unit_test(what_cannot_be_said_is_told_by_its_path),
		cmocka_unit_test(keys_are_spelled_as_butane_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
