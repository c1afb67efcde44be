/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_scene.h"

static void test_remove(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(closep) int root = openat(s->root.fd, ".", O_RDONLY | O_CLOEXEC);

	scene_put(s, "/dir/sub/file", "");
	scene_put(s, "/dir/other", "");
	scene_link(s, "/dir/out", "../../outside");
	scene_link(s, "/dir/sub/out", "/../outside/file");
	assert_ok(ign_place_remove(root, "dir", &err), &err);
	assert_there(s, "/dir", "nothing");
	assert_ok(ign_place_remove(root, "dir", &err), &err);
	scene_link(s, "/link", "../outside");
	assert_ok(ign_place_remove(root, "link", &err), &err);
	assert_there(s, "/link", "nothing");
}

static void test_replace(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(closep) int root = openat(s->root.fd, ".", O_RDONLY | O_CLOEXEC);

	scene_put(s, "/new", "new");
	scene_put(s, "/dir/sub/file", "");
	assert_ok(ign_place(root, "new", "dir", &err), &err);
	assert_there(s, "/dir", "new");
	assert_there(s, "/new", "nothing");
	scene_folder(s, "/folder", 0755);
	assert_ok(ign_place(root, "folder", "dir", &err), &err);
	assert_there(s, "/dir", "folder");
	assert_there(s, "/folder", "nothing");
	assert_fails(ign_place(root, "missing", "dir", &err), &err, ERR_IO, "dir");
	assert_there(s, "/dir", "folder");
}

static void test_text(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(closep) int root = openat(s->root.fd, ".", O_RDONLY | O_CLOEXEC);

	scene_link(s, "/file", "../outside/file");
	assert_ok(ign_place_text(root, "file", "one", 0600, getuid(), getgid(), &err), &err);
	assert_there(s, "/file", "one");
	assert_int_equal(scene_stat(s, "/file").st_mode & 07777, 0600);
	scene_put(s, "/dir/file", "kept");
	assert_fails(ign_place_text(root, "dir", "one", 0600, getuid(), getgid(), &err), &err,
		     ERR_IO, "dir");
	assert_there(s, "/dir/file", "kept");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(test_remove),
		scene_test(test_replace),
		scene_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
