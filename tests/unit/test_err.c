/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>

static int fails(struct err *err)
{
	return err_set(err, ERR_REFUSED, "disk %s: holds %s", "WD-1", "LVM2_member");
}

static void prefixes_read_as_one_sentence(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(fails(&err), -1);
	assert_int_equal(err_wrap(&err, "node %s", "web1"), -1);
	assert_string_equal(err_text(&err), "node web1: disk WD-1: holds LVM2_member");
	assert_int_equal(err.kind, ERR_REFUSED);
	err_release(&err);
	assert_string_equal(err_text(&err), "");
}

static void errno_is_kept_through_prefixes(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	err_errno(&err, ERR_IO, ENOSPC, "write %s", "/x");
	err_wrap(&err, "unpack");
	assert_int_equal(err.errnum, ENOSPC);
	assert_non_null(strstr(err_text(&err), "unpack: write /x: No space left"));
	err_release(&err);
}

static void kinds_have_names_and_codes_of_their_own(void **state)
{
	(void)state;
	for (int i = 1; i < ERR_KIND_MAX; i++) {
		assert_int_equal(err_kind_parse(err_kind_name((enum err_kind)i)), i);
		assert_true(err_http_status((enum err_kind)i) >= 400);
		for (int j = 0; j < i; j++)
			assert_int_not_equal(err_exit_code((enum err_kind)i),
					     err_exit_code((enum err_kind)j));
	}
	assert_int_equal(err_kind_parse("no such"), ERR_INTERNAL);
}

static void moves(void **state)
{
	struct err a = ERR_INIT, b = ERR_INIT;

	(void)state;
	fails(&a);
	err_move(&b, &a);
	assert_int_equal(a.kind, ERR_NONE);
	assert_int_equal(b.kind, ERR_REFUSED);
	err_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_read_as_one_sentence),
		cmocka_unit_test(errno_is_kept_through_prefixes),
		cmocka_unit_test(kinds_have_names_and_codes_of_their_own),
		cmocka_unit_test(moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
