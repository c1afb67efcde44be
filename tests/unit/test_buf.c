/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "buf.h"

static void grows_and_is_taken(void **state)
{
	struct buf b;
	char *s;

	(void)state;
	buf_init(&b, 100000);
	for (int i = 0; i < 1000; i++)
		assert_true(buf_addf(&b, "%03d,", i));
	assert_int_equal(b.len, 4000);
	s = buf_take(&b);
	assert_memory_equal(s, "000,001,", 8);
	assert_int_equal(strlen(s), 4000);
	free(s);
	assert_int_equal(b.len, 0);
	s = buf_take(&b);
	assert_string_equal(s, "");
	free(s);
}

static void the_ceiling_keeps_what_was_there(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_true(buf_adds(&b, "12345678"));
	assert_false(buf_adds(&b, "abc"));
	assert_true(b.overflow);
	assert_string_equal(b.data, "12345678");
	assert_false(buf_addc(&b, 'x')); /* once over, always over: no holes */
	buf_reset(&b);
	assert_true(buf_adds(&b, "0123456789"));
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_and_is_taken),
		cmocka_unit_test(the_ceiling_keeps_what_was_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
