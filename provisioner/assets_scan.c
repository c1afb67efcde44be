/* SPDX-License-Identifier: Apache-2.0 */
#include "assets_scan.h"

#include "fsio.h"
#include "limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* Small enough to stay in the cache between the two digests, which both read it. */
#define BLOCK (256 * 1024)

static void sha256_freep(struct sha256_ctx **ctx)
{
	sha256_free(*ctx);
}

static void end_chunk(struct asset *a, struct sha256_ctx *chunk)
{
	*ARRAY_APPEND(a->chunks, a->n_chunks) = sha256_end(chunk);
}

static int digest_fd(int fd, struct asset *a, struct err *err)
{
	_cleanup_(sha256_freep) struct sha256_ctx *whole = sha256_new(), *chunk = sha256_new();
	_cleanup_(freep) uint8_t *block = xmalloc(BLOCK);

	for (;;) {
		size_t want = ASSET_CHUNK - (size_t)(a->size % ASSET_CHUNK);
		ssize_t n = read(fd, block, want < BLOCK ? want : BLOCK);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_IO, errno, "cannot read");
		if (n == 0)
			break;
		sha256_add(whole, block, (size_t)n);
		sha256_add(chunk, block, (size_t)n);
		a->size += (uint64_t)n;
		if (a->size % ASSET_CHUNK == 0)
			end_chunk(a, chunk);
	}
	if (a->size % ASSET_CHUNK)
		end_chunk(a, chunk);
	a->digest = sha256_end(whole);
	return 0;
}

int asset_digest(int dirfd, const char *path, struct asset *ret, struct err *err)
{
	_cleanup_(closep) int fd = file_open_beneath(dirfd, path, O_RDONLY | O_NOCTTY, err);
	_cleanup_(asset_release) struct asset a = {0};

	if (fd < 0)
		return -1;
	posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	if (digest_fd(fd, &a, err) < 0)
		return err_wrap(err, "%s", path);
	a.path = xstrdup(path);
	*ret = a;
	a = (struct asset){0};
	return 0;
}

static void closedirp(DIR **d)
{
	if (*d)
		closedir(*d);
}

static int list_folder(int dirfd, const char *prefix, struct strv *ret, struct err *err);

static int list_entry(int dirfd, const char *prefix, const char *name, struct strv *ret,
		      struct err *err)
{
	_cleanup_(freep) char *path = xasprintf("%s%s%s", prefix, *prefix ? "/" : "", name);
	struct stat st;

	if (*name == '.' || streq(path, "manifest.json") || streq(path, "manifest.sig"))
		return 0;
	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0
				       : err_errno(err, ERR_IO, errno, "cannot look at %s", path);
	if (S_ISREG(st.st_mode)) {
		strv_take(ret, TAKE_PTR(path));
		return 0;
	}
	if (S_ISDIR(st.st_mode)) {
		int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		return fd < 0 ? err_errno(err, ERR_IO, errno, "cannot open %s", path)
			      : list_folder(fd, path, ret, err);
	}
	return err_set(err, ERR_CONFIG, "%s is neither a file nor a folder: remove it", path);
}

/* Closes dirfd. */
static int list_folder(int dirfd, const char *prefix, struct strv *ret, struct err *err)
{
	_cleanup_(closedirp) DIR *d = fdopendir(dirfd);
	const struct dirent *e;

	if (!d) {
		close(dirfd);
		return err_errno(err, ERR_IO, errno, "cannot read folder %s", prefix);
	}
	while ((e = readdir(d))) {
		if (list_entry(dirfd, prefix, e->d_name, ret, err) < 0)
			return -1;
	}
	return 0;
}

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int assets_list(int dirfd, struct strv *ret, struct err *err)
{
	_cleanup_(strv_release) struct strv paths = {0};
	int own = openat(dirfd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (own < 0)
		return err_errno(err, ERR_IO, errno, "cannot open the assets folder");
	if (list_folder(own, "", &paths, err) < 0)
		return -1;
	if (paths.n)
		qsort(paths.v, paths.n, sizeof(*paths.v), compare_strings);
	*ret = paths;
	paths = (struct strv){0};
	return 0;
}

int assets_scan(int dirfd, struct manifest *ret, struct err *err)
{
	_cleanup_(strv_release) struct strv paths = {0};
	_cleanup_(manifest_release) struct manifest m = {0};

	if (assets_list(dirfd, &paths, err) < 0)
		return -1;
	for (size_t i = 0; i < paths.n; i++) {
		struct asset a;

		if (asset_digest(dirfd, paths.v[i], &a, err) < 0)
			return -1;
		*ARRAY_APPEND(m.assets, m.n) = a;
	}
	*ret = m;
	m = (struct manifest){0};
	return 0;
}
