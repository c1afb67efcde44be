/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "plan_ignition.h"

#define HEAD "{\"ignition\":{\"version\":\"3.4.0\"},"

/* What test_plan changes in a good plan is refused there; this is what a plan may fetch. */
static void fetches_what_cannot_change(void **state)
{
	static const struct {
		const char *contents, *why;
	} rows[] = {
		{"{\"source\":\"https://x/y\"}", NULL},
		{"{\"source\":\"data:,x\"}", NULL},
		{"{\"source\":\"http://x/y\",\"verification\":{\"hash\":\"sha256-"
		 "0000000000000000000000000000000000000000000000000000000000000000\"}}",
		 NULL},
		{"{\"source\":\"http://x/y\"}",
		 "$.storage.files[0].append[0].source: comes over plain http without a digest"},
	};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(freep) char *text = xasprintf(
			HEAD "\"storage\":{\"files\":[{\"path\":\"/a\",\"append\":[%s]}]}}",
			rows[i].contents);
		_cleanup_(json_decrefp) json_t *config = json_loads(text, 0, NULL);

		if (rows[i].why)
			assert_fails(plan_ignition_check(config, &err), &err, ERR_CONFIG,
				     rows[i].why);
		else
			assert_ok(plan_ignition_check(config, &err), &err);
	}
}

#define INNER "%7B%22ignition%22:%7B%22version%22:%223.3.0%22%7D"

/* Whoever can change what is included would change the plan. */
static void includes_what_cannot_change(void **state)
{
	static const struct {
		const char *config, *why;
	} rows[] = {
		{"\"merge\":[{\"source\":\"data:," INNER "%7D\"}]", NULL},
		{"\"merge\":[{\"source\":\"data:,x\"}]",
		 "$.ignition.config.merge[0]: the included"},
		{"\"merge\":[{\"compression\":\"gzip\",\"source\":\"data:,x\"}]",
		 "$.ignition.config.merge[0]: is compressed"},
		{"\"merge\":[{\"source\":\"data:," INNER
		 ",%22storage%22:%7B%22disks%22:%5B%7B%22device%22:%22/dev/sda%22%7D%5D%7D%7D\"}]",
		 "$.ignition.config.merge[0]: $.storage.disks: a plan claims disks by its pools"},
		{"\"replace\":{\"source\":\"data:," INNER
		 ",%22storage%22:%7B%22directories%22:%5B%7B%22path%22:%22/"
		 "srv%22,%22overwrite%22:true%7D%5D%7D%7D\"}",
		 "$.ignition.config.replace: $.storage.directories[0].overwrite: a plan empties "
		 "no"},
		{"\"merge\":[{\"source\":\"https://x/y\",\"verification\":{\"hash\":\"sha256-"
		 "0000000000000000000000000000000000000000000000000000000000000000\"}}]",
		 NULL},
		{"\"merge\":[{\"source\":\"data:," INNER "%7D\"},{\"source\":\"https://x/y\"}]",
		 "$.ignition.config.merge[1]: is included without a digest"},
		{"\"replace\":{\"source\":\"https://x/y\"}",
		 "$.ignition.config.replace: is included without a digest"},
	};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(freep) char *text = xasprintf(
			"{\"ignition\":{\"version\":\"3.4.0\",\"config\":{%s}}}", rows[i].config);
		_cleanup_(json_decrefp) json_t *config = json_loads(text, 0, NULL);

		if (rows[i].why)
			assert_fails(plan_ignition_check(config, &err), &err, ERR_CONFIG,
				     rows[i].why);
		else
			assert_ok(plan_ignition_check(config, &err), &err);
	}
}

static void takes_its_sections_only(void **state)
{
	static const char text[] = HEAD
		"\"kernelArguments\":{\"shouldExist\":[\"a\",\"b\"],\"shouldNotExist\":[\"c\"]},"
		"\"provision\":{}}";
	_cleanup_(json_decrefp) json_t *doc = json_loads(text, 0, NULL), *out = json_object();
	_cleanup_(strv_release) struct strv wanted = {0}, unwanted = {0};
	struct plan *p = plan_new();
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(plan_ignition_get(doc, p, &err), &err);
	plan_kernel_arguments(p, "shouldExist", &wanted);
	plan_kernel_arguments(p, "shouldNotExist", &unwanted);
	assert_int_equal(wanted.n, 2);
	assert_string_equal(wanted.v[1], "b");
	assert_string_equal(unwanted.v[0], "c");
	plan_ignition_put(out, p);
	json_object_del(doc, "provision");
	assert_true(json_equal(out, doc));
	plan_free(p);
}

static void arguments_are_single_words(void **state)
{
	(void)state;
	assert_true(kernel_argument_is_valid("console=ttyS0,115200"));
	assert_false(kernel_argument_is_valid(""));
	assert_false(kernel_argument_is_valid("a b"));
	assert_false(kernel_argument_is_valid("a;b"));
	assert_false(kernel_argument_is_valid("$(x)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fetches_what_cannot_change),
		cmocka_unit_test(includes_what_cannot_change),
		cmocka_unit_test(takes_its_sections_only),
		cmocka_unit_test(arguments_are_single_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
