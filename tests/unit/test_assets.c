/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "assets.h"
#include "assets_add.h"
#include "assets_scan.h"
#include "fsio.h"
#include "limits.h"
#include "secrets.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>

struct state {
	char *dir; /* the state directory, with keys and an empty assets folder */
};

static char state_dir[] = "/tmp/test_assets.XXXXXX";

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st, (void)kind, (void)at;
	return remove(path);
}

/* Once for all tests: RSA keys take their time. */
static int group_setup(void **ctx)
{
	struct err err = ERR_INIT;

	(void)ctx;
	if (!mkdtemp(state_dir) || secrets_init(state_dir, &err) < 0)
		fail_msg("%s", err_text(&err));
	return 0;
}

static int group_teardown(void **ctx)
{
	(void)ctx;
	return nftw(state_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int setup(void **ctx)
{
	static struct state s = {state_dir};

	*ctx = &s;
	return 0;
}

static int teardown(void **ctx)
{
	const struct state *s = *ctx;
	_cleanup_(freep) char *assets = xasprintf("%s/assets", s->dir);

	return nftw(assets, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void put(const struct state *s, const char *path, const void *data, size_t n)
{
	_cleanup_(freep) char *full = xasprintf("%s/%s", s->dir, path), *folder = xstrdup(full);
	struct err err = ERR_INIT;

	*strrchr(folder, '/') = '\0';
	assert_ok(dir_make(AT_FDCWD, folder, 0755, &err), &err);
	assert_ok(file_write(AT_FDCWD, full, data, n, 0644, &err), &err);
}

static void test_digests_of_whole_and_chunks(void **ctx)
{
	const struct state *s = *ctx;
	size_t n = ASSET_CHUNK + 5;
	_cleanup_(freep) uint8_t *data = xcalloc(1, n);
	_cleanup_(manifest_release) struct manifest m = {0};
	struct err err = ERR_INIT;
	struct sha256 want;

	data[n - 1] = 7;
	put(s, "assets/images/x.tar.zst", data, n);
	put(s, "assets/empty", "", 0);
	put(s, "assets/.new-1-x", "half", 4);
	assert_ok(assets_sign(s->dir, &err), &err);
	assert_ok(assets_load(s->dir, ASSETS_WAIT, &m, &err), &err);
	assert_int_equal(m.n, 2);
	assert_string_equal(m.assets[0].path, "empty");
	assert_int_equal(m.assets[0].n_chunks, 0);
	assert_string_equal(m.assets[1].path, "images/x.tar.zst");
	assert_int_equal(m.assets[1].size, n);
	assert_int_equal(m.assets[1].n_chunks, 2);
	want = sha256_of(data, n);
	assert_true(sha256_equal(&want, &m.assets[1].digest));
	want = sha256_of(data + ASSET_CHUNK, 5);
	assert_true(sha256_equal(&want, &m.assets[1].chunks[1]));
}

static void test_load_wants_a_good_signature(void **ctx)
{
	const struct state *s = *ctx;
	_cleanup_(manifest_release) struct manifest m = {0};
	struct err err = ERR_INIT;

	assert_fails(assets_load(s->dir, ASSETS_WAIT, &m, &err), &err, ERR_NOT_FOUND,
		     "provision assets build");
	put(s, "assets/a", "1", 1);
	assert_ok(assets_sign(s->dir, &err), &err);
	put(s, "assets/manifest.json", "{\"assets\":[]}", 13);
	assert_fails(assets_load(s->dir, ASSETS_WAIT, &m, &err), &err, ERR_VERIFY, "signature");
	put(s, "assets/manifest.sig", "nonsense\n", 9);
	assert_fails(assets_load(s->dir, ASSETS_WAIT, &m, &err), &err, ERR_VERIFY, "manifest.json");
	assert_int_equal(m.n, 0);
}

/* The daemon does not wait: it has others to answer. */
static void test_a_reader_need_not_wait_for_the_writer(void **ctx)
{
	const struct state *s = *ctx;
	_cleanup_(freep) char *name = xasprintf("%s/assets/.manifest.lock", s->dir);
	_cleanup_(closep) int lock = -1;
	_cleanup_(manifest_release) struct manifest m = {0};
	struct err err = ERR_INIT;
	struct stat st;

	put(s, "assets/a", "1", 1);
	assert_ok(assets_sign(s->dir, &err), &err);
	lock = open(name, O_RDONLY | O_CLOEXEC);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	assert_fails(assets_load(s->dir, ASSETS_NOW, &m, &err), &err, ERR_BUSY, "try again");
	assert_int_equal(flock(lock, LOCK_UN), 0);
	assert_ok(assets_load(s->dir, ASSETS_NOW, &m, &err), &err);
	assert_int_equal(fstat(lock, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
}

static void test_verify_names_what_is_wrong(void **ctx)
{
	const struct state *s = *ctx;
	_cleanup_(strv_release) struct strv problems = {0};
	_cleanup_(freep) char *gone = xasprintf("%s/assets/gone", s->dir);
	size_t n = 2 * ASSET_CHUNK;
	_cleanup_(freep) uint8_t *data = xcalloc(1, n);
	struct err err = ERR_INIT;

	put(s, "assets/changed", data, n);
	put(s, "assets/gone", "1", 1);
	put(s, "assets/longer", "1", 1);
	put(s, "assets/same", "1", 1);
	assert_ok(assets_sign(s->dir, &err), &err);
	assert_ok(assets_verify(s->dir, &problems, &err), &err);
	assert_int_equal(problems.n, 0);

	data[ASSET_CHUNK] = 1;
	put(s, "assets/changed", data, n);
	put(s, "assets/longer", "12", 2);
	put(s, "assets/new", "1", 1);
	assert_int_equal(unlink(gone), 0);
	assert_ok(assets_verify(s->dir, &problems, &err), &err);
	assert_int_equal(problems.n, 4);
	assert_string_equal(problems.v[0],
			    "changed differs from the manifest at or after byte 4194304");
	assert_non_null(strstr(problems.v[1], "gone"));
	assert_string_equal(problems.v[2], "longer has 2 bytes, the manifest says 1");
	assert_string_equal(problems.v[3], "new is not in the manifest");
}

static void test_a_forged_manifest_is_the_one_problem(void **ctx)
{
	const struct state *s = *ctx;
	_cleanup_(strv_release) struct strv problems = {0};
	struct err err = ERR_INIT;

	put(s, "assets/a", "1", 1);
	assert_ok(assets_sign(s->dir, &err), &err);
	put(s, "assets/manifest.json", "{\"assets\":[]}", 13);
	assert_ok(assets_verify(s->dir, &problems, &err), &err);
	assert_int_equal(problems.n, 1);
	assert_non_null(strstr(problems.v[0], "signature"));
}

static void test_only_files_are_assets(void **ctx)
{
	const struct state *s = *ctx;
	_cleanup_(freep) char *link = xasprintf("%s/assets/link", s->dir);
	struct err err = ERR_INIT;

	put(s, "assets/a", "1", 1);
	assert_int_equal(symlink("/etc/passwd", link), 0);
	assert_fails(assets_sign(s->dir, &err), &err, ERR_CONFIG, "link is neither a file");
}

static void test_add_puts_files_where_they_belong(void **ctx)
{
	const struct state *s = *ctx;
	_cleanup_(strv_release) struct strv paths = {0};
	_cleanup_(freep) char *assets = xasprintf("%s/assets", s->dir);
	_cleanup_(freep) char *from = xasprintf("%s/from", s->dir);
	_cleanup_(freep) char *one = xasprintf("%s/loose", s->dir);
	_cleanup_(freep) char *got = NULL;
	struct err err = ERR_INIT;
	size_t n;

	put(s, "from/bin/kubelet", "elf", 3);
	put(s, "from/images/pause.tar", "tar", 3);
	put(s, "from/web.tar.zst", "tar", 3);
	put(s, "from/crictl", "elf", 3);
	put(s, "loose", "elf", 3);
	assert_ok(assets_add(assets, "kube/k/1/a", NULL, from, &paths, &err), &err);
	assert_ok(assets_add(assets, "kube/k/1/a", NULL, one, &paths, &err), &err);
	assert_int_equal(paths.n, 5);
	assert_string_equal(paths.v[0], "kube/k/1/a/bin/kubelet");
	assert_string_equal(paths.v[1], "kube/k/1/a/bin/crictl");
	assert_string_equal(paths.v[2], "kube/k/1/a/images/pause.tar");
	assert_string_equal(paths.v[3], "kube/k/1/a/images/web.tar.zst");
	assert_string_equal(paths.v[4], "kube/k/1/a/bin/loose");
	free(from);
	from = xasprintf("%s/%s", assets, paths.v[0]);
	assert_ok(file_read(AT_FDCWD, from, 16, &got, &n, &err), &err);
	assert_string_equal(got, "elf");
	free(one);
	one = xasprintf("%s/nowhere", s->dir);
	assert_fails(assets_add(assets, "k", NULL, one, &paths, &err), &err, ERR_NOT_FOUND,
		     "nowhere");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_digests_of_whole_and_chunks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_load_wants_a_good_signature, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_reader_need_not_wait_for_the_writer, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_verify_names_what_is_wrong, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_forged_manifest_is_the_one_problem, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_only_files_are_assets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_add_puts_files_where_they_belong, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
