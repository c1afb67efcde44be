/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "clock.h"

static void test_is_off(void **state)
{
	(void)state;
	assert_true(clock_is_off(1262304000, 1760000000)); /* a dead battery: 2010 */
	assert_true(clock_is_off(1760003600, 1760000000)); /* local time kept as if UTC */
	assert_false(clock_is_off(1760000059, 1760000000));
	assert_false(clock_is_off(1759999941, 1760000000));
	assert_false(clock_is_off(1262304000, 0));
}

static void test_monotonic(void **state)
{
	int64_t first = clock_monotonic_ms();

	(void)state;
	assert_true(clock_monotonic_ms() >= first);
	assert_true(clock_now_ms() > 1700000000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_is_off),
		cmocka_unit_test(test_monotonic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
