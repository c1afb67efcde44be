/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base64.h"

static void the_rfcs_examples(void **state)
{
	static const char *const pairs[][2] = {
		{"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
		{"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		_cleanup_(freep) char *text = base64_encode(pairs[i][0], strlen(pairs[i][0]));
		_cleanup_(freep) uint8_t *bytes = NULL;
		size_t len;

		assert_string_equal(text, pairs[i][1]);
		assert_ok(base64_decode(text, &bytes, &len, &err), &err);
		assert_int_equal(len, strlen(pairs[i][0]));
		assert_memory_equal(bytes, pairs[i][0], len);
	}
}

static void rubbish_is_refused(void **state)
{
	static const char *const bad[] = {"Zg", "Z===", "====", "Z*==", "Zm9v="};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		uint8_t *bytes;
		size_t len;

		assert_fails(base64_decode(bad[i], &bytes, &len, &err), &err, ERR_PROTOCOL,
			     "base64");
	}
}

static void lines_are_joined(void **state)
{
	_cleanup_(freep) uint8_t *bytes = NULL;
	struct err err = ERR_INIT;
	size_t len;

	(void)state;
	assert_ok(base64_decode("Zm9v\n  YmFy\n", &bytes, &len, &err), &err);
	assert_string_equal((char *)bytes, "foobar");
}

static void exact_takes_one_length_only(void **state)
{
	struct err err = ERR_INIT;
	uint8_t three[3];

	(void)state;
	assert_ok(base64_decode_exact("Zm9v", three, 3, &err), &err);
	assert_memory_equal(three, "foo", 3);
	assert_fails(base64_decode_exact("Zm8=", three, 3, &err), &err, ERR_PROTOCOL, "3 bytes");
	assert_fails(base64_decode_exact("Zm9vYg==", three, 3, &err), &err, ERR_PROTOCOL,
		     "3 bytes");
	assert_fails(base64_decode_exact("Zm\nv", three, 3, &err), &err, ERR_PROTOCOL, "base64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_rfcs_examples),
		cmocka_unit_test(rubbish_is_refused),
		cmocka_unit_test(lines_are_joined),
		cmocka_unit_test(exact_takes_one_length_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
