/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "fsio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

struct folder {
	char path[64];
	int fd;
};

static int setup(void **state)
{
	struct folder *f = xcalloc(1, sizeof(*f));

	snprintf(f->path, sizeof(f->path), "/tmp/test-fsio-XXXXXX");
	if (!mkdtemp(f->path))
		return -1;
	f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = f;
	return f->fd < 0 ? -1 : 0;
}

/* Removes what the tests may have left; none of them makes more than this. */
static int teardown(void **state)
{
	static const char *const files[] = {"a", "up", "out", "d/e/f", "d/in"};
	static const char *const folders[] = {"d/e", "d"};
	struct folder *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		unlinkat(f->fd, files[i], 0);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		unlinkat(f->fd, folders[i], AT_REMOVEDIR);
	close(f->fd);
	if (rmdir(f->path) < 0)
		return -1;
	free(f);
	return 0;
}

static void writes_and_reads(void **state)
{
	struct folder *f = *state;
	struct err err = ERR_INIT;
	char *data = NULL;
	struct stat st;
	size_t len = 0;

	assert_ok(file_write(f->fd, "a", "old", 3, 0600, &err), &err);
	assert_ok(file_write(f->fd, "a", "ne\0w", 4, 0666, &err), &err);
	assert_ok(file_read(f->fd, "a", 4, &data, &len, &err), &err);
	assert_int_equal(len, 4);
	assert_memory_equal(data, "ne\0w", 5);
	free(data);
	assert_int_equal(fstatat(f->fd, "a", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0666);
}

static void read_has_a_ceiling(void **state)
{
	struct folder *f = *state;
	struct err err = ERR_INIT;
	char *data = NULL;
	size_t len = 0;

	assert_ok(file_write(f->fd, "a", "12345", 5, 0600, &err), &err);
	assert_fails(file_read(f->fd, "a", 4, &data, &len, &err), &err, ERR_CONFIG, "4 bytes");
	assert_null(data);
	assert_int_equal(file_read(f->fd, "absent", 4, &data, &len, &err), -1);
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	assert_int_equal(err.errnum, ENOENT);
	err_release(&err);
}

static void failed_write_leaves_nothing(void **state)
{
	struct folder *f = *state;
	struct err err = ERR_INIT;

	assert_ok(dir_make(f->fd, "d", 0755, &err), &err);
	/* a folder cannot be replaced by a file; teardown's rmdir sees a temporary file left over
	 */
	assert_fails(file_write(f->fd, "d", "x", 1, 0600, &err), &err, ERR_IO, "replace d");
	assert_fails(file_write(f->fd, "no/d", "x", 1, 0600, &err), &err, ERR_NOT_FOUND, "no");
}

static void makes_folders(void **state)
{
	struct folder *f = *state;
	struct err err = ERR_INIT;
	struct stat st;

	assert_ok(dir_make(f->fd, "d/e/", 0700, &err), &err);
	assert_ok(dir_make(f->fd, "d/e", 0755, &err), &err);
	assert_int_equal(fstatat(f->fd, "d/e", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_ok(file_write(f->fd, "a", "", 0, 0600, &err), &err);
	assert_fails(dir_make(f->fd, "a", 0755, &err), &err, ERR_IO, "a: Not a directory");
	assert_fails(dir_make(f->fd, "a/b", 0755, &err), &err, ERR_IO, "Not a directory");
}

static void opens_only_beneath(void **state)
{
	struct folder *f = *state;
	struct err err = ERR_INIT;
	_cleanup_(closep) int d = -1;
	int fd;

	assert_ok(dir_make(f->fd, "d", 0755, &err), &err);
	assert_ok(file_write(f->fd, "d/in", "x", 1, 0600, &err), &err);
	assert_ok(file_write(f->fd, "out", "x", 1, 0600, &err), &err);
	assert_int_equal(symlinkat("../out", f->fd, "d/e"), 0);
	d = openat(f->fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(d >= 0);
	fd = file_open_beneath(d, "in", O_RDONLY, &err);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	assert_fails(file_open_beneath(d, "../out", O_RDONLY, &err), &err, ERR_NOT_FOUND, "out");
	assert_fails(file_open_beneath(d, "e", O_RDONLY, &err), &err, ERR_NOT_FOUND, "e");
	assert_fails(file_open_beneath(d, "/etc/passwd", O_RDONLY, &err), &err, ERR_NOT_FOUND, "");
	assert_fails(file_open_beneath(d, "none", O_RDONLY, &err), &err, ERR_NOT_FOUND, "none");
	unlinkat(f->fd, "d/e", 0);
}

static void full_device_is_told(void **state)
{
	struct err err = ERR_INIT;
	_cleanup_(closep) int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_fails(fd_write_all(fd, "x", 1, &err), &err, ERR_IO, "No space left");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(writes_and_reads, setup, teardown),
		cmocka_unit_test_setup_teardown(read_has_a_ceiling, setup, teardown),
		cmocka_unit_test_setup_teardown(failed_write_leaves_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(makes_folders, setup, teardown),
		cmocka_unit_test_setup_teardown(opens_only_beneath, setup, teardown),
		cmocka_unit_test(full_device_is_told),
	};

	return cmocka_run_group_tests_name("fsio", tests, NULL, NULL);
}
