/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_scene.h"

#include "ign_keys.h"

static int setup(void **state)
{
	_cleanup_(freep) char *line = NULL;
	const struct ign_scene *s;

	scene_setup(state);
	s = *state;
	line = xasprintf("me:x:%u:%u::/home/me:/bin/sh\nlost:x:%u:%u::/home/lost:/bin/sh\n",
			 getuid(), getgid(), getuid(), getgid());
	scene_put(s, "/etc/passwd", line);
	scene_folder(s, "/home/me", 0755);
	return 0;
}

static int write_keys(struct ign_scene *s, const char *user, struct err *err)
{
	_cleanup_json_ json_t *keys = scene_config("[\"k1\", \"k2\"]");

	return ign_keys_write(&s->root, user, keys, err);
}

static void test_fragment(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;

	_cleanup_json_ json_t *ended = scene_config("[\"k1\\n\"]");

	assert_ok(ign_keys_write(&s->root, "me", ended, &err), &err);
	assert_there(s, "/home/me/.ssh/authorized_keys.d/ignition", "k1\n");
	for (int i = 0; i < 2; i++)
		assert_ok(write_keys(s, "me", &err), &err);
	assert_there(s, "/home/me/.ssh/authorized_keys.d/ignition", "k1\nk2\n");
	assert_int_equal(scene_stat(s, "/home/me/.ssh").st_mode & 07777, 0700);
	assert_int_equal(scene_stat(s, "/home/me/.ssh/authorized_keys.d").st_mode & 07777, 0700);
	assert_int_equal(scene_stat(s, "/home/me/.ssh/authorized_keys.d/ignition").st_mode & 07777,
			 0600);
}

static void test_installed(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;

	s->root.installed = true;
	assert_ok(write_keys(s, "me", &err), &err);
	assert_there(s, "/home/me/.ssh/authorized_keys", "k1\nk2\n");
	assert_there(s, "/home/me/.ssh/authorized_keys.d", "nothing");
}

/* The system's own links to home folders are followed, a user's are not. */
static void test_links(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;

	scene_folder(s, "/root/.ssh", 0700);
	scene_link(s, "/home/me/.ssh", "../../root/.ssh");
	assert_fails(write_keys(s, "me", &err), &err, ERR_REFUSED, ".ssh is no folder");
	assert_there(s, "/root/.ssh/authorized_keys.d", "nothing");
	scene_put(s, "/var/home/lost/x", "");
	scene_link(s, "/home/lost", "/var/home/lost");
	assert_ok(write_keys(s, "lost", &err), &err);
	assert_there(s, "/var/home/lost/.ssh/authorized_keys.d/ignition", "k1\nk2\n");
}

static void test_refused(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(freep) char *ssh = scene_path(s, "/home/me/.ssh");

	assert_fails(write_keys(s, "lost", &err), &err, ERR_NOT_FOUND, "/home/lost");
	if (getuid() != 0)
		skip();
	scene_folder(s, "/home/me/.ssh", 0700);
	assert_int_equal(chown(ssh, 12345, 0), 0);
	assert_fails(write_keys(s, "me", &err), &err, ERR_REFUSED, "belongs to uid 12345");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fragment, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_installed, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_links, setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
