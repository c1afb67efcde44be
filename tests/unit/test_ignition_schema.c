/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "golden.h"
#include "ignition_schema.h"

static int check(const char *text, struct err *err)
{
	_cleanup_json_ json_t *j = NULL;

	if (jsonx_parse(text, strlen(text), "config", &j, err) < 0)
		return -1;
	return ignition_check(j, err);
}

/* A config of version 3.minor.0 with one more member. */
static int check_with(unsigned int minor, const char *member, struct err *err)
{
	_cleanup_(freep) char *text =
		xasprintf("{\"ignition\":{\"version\":\"3.%u.0\"},%s}", minor, member);

	return check(text, err);
}

static void knows_versions(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	for (unsigned int minor = 0; minor <= IGN_VERSION_MINOR; minor++)
		assert_ok(check_with(minor, "\"storage\":{}", &err), &err);
	assert_fails(check("{}", &err), &err, ERR_CONFIG, "$.ignition.version: is missing");
	assert_fails(check("[]", &err), &err, ERR_CONFIG, "$: is not an object");
	assert_fails(check_with(5, "\"storage\":{}", &err), &err, ERR_CONFIG, "3.0.0 to 3.4.0");
	assert_fails(check("{\"ignition\":{\"version\":\"2.3.0\"}}", &err), &err, ERR_CONFIG,
		     "translate");
	assert_fails(check("{\"ignition\":{\"version\":3}}", &err), &err, ERR_CONFIG,
		     "$.ignition.version");
	assert_fails(check("{\"ignition\":{\"version\":\"3.4.0-experimental\"}}", &err), &err,
		     ERR_CONFIG, "not known");
}

static void unknown_key_names_the_nearest(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_fails(check_with(4, "\"storage\":{\"files\":[{\"path\":\"/a\",\"mod\":1}]}", &err),
		     &err, ERR_CONFIG,
		     "$.storage.files[0].mod: is no key of Ignition 3.4 here; "
		     "did you mean mode?");
	assert_fails(check_with(4, "\"stroage\":{}", &err), &err, ERR_CONFIG,
		     "did you mean storage?");
}

static void null_is_absent(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(check_with(0, "\"kernelArguments\":null,\"storage\":{\"files\":null}", &err),
		  &err);
	assert_fails(check_with(4, "\"storage\":{\"files\":[{\"path\":null}]}", &err), &err,
		     ERR_CONFIG, "$.storage.files[0].path: is missing");
}

/* Each row of the table takes its own type and no other. */
static void checks_every_type(const struct ign_object *object)
{
	for (size_t i = 0; i < object->n; i++) {
		const struct ign_field *f = &object->fields[i];

		assert_true(f->since <= IGN_VERSION_MINOR);
		assert_int_equal(f->type == IGN_OBJECT || f->type == IGN_OBJECTS, !!f->object);
		assert_int_equal(f->type == IGN_INT, f->max > 0);
		assert_ptr_equal(ign_schema_field(object, f->name), f);
		if (f->type == IGN_OBJECTS && !f->append)
			assert_non_null(ign_schema_field(f->object, f->object->key));
		if (f->object)
			checks_every_type(f->object);
	}
}

static void table_is_sound(void **state)
{
	(void)state;
	checks_every_type(&ign_schema);
}

/* The cases that tests/cli/ignition.bats holds against upstream too. */
static void decides_every_case(void **state)
{
	_cleanup_(freep) char *path = golden_path("ignition/check.json");
	_cleanup_(freep) char *text = NULL;
	_cleanup_json_ json_t *cases = NULL;
	struct err err = ERR_INIT;
	size_t len, i, wrong = 0;
	json_t *c;

	(void)state;
	assert_ok(file_read(AT_FDCWD, path, 1024 * 1024, &text, &len, &err), &err);
	assert_ok(jsonx_parse(text, len, path, &cases, &err), &err);
	assert_true(json_array_size(cases) >= 200);
	json_array_foreach (cases, i, c) {
		const char *refused = json_string_value(json_object_get(c, "refused"));
		int r = ignition_check(json_object_get(c, "config"), &err);

		if (refused ? r == 0 || err.kind != ERR_CONFIG || !strstr(err_text(&err), refused)
			    : r != 0) {
			print_error("%s: %s\n", json_string_value(json_object_get(c, "name")),
				    r == 0 ? "accepted" : err_text(&err));
			wrong++;
		}
		err_release(&err);
	}
	assert_int_equal(wrong, 0);
}

static void makes_a_table(void **state)
{
	_cleanup_(freep) char *text = ign_schema_markdown();

	(void)state;
	assert_non_null(strstr(text, "| `storage.files[].mode` | 3.0 | number | files | yes |\n"));
	assert_non_null(
		strstr(text, "| `storage.luks[].discard` | 3.4 | boolean | disks | yes |\n"));
	assert_non_null(
		strstr(text, "| `storage.luks[].keyFile.source` | 3.2 | string | disks | "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_versions), cmocka_unit_test(unknown_key_names_the_nearest),
		cmocka_unit_test(null_is_absent), cmocka_unit_test(table_is_sound),
		cmocka_unit_test(makes_a_table),  cmocka_unit_test(decides_every_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
