/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "jsonx.h"

static json_t *parse(const char *text)
{
	struct err err = ERR_INIT;
	json_t *j = NULL;

	assert_ok(jsonx_parse(text, strlen(text), "the test", &j, &err), &err);
	return j;
}

static void refuses_what_is_not_one_value(void **state)
{
	static const char *const wrong[] = {"", "{", "{}x", "{\"a\":1,\"a\":2}",
					    "{\"a\":\"\\u0000\"}"};
	struct err err = ERR_INIT;
	json_t *j = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_fails(jsonx_parse(wrong[i], strlen(wrong[i]), "the claim", &j, &err), &err,
			     ERR_PROTOCOL, "the claim is no valid JSON");
}

static void writes_canonically(void **state)
{
	json_t *j = parse("{\"b\": [1, 2],\n \"a\": \"x\"}");
	char *text = jsonx_canonical(j), *pretty = jsonx_pretty(j);

	(void)state;
	assert_string_equal(text, "{\"a\":\"x\",\"b\":[1,2]}");
	assert_string_equal(pretty, "{\n  \"a\": \"x\",\n  \"b\": [\n    1,\n    2\n  ]\n}\n");
	free(text);
	free(pretty);
	json_decref(j);
}

static void reads_every_kind(void **state)
{
	static const char *const words[] = {"zero", "one"};
	json_t *j = parse("{\"s\":\"text\",\"n\":7,\"b\":true,\"e\":\"one\",\"l\":[\"x\",\"y\"],"
			  "\"o\":{},\"nothing\":null}");
	struct err err = ERR_INIT;
	struct strv list = {0};
	struct jsonx_reader r;
	char *s = NULL, *absent = NULL;
	uint64_t n = 0;
	bool b = false;
	int e = -1;

	(void)state;
	jsonx_begin(&r, j, "$", &err);
	jsonx_string(&r, "s", &s);
	jsonx_u64(&r, "n", 7, &n);
	jsonx_opt_bool(&r, "b", &b);
	jsonx_enum(&r, "e", words, 2, &e);
	jsonx_opt_strv(&r, "l", 2, &list);
	assert_non_null(jsonx_object(&r, "o"));
	jsonx_opt_string(&r, "nothing", &absent);
	jsonx_opt_string(&r, "gone", &absent);
	assert_ok(jsonx_done(&r), &err);
	assert_string_equal(s, "text");
	assert_true(n == 7 && b && e == 1 && list.n == 2 && !absent);
	free(s);
	strv_release(&list);
	json_decref(j);
}

static void names_the_place_of_a_fault(void **state)
{
	json_t *j = parse("{\"n\":8,\"x\":1}");
	struct err err = ERR_INIT;
	struct jsonx_reader r;
	uint64_t n = 0;
	char *s = NULL;

	(void)state;
	jsonx_begin(&r, j, "$.a[3]", &err);
	jsonx_u64(&r, "n", 7, &n);
	assert_fails(jsonx_done(&r), &err, ERR_PROTOCOL, "$.a[3].n is no whole number from 0 to 7");
	jsonx_begin(&r, j, "$", &err);
	jsonx_string(&r, "s", &s);
	jsonx_u64(&r, "n", 7, &n); /* the first fault stays */
	assert_fails(jsonx_done(&r), &err, ERR_PROTOCOL, "$.s is missing");
	jsonx_begin(&r, j, "$", &err);
	jsonx_u64(&r, "n", 8, &n);
	assert_fails(jsonx_done(&r), &err, ERR_PROTOCOL, "$.x is not known here");
	jsonx_begin(&r, j, "$", &err);
	assert_ok(jsonx_done_lenient(&r), &err);
	json_decref(j);
}

static void writes_foreign_bytes_escaped(void **state)
{
	json_t *j = json_object();

	(void)state;
	jsonx_put_string(j, "label", "caf\xe9");
	jsonx_put_string(j, "none", NULL);
	assert_string_equal(json_string_value(json_object_get(j, "label")), "caf\\xe9");
	assert_int_equal(json_object_size(j), 1);
	json_decref(j);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_what_is_not_one_value),
		cmocka_unit_test(writes_canonically),
		cmocka_unit_test(reads_every_kind),
		cmocka_unit_test(names_the_place_of_a_fault),
		cmocka_unit_test(writes_foreign_bytes_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
