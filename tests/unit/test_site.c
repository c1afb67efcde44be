/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "site.h"

#define NOW 500

static const struct intent open_one = {.state = INTENT_OPEN, .expires_ms = 1000},
			   expired = {.state = INTENT_OPEN, .expires_ms = NOW},
			   cancelled = {.kind = INTENT_REINSTALL, .state = INTENT_CANCELLED},
			   on_disk = {.state = INTENT_CLAIMED, .claimed_ms = 1},
			   written = {.state = INTENT_WRITTEN, .claimed_ms = 1, .written_ms = 2},
			   installed = {.state = INTENT_DONE, .claimed_ms = 1, .done_ms = 2},
			   in_memory = {.state = INTENT_CLAIMED,
					.claimed_ms = 1,
					.in_memory = true},
			   ready = {.state = INTENT_DONE,
				    .claimed_ms = 1,
				    .done_ms = 2,
				    .in_memory = true},
			   taken_back = {.kind = INTENT_REINSTALL,
					 .state = INTENT_CANCELLED,
					 .claimed_ms = 1,
					 .in_memory = true};

static void a_disk_is_installed_once(void **state)
{
	(void)state;
	assert_int_equal(boot_answer_of(NULL, false, NOW), BOOT_DECLARED);
	assert_int_equal(boot_answer_of(&open_one, false, NOW), BOOT_INSTALL);
	assert_int_equal(boot_answer_of(&expired, false, NOW), BOOT_ENDED);
	assert_int_equal(boot_answer_of(&on_disk, false, NOW), BOOT_INSTALL);
	assert_int_equal(boot_answer_of(&written, false, NOW), BOOT_WRITTEN);
	assert_int_equal(boot_answer_of(&installed, false, NOW), BOOT_INSTALLED);
	assert_int_equal(boot_answer_of(&cancelled, false, NOW), BOOT_ENDED);
}

static void an_image_in_memory_is_started_at_every_boot(void **state)
{
	(void)state;
	assert_int_equal(boot_answer_of(NULL, true, NOW), BOOT_DECLARED);
	assert_int_equal(boot_answer_of(&open_one, true, NOW), BOOT_MEMORY);
	assert_int_equal(boot_answer_of(&in_memory, true, NOW), BOOT_MEMORY);
	assert_int_equal(boot_answer_of(&ready, true, NOW), BOOT_MEMORY);
	assert_int_equal(boot_answer_of(&expired, true, NOW), BOOT_ENDED);
	/* a reinstall that was taken back says nothing of what was there before */
	assert_int_equal(boot_answer_of(&cancelled, true, NOW), BOOT_ENDED);
	assert_int_equal(boot_answer_of(&taken_back, true, NOW), BOOT_ENDED);
}

/* The image was edited from one kind to the other: nothing is started until a reinstall. */
static void an_image_of_the_other_kind_waits_for_a_reinstall(void **state)
{
	(void)state;
	assert_int_equal(boot_answer_of(&on_disk, true, NOW), BOOT_ENDED);
	assert_int_equal(boot_answer_of(&written, true, NOW), BOOT_WRITTEN);
	assert_int_equal(boot_answer_of(&installed, true, NOW), BOOT_INSTALLED);
	assert_int_equal(boot_answer_of(&in_memory, false, NOW), BOOT_ENDED);
	assert_int_equal(boot_answer_of(&ready, false, NOW), BOOT_ENDED);
	assert_int_equal(boot_answer_of(&taken_back, false, NOW), BOOT_ENDED);
	for (int i = 0; i < BOOT_ANSWER_MAX; i++)
		assert_non_null(boot_answer_reason((enum boot_answer)i));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disk_is_installed_once),
		cmocka_unit_test(an_image_in_memory_is_started_at_every_boot),
		cmocka_unit_test(an_image_of_the_other_kind_waits_for_a_reinstall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
