/* SPDX-License-Identifier: Apache-2.0 */
/* tests/disk/apply.bats lets useradd act on it. */
#include "ign_scene.h"

#include "ign_home.h"

static int setup(void **state)
{
	const struct ign_scene *s;

	scene_setup(state);
	s = *state;
	scene_put(s, "/etc/passwd",
		  "root:x:0:0::/root:/bin/sh\nwww:x:33:33::/srv:/bin/sh\nbob:x:1002:1002::/home/"
		  "bob:\n");
	scene_folder(s, "/home", 0755);
	return 0;
}

static void give(const struct ign_scene *s, const char *path, uid_t uid)
{
	_cleanup_(freep) char *full = scene_path(s, path);

	assert_int_equal(chown(full, uid, (gid_t)-1), 0);
}

static int find(struct ign_scene *s, const char *user, uid_t *uid, struct err *err)
{
	_cleanup_json_ json_t *j = scene_config(user);

	return ign_home_find(&s->root, j, uid, err);
}

static void finds_the_owner(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	uid_t uid = 7;

	assert_int_equal(find(s, "{\"name\": \"ada\"}", &uid, &err), 0);
	if (getuid() != 0)
		skip();
	/* a root's own link is followed, and not out of it */
	scene_folder(s, "/var/home/ada", 0700);
	scene_link(s, "/home/ada", "../../../var/home/ada");
	assert_int_equal(find(s, "{\"name\": \"ada\"}", &uid, &err), 0);
	give(s, "/var/home/ada", 1001);
	assert_int_equal(uid, 7);
	assert_int_equal(find(s, "{\"name\": \"ada\"}", &uid, &err), 1);
	assert_int_equal(uid, 1001);
	assert_int_equal(find(s, "{\"name\": \"x\", \"homeDir\": \"/var/home/ada\"}", &uid, &err),
			 1);
	assert_int_equal(find(s, "{\"name\": \"ada\", \"uid\": 1001}", &uid, &err), 1);
}

static void refuses_another_number(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	uid_t uid = 7;

	if (getuid() != 0)
		skip();
	scene_folder(s, "/home/ada", 0700);
	give(s, "/home/ada", 1001);
	assert_fails(find(s, "{\"name\": \"ada\", \"uid\": 1000}", &uid, &err), &err, ERR_REFUSED,
		     "/home/ada is there already and belongs to uid 1001, not to uid 1000; write "
		     "uid: 1001");
	give(s, "/home/ada", 1002);
	assert_fails(find(s, "{\"name\": \"ada\"}", &uid, &err), &err, ERR_REFUSED,
		     "which is bob on the new system");
	give(s, "/home/ada", 33);
	assert_fails(find(s, "{\"name\": \"ada\", \"system\": true}", &uid, &err), &err,
		     ERR_REFUSED, "which is www on the new system");
	give(s, "/home/ada", 500);
	assert_fails(find(s, "{\"name\": \"ada\"}", &uid, &err), &err, ERR_REFUSED,
		     "no number of a person; write uid: 500");
	assert_int_equal(find(s, "{\"name\": \"ada\", \"system\": true}", &uid, &err), 1);
	assert_int_equal(uid, 500);
	give(s, "/home/ada", 4000000000u);
	assert_fails(find(s, "{\"name\": \"ada\"}", &uid, &err), &err, ERR_REFUSED,
		     "belongs to uid 4000000000");
}

static void refuses_what_is_no_folder(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	uid_t uid = 7;

	scene_put(s, "/home/ada", "a file");
	assert_fails(find(s, "{\"name\": \"ada\"}", &uid, &err), &err, ERR_IO, "/home/ada");
	scene_link(s, "/home/eve", "eve");
	assert_fails(find(s, "{\"name\": \"eve\"}", &uid, &err), &err, ERR_CONFIG, "/home/eve");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(finds_the_owner, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(refuses_another_number, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(refuses_what_is_no_folder, setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
