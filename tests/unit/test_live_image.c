/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "live_image.h"

static void the_name_tells_the_kind(void **state)
{
	(void)state;
	assert_int_equal(live_kind_of("flatcar-4081.2.1"), LIVE_FLATCAR);
	assert_int_equal(live_kind_of("fcos-41.20250215.3.0"), LIVE_FCOS);
	assert_int_equal(live_kind_of("ignition-debian_12"), LIVE_IGNITION);
	assert_int_equal(live_kind_of("debian-13"), LIVE_NONE);
	assert_true(image_is_live("fcos-41"));
	assert_false(image_is_live("debian-12"));
}

static void a_prefix_alone_or_a_path_is_none(void **state)
{
	(void)state;
	assert_false(image_is_live("flatcar"));
	assert_false(image_is_live("flatcar-"));
	assert_false(image_is_live("flatcars-1"));
	assert_false(image_is_live("ignition-../../etc"));
	assert_false(image_is_live("ignition-..x"));
	assert_false(image_is_live("ignition-a b"));
	assert_false(image_is_live(""));
}

static void names_and_files_go_with_the_kind(void **state)
{
	_cleanup_(freep) char *image = live_image_name(LIVE_FCOS, "41.1");

	(void)state;
	assert_string_equal(image, "fcos-41.1");
	for (int i = 0; i < LIVE_KIND_MAX; i++) {
		_cleanup_(freep) char *name = live_image_name((enum live_kind)i, "1");

		assert_int_equal(live_kind_of(name), i);
		assert_string_equal(live_kind_files((enum live_kind)i)[0], "vmlinuz");
		assert_string_equal(live_kind_files((enum live_kind)i)[1], "initrd");
	}
	assert_null(live_kind_files(LIVE_FLATCAR)[2]);
	assert_string_equal(live_kind_files(LIVE_FCOS)[2], "rootfs.img");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_name_tells_the_kind),
		cmocka_unit_test(a_prefix_alone_or_a_path_is_none),
		cmocka_unit_test(names_and_files_go_with_the_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
