/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_scene.h"

/* path resolves to this; NULL: not at all. */
static void resolves(const struct ign_scene *s, const char *path, const char *wanted)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(freep) char *real = NULL;

	if (!wanted) {
		assert_int_equal(ign_root_resolve(&s->root, path, &real, &err), -1);
		return;
	}
	assert_ok(ign_root_resolve(&s->root, path, &real, &err), &err);
	assert_string_equal(real, wanted);
}

static void test_resolve(void **state)
{
	const struct ign_scene *s = *state;

	scene_put(s, "/usr/bin/sh", "");
	scene_link(s, "/bin", "usr/bin");
	scene_link(s, "/abs", "/usr");
	scene_link(s, "/twice", "abs/bin");
	scene_link(s, "/up", "../../../usr");
	scene_link(s, "/dangling", "/not/there");
	scene_link(s, "/usr/bin/link", "sh");
	resolves(s, "/etc/passwd", "/etc/passwd");
	resolves(s, "/bin/sh", "/usr/bin/sh");
	resolves(s, "/abs/bin/sh", "/usr/bin/sh");
	resolves(s, "/twice/x", "/usr/bin/x");
	resolves(s, "/up/bin/x", "/usr/bin/x");
	resolves(s, "/dangling/x", "/not/there/x");
	resolves(s, "/bin/../x", "/usr/x");
	resolves(s, "/../../x", "/x");
	resolves(s, "/", "/");
	resolves(s, "/bin/../..", "/");
	/* the last part is not followed */
	resolves(s, "/bin/link", "/usr/bin/link");
	resolves(s, "/bin", "/bin");
	/* a file in the middle is told when the folder is made */
	resolves(s, "/usr/bin/sh/x", "/usr/bin/sh/x");
}

static void test_resolve_not(void **state)
{
	const struct ign_scene *s = *state;

	scene_link(s, "/a", "b");
	scene_link(s, "/b", "a");
	resolves(s, "/a/x", NULL);
	resolves(s, "/x/", NULL);
	resolves(s, "x", NULL);
}

static void test_parent(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(closep) int folder = -1;
	const char *name;

	assert_fails(ign_root_parent(&s->root, "/a/b/c", false, &name, &err), &err, ERR_NOT_FOUND,
		     "/a");
	folder = ign_root_parent(&s->root, "/a/b/c", true, &name, &err);
	assert_true(folder >= 0);
	assert_string_equal(name, "c");
	assert_int_equal(scene_stat(s, "/a/b").st_mode & 07777, 0755);
	scene_put(s, "/file", "");
	assert_fails(ign_root_parent(&s->root, "/file/x", true, &name, &err), &err, ERR_IO,
		     "/file");
}

/* A link that comes between resolving and opening is not followed. */
static void test_late_link(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	const char *name;
	struct stat st;

	scene_link(s, "/late", "../outside");
	assert_fails(ign_root_parent(&s->root, "/late/file", true, &name, &err), &err, ERR_IO,
		     "/late");
	assert_fails(ign_root_stat(&s->root, "/late/file", &st, &err), &err, ERR_IO, "/late");
	assert_int_equal(ign_root_stat(&s->root, "/late", &st, &err), 1);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(ign_root_stat(&s->root, "/nothing", &st, &err), 0);
}

static void test_open(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	struct ign_root root;

	(void)state;
	assert_fails(ign_root_open(&root, "/not/there", false, &err), &err, ERR_USAGE,
		     "/not/there");
	assert_ok(ign_root_open(&root, "/usr/../usr", false, &err), &err);
	assert_string_equal(root.path, "/usr");
	ign_root_release(&root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(test_resolve),   scene_test(test_resolve_not), scene_test(test_parent),
		scene_test(test_late_link), cmocka_unit_test(test_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
