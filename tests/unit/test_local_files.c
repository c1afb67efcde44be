/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "fsio.h"
#include "limits.h"
#include "local_files.h"
#include "runcmd.h"

struct folder {
	char *top;
	int fd;
};

static int setup(void **state)
{
	struct folder *f = xcalloc(1, sizeof(*f));

	f->top = xstrdup("/tmp/test-local-XXXXXX");
	assert_non_null(mkdtemp(f->top));
	f->fd = open(f->top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct folder *f = *state;
	const char *const argv[] = {"rm", "-rf", "--", f->top, NULL};
	const struct runcmd rm = {.argv = argv, .timeout_s = 60};
	struct err err = ERR_INIT;

	assert_ok(runcmd(&rm, NULL, &err), &err);
	close(f->fd);
	free(f->top);
	free(f);
	return 0;
}

static void put(const struct folder *f, const char *path, const char *text, mode_t mode)
{
	struct err err = ERR_INIT;

	assert_ok(file_write(f->fd, path, text, strlen(text), mode, &err), &err);
}

static struct local_files *load(const struct folder *f)
{
	_cleanup_(problems_release) struct problems ps = {0};
	struct local_files *files = NULL;

	if (local_files_load(f->top, &files, &ps) < 0)
		fail_msg("%s: %s", ps.p[0].file, ps.p[0].text);
	return files;
}

static void reads_what_lies_there(void **state)
{
	const struct folder *f = *state;
	_cleanup_(local_files_freep) struct local_files *files = NULL;
	const struct local_file *one;
	struct err err = ERR_INIT;

	assert_ok(dir_make(f->fd, "files/etc/deep", 0755, &err), &err);
	put(f, "files/etc/deep/a", "one", 0600);
	put(f, "files/run.sh", "#!/bin/sh\n", 0700);
	put(f, "files/zero", "", 0644);
	assert_int_equal(symlinkat("deep/a", f->fd, "files/etc/link"), 0);
	files = load(f);
	assert_int_equal(files->n, 4);
	one = local_files_find(files, ".//etc/./deep/a");
	assert_string_equal(one->data, "one");
	assert_false(one->executable);
	assert_true(local_files_find(files, "run.sh")->executable);
	assert_int_equal(local_files_find(files, "zero")->len, 0);
	one = local_files_find(files, "etc/link");
	assert_string_equal(one->link, "deep/a");
	assert_string_equal(one->data, "one");
	assert_null(local_files_find(files, "etc/deep"));
	assert_null(local_files_find(files, "etc/../run.sh"));
	assert_string_equal(local_files_nearest(files, "etc/depp/a"), "etc/deep/a");
}

static void nothing_outside_is_read(void **state)
{
	static const struct {
		const char *name, *target;
	} links[] = {
		{"files/absolute", "/etc/passwd"}, {"files/up", "../secret"},
		{"files/nowhere", "gone"},         {"files/round", "round"},
		{"files/folder", "/etc"},
	};
	const struct folder *f = *state;
	_cleanup_(local_files_freep) struct local_files *files = NULL;
	struct err err = ERR_INIT;

	put(f, "secret", "s", 0644);
	assert_ok(dir_make(f->fd, "files", 0755, &err), &err);
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		assert_int_equal(symlinkat(links[i].target, f->fd, links[i].name), 0);
	assert_int_equal(mkfifoat(f->fd, "files/pipe", 0644), 0);
	files = load(f);
	assert_int_equal(files->n, ARRAY_SIZE(links) + 1);
	for (size_t i = 0; i < files->n; i++) {
		assert_null(files->f[i].data);
		assert_non_null(files->f[i].problem);
	}
}

static void has_limits(void **state)
{
	const struct folder *f = *state;
	_cleanup_(local_files_freep) struct local_files *files = NULL, *none = NULL;
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_(closep) int fd = -1;
	struct err err = ERR_INIT;

	none = load(f); /* there is no such folder */
	assert_int_equal(none->n, 0);
	assert_ok(dir_make(f->fd, "files", 0755, &err), &err);
	fd = openat(f->fd, "files/big", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_int_equal(ftruncate(fd, LIMIT_LOCAL_FILE + 1), 0);
	files = load(f);
	assert_null(files->f[0].data);
	assert_non_null(strstr(files->f[0].problem, "has more than"));
	files = local_files_free(files);
	for (int i = 0; i <= LIMIT_LOCAL_BYTES / LIMIT_LOCAL_FILE; i++) {
		_cleanup_(freep) char *name = xasprintf("files/f%d", i);
		_cleanup_(closep) int one =
			openat(f->fd, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

		assert_int_equal(ftruncate(one, LIMIT_LOCAL_FILE), 0);
	}
	assert_int_equal(local_files_load(f->top, &files, &ps), -1);
	assert_string_equal(ps.p[0].file, "files");
}

static void tells_what_lies_below(void **state)
{
	const struct local_file file = {.path = (char *)"etc/apt/x"};

	(void)state;
	assert_string_equal(local_file_below(&file, "etc"), "apt/x");
	assert_string_equal(local_file_below(&file, ""), "etc/apt/x");
	assert_null(local_file_below(&file, "et"));
	assert_null(local_file_below(&file, "etc/apt/x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_what_lies_there, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_outside_is_read, setup, teardown),
		cmocka_unit_test_setup_teardown(has_limits, setup, teardown),
		cmocka_unit_test(tells_what_lies_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
