/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "console.h"

static void test_names(void **state)
{
	_cleanup_(strv_release) struct strv names = {0};

	(void)state;
	console_names("tty0                 -WU (EC  p  )    4:7\n"
		      "ttyS0                -W- (E   p a)    4:64\n"
		      "../etc/passwd        -W- (E   p a)    4:64\n"
		      "ttyS1",
		      &names);
	assert_int_equal(names.n, 3);
	assert_string_equal(names.v[0], "tty0");
	assert_string_equal(names.v[1], "ttyS0");
	assert_string_equal(names.v[2], "ttyS1");
}

static void test_write(void **state)
{
	struct console c = {.n = 2};
	int a[2], b[2];
	char got[8];

	(void)state;
	assert_int_equal(pipe(a), 0);
	assert_int_equal(pipe(b), 0);
	c.fd[0] = a[1];
	c.fd[1] = b[1];
	console_write(&c, "hello", 5);
	assert_int_equal(read(a[0], got, sizeof(got)), 5);
	assert_int_equal(read(b[0], got, sizeof(got)), 5);
	assert_memory_equal(got, "hello", 5);
	console_release(&c);
	close(a[0]);
	close(b[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
