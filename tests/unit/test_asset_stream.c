/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "asset_stream.h"
#include "fsio.h"
#include "limits.h"
#include "runcmd.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define SIZE (ASSET_CHUNK + 1000)

struct folder {
	char path[64];
	int fd;
	uint8_t *data;
	struct asset asset;
};

static int setup(void **state)
{
	struct folder *f = xcalloc(1, sizeof(*f));
	struct err err = ERR_INIT;

	snprintf(f->path, sizeof(f->path), "/tmp/test-asset-%ld-XXXXXX", (long)getpid());
	if (!mkdtemp(f->path))
		return -1;
	f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	f->data = xmalloc(SIZE);
	for (size_t i = 0; i < SIZE; i++)
		f->data[i] = (uint8_t)(i * 7 + i / 256);
	f->asset = (struct asset){xstrdup("file"), SIZE, sha256_of(f->data, SIZE), NULL, 2};
	f->asset.chunks = xcalloc(2, sizeof(struct sha256));
	f->asset.chunks[0] = sha256_of(f->data, ASSET_CHUNK);
	f->asset.chunks[1] = sha256_of(f->data + ASSET_CHUNK, SIZE - ASSET_CHUNK);
	*state = f;
	return file_write(f->fd, "file", f->data, SIZE, 0600, &err);
}

static int teardown(void **state)
{
	struct folder *f = *state;
	struct err err = ERR_INIT;

	if (runcmd_argv((const char *const[]){"rm", "-rf", "--", f->path, NULL}, &err) < 0)
		return -1;
	close(f->fd);
	asset_release(&f->asset);
	free(f->data);
	free(f);
	return 0;
}

static int save(struct folder *f, struct err *err)
{
	struct source *s = source_dir_new(f->path);
	int r = asset_save(s, &f->asset, f->fd, "saved", 0640, NULL, err);

	source_free(s);
	return r;
}

static void absent(struct folder *f, const char *path)
{
	assert_int_equal(faccessat(f->fd, path, F_OK, 0), -1);
}

static void saves_what_is_right(void **state)
{
	struct folder *f = *state;
	struct err err = ERR_INIT;
	struct stat st;
	char *got;
	size_t n;

	assert_ok(save(f, &err), &err);
	assert_ok(file_read(f->fd, "saved", SIZE, &got, &n, &err), &err);
	assert_int_equal(n, SIZE);
	assert_memory_equal(got, f->data, SIZE);
	free(got);
	assert_int_equal(fstatat(f->fd, "saved", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	absent(f, "saved.part");
}

static void wrong_byte(void **state)
{
	struct folder *f = *state;
	struct err err = ERR_INIT;

	f->data[ASSET_CHUNK + 5] ^= 1;
	assert_ok(file_write(f->fd, "file", f->data, SIZE, 0600, &err), &err);
	assert_fails(save(f, &err), &err, ERR_VERIFY, "bytes 4194304 to 4195303");
	absent(f, "saved");
	absent(f, "saved.part");
}

static void wrong_whole(void **state)
{
	struct folder *f = *state;
	struct err err = ERR_INIT;

	f->asset.digest.b[0] ^= 1;
	assert_fails(save(f, &err), &err, ERR_VERIFY, "the whole");
	absent(f, "saved");
}

static void short_or_absent(void **state)
{
	struct folder *f = *state;
	struct err err = ERR_INIT;

	assert_ok(file_write(f->fd, "file", f->data, SIZE - 1, 0600, &err), &err);
	assert_fails(save(f, &err), &err, ERR_VERIFY, "shorter");
	unlinkat(f->fd, "file", 0);
	assert_fails(save(f, &err), &err, ERR_NOT_FOUND, "file");
	f->asset.n_chunks = 1;
	assert_fails(save(f, &err), &err, ERR_PROTOCOL, "1 chunks");
}

static bool stop(const void *p, size_t n, void *arg)
{
	(void)p;
	(void)arg;
	return n != ASSET_CHUNK;
}

static void stopped(void **state)
{
	struct folder *f = *state;
	struct source *s = source_dir_new(f->path);
	struct asset_stream stream = {.source = s, .asset = &f->asset, .on_chunk = stop};
	struct err err = ERR_INIT;

	assert_fails(asset_stream(&stream, &err), &err, ERR_IO, "stopped");
	source_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(saves_what_is_right, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(short_or_absent, setup, teardown),
		cmocka_unit_test_setup_teardown(stopped, setup, teardown),
	};

	return cmocka_run_group_tests_name("asset_stream", tests, NULL, NULL);
}
