/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "rate.h"

static void an_allowance_is_for_a_minute(void **state)
{
	struct rate_table *t = rate_table_new();

	(void)state;
	assert_int_equal(rate_take(t, 7, 6, 10, 1000), 0);
	assert_int_equal(rate_take(t, 7, 4, 10, 2000), 0);
	assert_int_equal(rate_take(t, 7, 1, 10, 31000), 30);
	assert_int_equal(rate_take(t, 7, 1, 10, 61000), 0);
	rate_table_free(t);
}

static void everybody_has_an_own_one(void **state)
{
	struct rate_table *t = rate_table_new();

	(void)state;
	assert_int_equal(rate_take(t, 7, 10, 10, 1000), 0);
	assert_int_equal(rate_take(t, 8, 10, 10, 1000), 0);
	assert_int_not_equal(rate_take(t, 8, 1, 10, 1000), 0);
	assert_int_equal(rate_take(t, -7, 10, 10, 1000), 0);
	rate_table_free(t);
}

static void a_clock_set_back_starts_anew(void **state)
{
	struct rate_table *t = rate_table_new();

	(void)state;
	assert_int_equal(rate_take(t, 7, 10, 10, 100000), 0);
	assert_int_equal(rate_take(t, 7, 10, 10, 1000), 0);
	rate_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_allowance_is_for_a_minute),
		cmocka_unit_test(everybody_has_an_own_one),
		cmocka_unit_test(a_clock_set_back_starts_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
