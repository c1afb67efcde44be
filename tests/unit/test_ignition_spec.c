/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base64.h"
#include "render/ignition_spec.h"

#define TYPE "application/vnd.coreos.ignition+json"

static void the_headers_choose(void **state)
{
	static const struct {
		const char *accept, *agent;
		enum ignition_spec spec;
	} rows[] = {
		{NULL, NULL, IGNITION_SPEC_3_4},
		{"*/*", "curl/7.88.1", IGNITION_SPEC_3_4},
		/* as Ignition 2.14 and 2.15 send them */
		{TYPE ";version=3.3.0, */*;q=0.1", "Ignition/2.14.0", IGNITION_SPEC_3_3},
		{TYPE ";version=3.4.0, */*;q=0.1", "Ignition/2.15.0", IGNITION_SPEC_3_4},
		{TYPE "; version=3.3.0", NULL, IGNITION_SPEC_3_3},
		{TYPE "; q=1; version=\"3.3.0\"", NULL, IGNITION_SPEC_3_3},
		{TYPE ";version=3.3.0," TYPE ";version=3.5.0", NULL, IGNITION_SPEC_3_4},
		{TYPE ";version=3.2.0," TYPE ";version=3.3.0;q=0.5", NULL, IGNITION_SPEC_3_3},
		/* without a word in Accept the program's version counts */
		{"*/*", "Ignition/2.14.0", IGNITION_SPEC_3_3},
		{NULL, "Ignition/2.11.0", IGNITION_SPEC_3_3},
		{NULL, "Ignition/2.15.0+dirty", IGNITION_SPEC_3_4},
		{TYPE, "Ignition/3.0.0", IGNITION_SPEC_3_4},
		{TYPE ";version=3.4.0", "Ignition/2.2.0", IGNITION_SPEC_3_4},
		/* too old */
		{TYPE ";version=3.2.0, */*;q=0.1", "Ignition/2.10.1", IGNITION_SPEC_INVALID},
		{TYPE "; version=2.4.0, " TYPE "; version=1; q=0.5, */*; q=0.1", "Ignition/0.35.0",
		 IGNITION_SPEC_INVALID},
		{NULL, "Ignition/2.9.0", IGNITION_SPEC_INVALID},
		{TYPE ";version=", "Ignition/", IGNITION_SPEC_3_4},
		{";;;,,,version=3.3", "Ignition/x", IGNITION_SPEC_3_4},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum ignition_spec spec = IGNITION_SPEC_INVALID;
		struct err err = ERR_INIT;
		int r = ignition_spec_choose(rows[i].accept, rows[i].agent, &spec, &err);

		if (r < 0)
			assert_int_equal(err.kind, ERR_USAGE);
		if (spec != rows[i].spec)
			fail_msg("row %zu: %d", i, spec);
		err_release(&err);
	}
	assert_int_equal(ignition_spec_parse("3.3"), IGNITION_SPEC_3_3);
	assert_int_equal(ignition_spec_parse("3.4.0"), IGNITION_SPEC_3_4);
	assert_int_equal(ignition_spec_parse("3."), IGNITION_SPEC_INVALID);
	assert_int_equal(ignition_spec_parse("3.2"), IGNITION_SPEC_INVALID);
}

static json_t *parse(const char *text)
{
	struct err err = ERR_INIT;
	json_t *j = NULL;

	assert_ok(jsonx_parse(text, strlen(text), "config", &j, &err), &err);
	return j;
}

static void special_bits_become_lines_of_tmpfiles(void **state)
{
	static const char text[] =
		"{\"ignition\":{\"version\":\"3.4.0\"},\"storage\":{\"directories\":[{\"path\":\"/"
		"a\",\"mode\":1517}],\"files\":[{\"path\":\"/b/c\",\"mode\":2541},{\"path\":\"/d\","
		"\"mode\":420}]}}";
	_cleanup_json_ json_t *j = parse(text);
	struct err err = ERR_INIT;
	uint8_t *lines = NULL;
	const json_t *files, *made;
	const char *source;
	size_t len = 0;

	(void)state;
	assert_ok(ignition_spec_lower(j, IGNITION_SPEC_3_3, &err), &err);
	assert_string_equal(
		json_string_value(json_object_get(json_object_get(j, "ignition"), "version")),
		"3.3.0");
	files = json_object_get(json_object_get(j, "storage"), "files");
	assert_int_equal(json_array_size(files), 3);
	assert_int_equal(json_integer_value(json_object_get(json_array_get(files, 0), "mode")),
			 2541 & 0777);
	made = json_array_get(files, 2);
	source = json_string_value(json_object_get(json_object_get(made, "contents"), "source"));
	assert_ok(base64_decode(strchr(source, ',') + 1, &lines, &len, &err), &err);
	assert_non_null(strstr((char *)lines, "\nz /a 2755 - - -\nz /b/c 4755 - - -\n"));
	free(lines);
	/* 3.4 has them */
	json_decref(j);
	j = parse(text);
	assert_ok(ignition_spec_lower(j, IGNITION_SPEC_3_4, &err), &err);
	files = json_object_get(json_object_get(j, "storage"), "files");
	assert_int_equal(json_integer_value(json_object_get(json_array_get(files, 0), "mode")),
			 2541);
}

static void what_3_3_cannot_say_is_refused_by_its_path(void **state)
{
	static const struct {
		const char *storage, *why;
	} rows[] = {
		{"{\"files\":[{\"path\":\"/a b\",\"mode\":2541}]}", "$.storage.files[0].mode: "},
		{"{\"directories\":[{\"path\":\"/a*\",\"mode\":1517}]}",
		 "$.storage.directories[0].mode: "},
		{"{\"files\":[{\"path\":\"/etc/tmpfiles.d/ignition-modes.conf\"}]}",
		 "$.storage.files[0].path: "},
		{"{\"luks\":[{\"name\":\"a\"},{\"name\":\"b\",\"discard\":true}]}",
		 "$.storage.luks[1].discard: "},
		{"{\"luks\":[{\"name\":\"a\",\"openOptions\":[\"--x\"]}]}",
		 "$.storage.luks[0].openOptions: "},
		{"{\"luks\":[{\"name\":\"a\",\"clevis\":{\"tang\":[{\"url\":\"http://x\","
		 "\"advertisement\":\"{}\"}]}}]}",
		 "$.storage.luks[0].clevis.tang[0].advertisement: "},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(freep) char *text = xasprintf(
			"{\"ignition\":{\"version\":\"3.4.0\"},\"storage\":%s}", rows[i].storage);
		_cleanup_json_ json_t *j = parse(text), *again = parse(text);
		struct err err = ERR_INIT;

		assert_fails(ignition_spec_lower(j, IGNITION_SPEC_3_3, &err), &err, ERR_CONFIG,
			     rows[i].why);
		assert_ok(ignition_spec_lower(again, IGNITION_SPEC_3_4, &err), &err);
	}
}

static void fields_of_3_4_that_say_nothing_go(void **state)
{
	_cleanup_json_ json_t *j = parse("{\"ignition\":{\"version\":\"3.4.0\"},\"storage\":{"
					 "\"luks\":[{\"name\":\"a\",\"discard\":false,"
					 "\"openOptions\":[]}]}}");
	struct err err = ERR_INIT;
	const json_t *luks;

	(void)state;
	assert_ok(ignition_spec_lower(j, IGNITION_SPEC_3_3, &err), &err);
	luks = json_array_get(json_object_get(json_object_get(j, "storage"), "luks"), 0);
	assert_int_equal(json_object_size(luks), 1);
	assert_null(json_object_get(json_object_get(j, "storage"), "files"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_headers_choose),
		cmocka_unit_test(special_bits_become_lines_of_tmpfiles),
		cmocka_unit_test(what_3_3_cannot_say_is_refused_by_its_path),
		cmocka_unit_test(fields_of_3_4_that_say_nothing_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
