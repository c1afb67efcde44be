/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ign_command.h"

static json_t *list(const char *text)
{
	struct err err = ERR_INIT;
	json_t *j = NULL;

	assert_ok(jsonx_parse(text, strlen(text), "list", &j, &err), &err);
	return j;
}

static void builds(void **state)
{
	_cleanup_(ign_command_release) struct ign_command c = {0};
	_cleanup_json_ json_t *options = list("[\"-b\",\"a b\"]");
	_cleanup_(freep) char *text = NULL;
	struct err err = ERR_INIT;

	(void)state;
	ign_command_add(&c, "mkfs.none", "-F");
	ign_command_add_list(&c, options);
	ign_command_add_list(&c, NULL);
	text = ign_command_text(&c);
	assert_string_equal(text, "mkfs.none -F -b a b");
	assert_int_equal(c.argv.n, 4);
	assert_fails(ign_command_check(&c, "$.x", &err), &err, ERR_REFUSED,
		     "$.x: wants the program mkfs.none");
}

static void options_name_no_device(void **state)
{
	static const char *const bad[] = {
		"[\"/dev/sdb\"]",
		"[\"-K\",\"-l\",\"logdev=/dev/sdb,size=1\"]",
		"[\"-l/dev/disk/by-label/x\"]",
		"[\"-J\",\"device=LABEL=journal\"]",
		"[\"--header=/dev/sdb\"]",
	};
	static const char *const good[] = {
		"[]",
		"[\"-L\",\"device\"]",
		"[\"-b\",\"1024\",\"-O\",\"^has_journal\",\"-E\",\"lazy_itable_init=0,nodiscard\"]",
		"[\"--cipher\",\"aes-xts-plain64\",\"\"]",
		"[\"--rootdir\",\"/srv\"]",
	};
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(ign_command_check_options(NULL, "$.x", &err), &err);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_json_ json_t *j = list(bad[i]);

		assert_fails(ign_command_check_options(j, "$.x", &err), &err, ERR_REFUSED,
			     "]: names a device");
	}
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		_cleanup_json_ json_t *j = list(good[i]);

		assert_ok(ign_command_check_options(j, "$.x", &err), &err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds),
		cmocka_unit_test(options_name_no_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
