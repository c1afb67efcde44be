/* SPDX-License-Identifier: Apache-2.0 */
#include "assets_fetch.h"

#include "assets_scan.h"
#include "fsio.h"
#include "runcmd.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* The largest of all is an archive of images, well below this. */
#define DOWNLOAD_MAX ((size_t)8 * 1024 * 1024 * 1024)
/* A list of digests. */
#define DIGESTS_MAX ((size_t)1024 * 1024)

struct download {
	int fd;
	struct sha256_ctx *ctx;
	struct err err; /* of writing */
};

static bool on_data(const void *p, size_t n, void *arg)
{
	struct download *d = arg;

	sha256_add(d->ctx, p, n);
	return fd_write_all(d->fd, p, n, &d->err) == 0;
}

static int check_status(const struct fetch_answer *a, const char *url, struct err *err)
{
	if (a->status == 404)
		return err_set(err, ERR_NOT_FOUND,
			       "%s does not exist: is the version one that was released?", url);
	if (a->status != 200)
		return err_set(err, ERR_NETWORK, "%s answers with status %ld", url, a->status);
	return 0;
}

static int fetch_digest(struct fetch *f, const struct release_file *file, struct sha256 *ret,
			struct err *err)
{
	const struct fetch_request req = {.url = file->digest_url, .max = DIGESTS_MAX};
	_cleanup_(fetch_answer_release) struct fetch_answer a = {0};
	const char *name = strrchr(file->url, '/') + 1;

	if (fetch_do(f, &req, &a, err) < 0)
		return err_wrap(err, "%s", file->digest_url);
	if (check_status(&a, file->digest_url, err) < 0)
		return -1;
	return release_digest(a.body, name, ret, err) < 0 ? err_wrap(err, "%s", file->digest_url)
							  : 0;
}

/* Downloads into the open file, and compares. want: NULL when upstream has no digest. */
static int fetch_body(struct fetch *f, const struct release_file *file, int fd,
		      const struct sha256 *want, struct err *err)
{
	struct download d = {.fd = fd, .ctx = sha256_new(), .err = ERR_INIT};
	const struct fetch_request req = {
		.url = file->url, .max = DOWNLOAD_MAX, .on_data = on_data, .arg = &d};
	_cleanup_(fetch_answer_release) struct fetch_answer a = {0};
	int r = fetch_do(f, &req, &a, err);
	struct sha256 got = sha256_end(d.ctx);

	sha256_free(d.ctx);
	if (d.err.kind != ERR_NONE)
		err_move(err, &d.err);
	if (r < 0)
		return err_wrap(err, "%s", file->url);
	if (check_status(&a, file->url, err) < 0)
		return -1;
	if (want && !sha256_equal(&got, want))
		return err_set(err, ERR_VERIFY, "%s is not what %s says", file->url,
			       file->digest_url);
	if (fsync(fd) < 0)
		return err_errno(err, ERR_IO, errno, "cannot sync");
	return 0;
}

/* Unpacks the member of the archive beside it, and puts it in its place. */
static int take_member(const char *archive, const char *member, const char *path, struct err *err)
{
	_cleanup_(freep) char *folder = xasprintf("%s.d", archive);
	_cleanup_(freep) char *unpacked = xasprintf("%s/%s", folder, member);
	const char *const argv[] = {
		"tar", "--no-same-owner", "-xzf", archive, "-C", folder, "--", member, NULL};
	int r = -1;

	if (dir_make(AT_FDCWD, folder, 0700, err) < 0)
		return -1;
	if (runcmd_argv(argv, err) < 0)
		goto undo;
	if (rename(unpacked, path) < 0) {
		err_errno(err, ERR_IO, errno, "cannot put %s in its place", path);
		goto undo;
	}
	r = 0;
undo:
	unlink(unpacked);
	rmdir(folder);
	return r;
}

static int place(const char *temp, const char *path, const struct release_file *file,
		 struct err *err)
{
	int r = 0;

	if (file->member)
		r = take_member(temp, file->member, path, err);
	else if (rename(temp, path) < 0)
		r = err_errno(err, ERR_IO, errno, "cannot put %s in its place", path);
	if (r == 0 && chmod(path, 0644) < 0)
		r = err_errno(err, ERR_IO, errno, "cannot set the mode of %s", path);
	return r;
}

static bool is_there(const char *path, const struct sha256 *want)
{
	_cleanup_(freep) char *copy = xstrdup(path);
	_cleanup_(closep) int dir = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(asset_release) struct asset a = {0};
	_cleanup_(err_release) struct err err = ERR_INIT;

	return dir >= 0 && asset_digest(dir, strrchr(path, '/') + 1, &a, &err) == 0 &&
	       sha256_equal(&a.digest, want);
}

int release_fetch(struct fetch *f, const char *assets_dir, const struct release_file *file,
		  bool *ret_had, struct err *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", assets_dir, file->path);
	_cleanup_(freep) char *folder = xstrdup(path), *temp = NULL;
	_cleanup_(closep) int fd = -1;
	struct sha256 want;
	int r;

	if (file->digest_url && fetch_digest(f, file, &want, err) < 0)
		return -1;
	*ret_had = file->digest_url && !file->member && is_there(path, &want);
	if (*ret_had)
		return 0;
	*strrchr(folder, '/') = '\0';
	if (dir_make(AT_FDCWD, folder, 0755, err) < 0)
		return -1;
	temp = xasprintf("%s/.new-%d-%s", folder, (int)getpid(), strrchr(path, '/') + 1);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot create %s", temp);
	r = fetch_body(f, file, fd, file->digest_url ? &want : NULL, err);
	if (r == 0)
		r = place(temp, path, file, err);
	unlink(temp);
	return r;
}
