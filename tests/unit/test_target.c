/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fsio.h"
#include "target.h"

/* A folder that plays the root of another system. */
struct scene {
	char *top; /* the folder with `root` and, beside it, what must not be touched */
	int root;
};

static int setup(void **state)
{
	struct scene *s = xcalloc(1, sizeof(*s));
	_cleanup_(freep) char *root = NULL;

	s->top = xstrdup("/tmp/test-target-XXXXXX");
	assert_non_null(mkdtemp(s->top));
	root = xasprintf("%s/root", s->top);
	assert_int_equal(mkdir(root, 0755), 0);
	s->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(s->root >= 0);
	*state = s;
	return 0;
}

static char *at(const struct scene *s, const char *path)
{
	return xasprintf("%s/%s", s->top, path);
}

/* From the leaves up; what a test did not make is skipped. */
static int teardown(void **state)
{
	static const char *const made[] = {
		"root/etc/dir/file", "root/etc/dir", "root/etc/passwd", "root/etc/file",
		"root/etc/link",     "root/etc",     "root/escape",     "root/absolute",
		"root/outside",      "root",         "outside",         "",
	};
	struct scene *s = *state;

	close(s->root);
	for (size_t i = 0; i < ARRAY_SIZE(made); i++) {
		_cleanup_(freep) char *path = at(s, made[i]);

		remove(path);
	}
	assert_int_not_equal(access(s->top, F_OK), 0);
	free(s->top);
	free(s);
	return 0;
}

static int put(struct scene *s, const char *path, const char *text, struct err *err)
{
	struct target_owner me = {getuid(), getgid()};

	return target_write(s->root, path, text, strlen(text), 0644, me, err);
}

static void test_write(void **state)
{
	struct scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(freep) char *text = NULL, *path = at(s, "root/etc/dir/file");
	mode_t mask = umask(077);
	struct stat st;
	size_t len;

	assert_ok(put(s, "/etc/dir/file", "one", &err), &err);
	assert_ok(put(s, "/etc/dir/file", "two", &err), &err);
	umask(mask);
	assert_ok(target_read(s->root, "/etc/dir/file", 100, &text, &len, &err), &err);
	assert_string_equal(text, "two");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	*strrchr(path, '/') = '\0';
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_true(target_exists(s->root, "/etc/dir/file"));
	assert_false(target_exists(s->root, "/etc/dir/other"));
	assert_fails(put(s, "relative", "x", &err), &err, ERR_PROTOCOL, "absolute");
	assert_fails(put(s, "/etc/..", "x", &err), &err, ERR_PROTOCOL, "absolute");
}

/* Links in the image lead to places in the image, whatever they say. */
static void test_escape(void **state)
{
	struct scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(freep) char *outside = at(s, "outside"), *link = at(s, "root/escape");
	_cleanup_(freep) char *absolute = at(s, "root/absolute"), *inside = at(s, "root/outside");

	assert_int_equal(mkdir(outside, 0755), 0);
	assert_int_equal(mkdir(inside, 0755), 0);
	assert_int_equal(symlink("../../outside", link), 0);
	assert_int_equal(symlink(outside, absolute), 0);
	assert_ok(put(s, "/escape/file", "x", &err), &err);
	assert_true(target_exists(s->root, "/outside/file"));
	assert_fails(put(s, "/absolute/file", "x", &err), &err, ERR_IO, "/absolute");
	free(inside);
	inside = at(s, "root/outside/file");
	assert_int_equal(remove(inside), 0);
	/* Nothing was written there. */
	assert_int_equal(rmdir(outside), 0);
}

/* A link at the end is replaced, not followed. */
static void test_link(void **state)
{
	struct scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	struct target_owner me = {getuid(), getgid()};
	_cleanup_(freep) char *path = at(s, "root/etc/link");
	char to[64] = "";

	assert_ok(target_link(s->root, "/etc/link", "somewhere", me, &err), &err);
	assert_ok(target_link(s->root, "/etc/link", "../file", me, &err), &err);
	assert_int_equal(readlink(path, to, sizeof(to) - 1), 7);
	assert_string_equal(to, "../file");
	assert_ok(put(s, "/etc/link", "x", &err), &err);
	assert_int_equal(readlink(path, to, sizeof(to) - 1), -1);
}

static void test_owner(void **state)
{
	struct scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(freep) char *home = NULL;
	struct target_owner o = {9, 9};

	assert_ok(put(s, "/etc/passwd", "root:x:0:0::/root:/bin/sh\noperator:x:1000:1001::/h:/b\n",
		      &err),
		  &err);
	assert_ok(target_owner_find(s->root, "operator", NULL, &o, &err), &err);
	assert_int_equal(o.uid, 1000);
	assert_int_equal(o.gid, 0);
	assert_ok(target_owner_find(s->root, NULL, "root", &o, &err), &err);
	assert_int_equal(o.uid, 0);
	assert_ok(target_account_find(s->root, "operator", &o, &home, &err), &err);
	assert_int_equal(o.gid, 1001);
	assert_string_equal(home, "/h");
	assert_fails(target_owner_find(s->root, "oper", NULL, &o, &err), &err, ERR_CONFIG, "oper");
}

/* A root may have anything where a file is looked for; nothing of it is opened. */
static void test_read_regular(void **state)
{
	struct scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	struct target_owner o;
	char *data = NULL;
	size_t len;

	assert_int_equal(mkdirat(s->root, "etc", 0755), 0);
	assert_int_equal(mkfifoat(s->root, "etc/passwd", 0644), 0);
	assert_fails(target_read(s->root, "/etc/passwd", 10, &data, &len, &err), &err, ERR_REFUSED,
		     "/etc/passwd on the new system is no regular file");
	assert_fails(target_owner_find(s->root, "me", NULL, &o, &err), &err, ERR_REFUSED,
		     "/etc/passwd");
	assert_fails(target_read(s->root, "/etc", 10, &data, &len, &err), &err, ERR_REFUSED,
		     "/etc");
}

/* Lines that are none are passed over. */
static void test_uid_name(void **state)
{
	struct scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(freep) char *name = NULL;

	assert_fails(target_uid_name(s->root, 0, &name, &err), &err, ERR_NOT_FOUND, "/etc/passwd");
	assert_ok(put(s, "/etc/passwd",
		      "root:x:0:0::/root:/bin/sh\n\n:\nx:x\nbad:x:9z:9::/:/b\n"
		      "huge:x:4294967297:1::/:/b\n+::::::\nme:x:1000:1::/h:/b",
		      &err),
		  &err);
	assert_ok(target_uid_name(s->root, 1000, &name, &err), &err);
	assert_string_equal(name, "me");
	free(TAKE_PTR(name));
	assert_ok(target_uid_name(s->root, 9, &name, &err), &err);
	assert_null(name);
	assert_ok(target_uid_name(s->root, 1, &name, &err), &err);
	assert_null(name);
	assert_ok(target_uid_name(s->root, 0, &name, &err), &err);
	assert_string_equal(name, "root");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_write, setup, teardown),
		cmocka_unit_test_setup_teardown(test_escape, setup, teardown),
		cmocka_unit_test_setup_teardown(test_link, setup, teardown),
		cmocka_unit_test_setup_teardown(test_owner, setup, teardown),
		cmocka_unit_test_setup_teardown(test_uid_name, setup, teardown),
		cmocka_unit_test_setup_teardown(test_read_regular, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
