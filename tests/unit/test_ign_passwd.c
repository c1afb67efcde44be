/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_scene.h"

#include "ign_passwd.h"

static int setup(void **state)
{
	const struct ign_scene *s;

	scene_setup(state);
	s = *state;
	scene_put(s, "/etc/passwd",
		  "root:x:0:0:root:/root:/bin/bash\ncore:x:1000:1000::/home/core:/bin/bash\n");
	scene_put(s, "/etc/shadow", "root:*:19000:0:99999:7:::\ncore:!:19000:0:99999:7:::\n");
	scene_put(s, "/etc/group", "root:x:0:\nsudo:x:27:\ncore:x:1000:\n");
	scene_put(s, "/etc/gshadow", "root:*::\nsudo:*::\ncore:!::\n");
	scene_put(s, "/etc/login.defs", "UID_MIN 1000\nGID_MIN 1000\nUSERGROUPS_ENAB yes\n");
	scene_folder(s, "/home", 0755);
	return 0;
}

static bool has_line(const struct ign_scene *s, const char *path, const char *wanted)
{
	_cleanup_(freep) char *text = scene_what(s, path);
	_cleanup_(freep) char *framed = xasprintf("\n%s", text);
	_cleanup_(freep) char *line = xasprintf("\n%s", wanted);

	return strstr(framed, line) != NULL;
}

static int make(struct ign_scene *s, const char *passwd, struct err *err)
{
	_cleanup_(freep) char *text = xasprintf("{\"passwd\": %s}", passwd);
	_cleanup_json_ json_t *config = scene_config(text);

	return ign_passwd_make(&s->root, config, err);
}

static void test_groups(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;

	if (getuid() != 0)
		skip();
	assert_ok(make(s,
		       "{\"groups\": [{\"name\": \"g1\", \"gid\": 3000}, {\"name\": \"g2\", "
		       "\"passwordHash\": \"$6$salt$hash\"}, {\"name\": \"none\", "
		       "\"shouldExist\": false}, {\"name\": \"sudo\", \"shouldExist\": false}]}",
		       &err),
		  &err);
	assert_true(has_line(s, "/etc/group", "g1:x:3000:"));
	assert_true(has_line(s, "/etc/gshadow", "g1:*::"));
	assert_true(has_line(s, "/etc/gshadow", "g2:$6$salt$hash::"));
	assert_false(has_line(s, "/etc/group", "sudo"));
	assert_false(has_line(s, "/etc/group", "none"));
	/* as upstream; an installed root keeps it */
	assert_fails(make(s, "{\"groups\": [{\"name\": \"g1\"}]}", &err), &err, ERR_IO,
		     "$.passwd.groups[0]: g1: groupadd ended");
}

static void test_users(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;

	if (getuid() != 0)
		skip();
	assert_ok(make(s,
		       "{\"users\": [{\"name\": \"u1\", \"passwordHash\": \"$6$salt$hash\", "
		       "\"gecos\": \"User One\", \"groups\": [\"sudo\", \"core\"], "
		       "\"shell\": \"/bin/zsh\", \"sshAuthorizedKeys\": [\"k1\", \"k2\"]}, "
		       "{\"name\": \"u2\", \"uid\": 2000, \"homeDir\": \"/srv/u2\", "
		       "\"noUserGroup\": true, \"primaryGroup\": \"core\", \"passwordHash\": "
		       "\"\"}, {\"name\": \"u3\", \"noCreateHome\": true, \"system\": true}]}",
		       &err),
		  &err);
	assert_true(has_line(s, "/etc/passwd", "u1:x:1001:1001:User One:/home/u1:/bin/zsh"));
	assert_true(has_line(s, "/etc/shadow", "u1:$6$salt$hash:"));
	assert_true(has_line(s, "/etc/group", "sudo:x:27:u1"));
	assert_true(has_line(s, "/etc/group", "core:x:1000:u1"));
	assert_there(s, "/home/u1/.ssh/authorized_keys.d/ignition", "k1\nk2\n");
	assert_int_equal(scene_stat(s, "/home/u1/.ssh").st_uid, 1001);
	assert_int_equal(scene_stat(s, "/home/u1/.ssh").st_mode & 07777, 0700);
	assert_int_equal(scene_stat(s, "/home/u1/.ssh/authorized_keys.d/ignition").st_uid, 1001);
	assert_true(has_line(s, "/etc/passwd", "u2:x:2000:1000::/srv/u2:"));
	assert_true(has_line(s, "/etc/shadow", "u2:*:"));
	assert_there(s, "/srv/u2", "folder");
	assert_true(has_line(s, "/etc/shadow", "u3:*:"));
	assert_there(s, "/home/u3", "nothing");
}

static void test_changed_users(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;

	if (getuid() != 0)
		skip();
	assert_ok(make(s,
		       "{\"users\": [{\"name\": \"core\", \"passwordHash\": \"$6$new\", \"gecos\": "
		       "\"Core\", \"groups\": [\"sudo\"]}, {\"name\": \"root\"}]}",
		       &err),
		  &err);
	assert_true(has_line(s, "/etc/passwd", "core:x:1000:1000:Core:/home/core:/bin/bash"));
	assert_true(has_line(s, "/etc/shadow", "core:$6$new:"));
	assert_true(has_line(s, "/etc/group", "sudo:x:27:core"));
	assert_true(has_line(s, "/etc/shadow", "root:*:19000:"));
	assert_ok(make(s, "{\"users\": [{\"name\": \"core\", \"passwordHash\": \"\"}]}", &err),
		  &err);
	assert_true(has_line(s, "/etc/shadow", "core:*:"));
	assert_ok(make(s, "{\"users\": [{\"name\": \"core\", \"shouldExist\": false}]}", &err),
		  &err);
	assert_false(has_line(s, "/etc/passwd", "core:"));
}

static void test_refused(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;

	if (getuid() != 0)
		skip();
	assert_fails(make(s, "{\"users\": [{\"name\": \"sudo\"}]}", &err), &err, ERR_IO,
		     "$.passwd.users[0]: sudo: useradd ended");
	assert_fails(make(s,
			  "{\"users\": [{\"name\": \"core\", \"passwordHash\": \"x:0\\nroot:y\"}]}",
			  &err),
		     &err, ERR_CONFIG, "passwordHash");
	assert_true(has_line(s, "/etc/shadow", "root:*:"));
}

/* A second attempt on an installed root: what is there is kept. */
static void test_again(void **state)
{
	static const char passwd[] =
		"{\"groups\": [{\"name\": \"g1\", \"gid\": 3000}], \"users\": [{\"name\": "
		"\"u1\", \"uid\": 1500, \"groups\": [\"g1\"], \"homeDir\": \"/home/u1\"}]}";
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;

	if (getuid() != 0)
		skip();
	/* the first is upstream's way, for this root has no programs to be run in it */
	assert_ok(make(s, passwd, &err), &err);
	s->root.installed = true;
	scene_put(s, "/etc/passwd.lock", "1");
	assert_fails(make(s, passwd, &err), &err, ERR_IO, "users[0]: u1: cannot run usermod");
	assert_there(s, "/etc/passwd.lock", "nothing");
	assert_true(has_line(s, "/etc/group", "g1:x:3000:u1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_groups, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_users, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_changed_users, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_again, setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
