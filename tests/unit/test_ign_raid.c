/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ignition/ign_raid.h"

static const struct {
	const char *want, *command;
} commands[] = {
	{"{\"name\":\"data\",\"level\":\"raid1\"}",
	 "mdadm --create data --force --run --homehost any --level raid1 --raid-devices 3 /dev/a "
	 "/dev/b /dev/c"},
	{"{\"name\":\"/dev/md/data\",\"level\":\"raid1\",\"spares\":1,\"options\":[\"--metadata="
	 "1.0\"]}",
	 "mdadm --create /dev/md/data --force --run --homehost any --level raid1 --raid-devices 2 "
	 "--spare-devices 1 --metadata=1.0 /dev/a /dev/b /dev/c"},
};

static void mdadm_commands(void **state)
{
	_cleanup_(strv_release) struct strv devices = {0};

	(void)state;
	strv_add(&devices, "/dev/a");
	strv_add(&devices, "/dev/b");
	strv_add(&devices, "/dev/c");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		_cleanup_(ign_command_release) struct ign_command c = {0};
		_cleanup_(freep) char *text = NULL;
		_cleanup_json_ json_t *j = NULL;
		struct err err = ERR_INIT;

		assert_ok(jsonx_parse(commands[i].want, strlen(commands[i].want), "row", &j, &err),
			  &err);
		ign_raid_command(j, &devices, &c);
		text = ign_command_text(&c);
		assert_string_equal(text, commands[i].command);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mdadm_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
