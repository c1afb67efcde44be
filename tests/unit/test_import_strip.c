/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "import/go_template.h"
#include "import/import_strip.h"

#define SECRET "is a secret, and templates are kept in git"
#define MARK   GO_MARK_BEGIN GO_MARK_SECRET "token" GO_MARK_END
#define NAME   GO_MARK_BEGIN "metadata.name" GO_MARK_END

/* What is left of the content, and the one line that tells what was taken; NULL: nothing was. */
struct row {
	const char *in, *out, *left;
};

static void check_row(const struct row *row, const char *image)
{
	_cleanup_json_ json_t *content = json_loads(row->in, 0, NULL);
	_cleanup_json_ json_t *texts =
		json_pack("{s:s,s:s}", "metadata.name", "web1", "secret.token", "abc");
	_cleanup_json_ json_t *secrets = json_pack("[s]", "hunter2hunter2");
	const struct import_strip s = {"a.yaml", texts, secrets, image};
	_cleanup_(problems_release) struct problems left = {0};
	_cleanup_(freep) char *text = NULL;

	assert_non_null(content);
	import_strip(content, &s, &left);
	text = jsonx_canonical(content);
	assert_string_equal(text, row->out);
	assert_int_equal(left.n, row->left ? 1 : 0);
	if (row->left && !strstr(left.p[0].text, row->left))
		fail_msg("%s is not in %s", row->left, left.p[0].text);
}

static void what_is_good_stays(void **state)
{
	static const char *const rows[] = {
		"{}",
		"{\"storage\":{\"files\":[{\"contents\":{\"inline\":\"a\"},\"mode\":420,\"path\":"
		"\"/a\"}]}}",
		/* what is referred to stands in the record, which is no place for secrets either */
		"{\"storage\":{\"files\":[{\"contents\":{\"inline\":\"" NAME
		"\\n\"},\"mode\":384,\"path\":\"/" NAME "\"}]}}",
		"{\"ignition\":{\"config\":{\"merge\":[{\"inline\":\"{\\\"ignition\\\":{"
		"\\\"version\\\":\\\"3.3.0\\\"}}\"}]},\"timeouts\":{\"http_total\":3}}}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(&(struct row){rows[i], rows[i], NULL}, "fcos-41.2");
}

static void secrets_are_taken_out_by_their_place(void **state)
{
	static const struct row rows[] = {
		{"{\"passwd\":{\"users\":[{\"name\":\"core\",\"password_hash\":\"$y$x\"}]}}",
		 "{\"passwd\":{\"users\":[{\"name\":\"core\"}]}}",
		 "$.passwd.users[0].password_hash (core): " SECRET},
		{"{\"storage\":{\"files\":[null,{\"path\":\"/a\",\"mode\":420,\"contents\":{"
		 "\"inline\":\"-----BEGIN PRIVATE KEY-----\\n\"}},{\"path\":\"/b\"}]}}",
		 "{\"storage\":{\"files\":[{\"path\":\"/b\"}]}}",
		 "$.storage.files[1] (/a): " SECRET},
		{"{\"storage\":{\"files\":[{\"path\":\"/a\",\"mode\":384,\"contents\":{\"inline\":"
		 "\"x\"}}]}}",
		 "{}", "$.storage.files[0] (/a): " SECRET},
		{"{\"storage\":{\"files\":[{\"path\":\"/a\",\"contents\":{\"source\":"
		 "\"https://u:p@x/\"}}]}}",
		 "{}", "$.storage.files[0] (/a): " SECRET},
		{"{\"ignition\":{\"proxy\":{\"http_proxy\":\"http://"
		 "u:p@x\",\"no_proxy\":[\"a\"]}}}",
		 "{\"ignition\":{\"proxy\":{\"no_proxy\":[\"a\"]}}}",
		 "$.ignition.proxy.http_proxy: " SECRET},
		/* by the name of the metadata, wherever it is used */
		{"{\"systemd\":{\"units\":[{\"name\":\"a.service\",\"dropins\":[{\"name\":\"b."
		 "conf\","
		 "\"contents\":\"x " MARK
		 "\"},{\"name\":\"c.conf\",\"contents\":\"[Service]\"}]}]}}",
		 "{\"systemd\":{\"units\":[{\"dropins\":[{\"contents\":\"[Service]\",\"name\":\"c."
		 "conf\"}],"
		 "\"name\":\"a.service\"}]}}",
		 "$.systemd.units[0].dropins[0] (b.conf): " SECRET},
		{"{\"storage\":{\"files\":[{\"path\":\"/a\",\"contents\":{\"inline\":"
		 "\"x=hunter2hunter2\"}}]}}",
		 "{}", "$.storage.files[0] (/a): " SECRET},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(&rows[i], "debian-13");
}

static void what_a_plan_refuses_is_taken_out_with_its_reason(void **state)
{
	static const struct row rows[] = {
		{"{\"storage\":{\"files\":[{\"path\":\"/a\",\"contents\":{\"source\":\"http://x/"
		 "\"}},"
		 "{\"path\":\"/b\"}]}}",
		 "{\"storage\":{\"files\":[{\"path\":\"/b\"}]}}",
		 "$.storage.files[0] (/a): comes over plain http without a digest"},
		{"{\"storage\":{\"files\":[{\"path\":\"/a\",\"mode\":99999}]}}", "{}",
		 "$.storage.files[0] (/a): is no whole number from 0 to 4095"},
		{"{\"storage\":{\"files\":[{\"path\":[\"/a\"]}]}}", "{}",
		 "$.storage.files[0]: path: a single value is wanted"},
		{"{\"storage\":{\"files\":[{\"path\":\"/a\",\"contents\":{\"inline\":\"a\","
		 "\"source\":\"b\"}}]}}",
		 "{}", "$.storage.files[0] (/a): \"source\" stands beside \"inline\""},
		{"{\"ignition\":{\"config\":{\"merge\":[{\"inline\":\"{\\\"ignition\\\":{"
		 "\\\"version\\\":\\\"3.3.0\\\"},\\\"storage\\\":{\\\"disks\\\":[{\\\"device\\\":"
		 "\\\"/dev/sda\\\"}]}}\"}]}}}",
		 "{}", "$.ignition.config.merge[0]: $.storage.disks: a plan claims disks"},
		{"{\"ignition\":{\"config\":{\"merge\":[{\"source\":\"https://x/"
		 "\",\"verification\":{"
		 "\"hash\":\"sha256-"
		 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
		 "\"}}]}}}",
		 "{}", "$.ignition.config: fcos-41.2 runs in memory"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(&rows[i], "fcos-41.2");
	check_row(&(struct row){rows[5].in, rows[5].in, NULL}, "debian-13");
}

/* Many wrong parts are each told once, and the rest is kept. */
static void all_that_is_wrong_is_told(void **state)
{
	_cleanup_json_ json_t *files = json_array(), *texts = json_object();
	_cleanup_json_ json_t *secrets = json_array(), *content = NULL;
	const struct import_strip strip = {"a.yaml", texts, secrets, "debian-13"};
	_cleanup_(problems_release) struct problems left = {0};

	(void)state;
	for (int i = 0; i < 10; i++) {
		_cleanup_(freep) char *path = xasprintf("/%d", i);

		json_array_append_new(
			files, json_pack("{s:s,s:i}", "path", path, "mode", i % 2 ? 0644 : 99999));
	}
	content = json_pack("{s:{s:O}}", "storage", "files", files);
	import_strip(content, &strip, &left);
	assert_int_equal(left.n, 5);
	assert_non_null(strstr(left.p[4].text, "$.storage.files[8] (/8): "));
	assert_int_equal(json_array_size(files), 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_good_stays),
		cmocka_unit_test(secrets_are_taken_out_by_their_place),
		cmocka_unit_test(what_a_plan_refuses_is_taken_out_with_its_reason),
		cmocka_unit_test(all_that_is_wrong_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
