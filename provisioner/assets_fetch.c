/* SPDX-License-Identifier: Apache-2.0 */
#include "assets_fetch.h"

#include "fsio.h"
#include "runcmd.h"
#include "verification.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The largest of all is an archive of images, well below this. */
#define DOWNLOAD_MAX ((size_t)8 * 1024 * 1024 * 1024)
/* A list of digests. */
#define DIGESTS_MAX ((size_t)1024 * 1024)
/* A detached signature has some hundred bytes. */
#define SIGNATURE_MAX ((size_t)65536)
/* Read at once of a file that is compared. */
#define READ_SIZE ((size_t)1024 * 1024)

struct download {
	int fd;
	struct verification *v; /* or NULL */
	struct err err;         /* of writing */
};

static bool on_data(const void *p, size_t n, void *arg)
{
	struct download *d = arg;

	if (d->v)
		verification_add(d->v, p, n);
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

/* "sha256-HEX" or "sha512-HEX", NULL when upstream has none. */
static int find_digest(struct fetch *f, const struct release_file *file, char **ret,
		       struct err *err)
{
	const struct fetch_request req = {.url = file->digest_url, .max = DIGESTS_MAX};
	_cleanup_(fetch_answer_release) struct fetch_answer a = {0};
	const char *name = strrchr(file->url, '/') + 1;

	if (!file->digest_url) {
		*ret = xstrdup(file->digest);
		return 0;
	}
	if (fetch_do(f, &req, &a, err) < 0)
		return err_wrap(err, "%s", file->digest_url);
	if (check_status(&a, file->digest_url, err) < 0)
		return -1;
	return release_digest(a.body, name, ret, err) < 0 ? err_wrap(err, "%s", file->digest_url)
							  : 0;
}

/* Downloads into the open file, and compares. want: NULL when upstream has no digest. */
static int fetch_body(struct fetch *f, const struct release_file *file, int fd, const char *want,
		      struct err *err)
{
	struct download d = {.fd = fd, .err = ERR_INIT};
	const struct fetch_request req = {
		.url = file->url, .max = DOWNLOAD_MAX, .on_data = on_data, .arg = &d};
	_cleanup_(fetch_answer_release) struct fetch_answer a = {0};
	int r;

	if (want && verification_new(want, &d.v, err) < 0)
		return err_wrap(err, "%s: upstream's digest", file->url);
	r = fetch_do(f, &req, &a, err);
	if (d.err.kind != ERR_NONE)
		err_move(err, &d.err);
	if (r < 0)
		err_wrap(err, "%s", file->url);
	else
		r = check_status(&a, file->url, err);
	if (r == 0 && d.v && verification_end(d.v, err) < 0)
		r = err_set(err, ERR_VERIFY, "%s is not what %s says", file->url,
			    file->digest_url ? file->digest_url : "upstream's metadata");
	verification_free(d.v);
	if (r == 0 && fsync(fd) < 0)
		r = err_errno(err, ERR_IO, errno, "cannot sync");
	return r;
}

static int check_signature(struct fetch *f, const struct release_file *file, const char *keyring,
			   const char *temp, struct err *err)
{
	_cleanup_(freep) char *keys = realpath(keyring, NULL);
	_cleanup_(freep) char *signature = xasprintf("%s.sig", temp);
	const struct fetch_request req = {.url = file->signature_url, .max = SIGNATURE_MAX};
	const char *const argv[] = {"gpgv", "--keyring", keys, "--", signature, temp, NULL};
	_cleanup_(fetch_answer_release) struct fetch_answer a = {0};
	int r;

	if (!keys)
		return err_errno(err, ERR_NOT_FOUND, errno, "cannot find the keyring %s", keyring);
	if (!file->signature_url)
		return err_set(err, ERR_VERIFY, "upstream has no signature of %s", file->url);
	if (fetch_do(f, &req, &a, err) < 0)
		return err_wrap(err, "%s", file->signature_url);
	if (check_status(&a, file->signature_url, err) < 0 ||
	    file_write(AT_FDCWD, signature, a.body, a.len, 0600, err) < 0)
		return -1;
	r = runcmd_argv(argv, err);
	if (r < 0) {
		err->kind = ERR_VERIFY;
		err_wrap(err, "%s: the signature is none of a key in %s", file->url, keyring);
	}
	unlink(signature);
	return r;
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

static bool is_there(const char *path, const char *want)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(freep) char *block = xmalloc(READ_SIZE);
	struct verification *v = NULL;
	ssize_t n = 0;
	bool same;

	if (fd < 0 || verification_new(want, &v, &err) < 0)
		return false;
	while ((n = read(fd, block, READ_SIZE)) > 0)
		verification_add(v, block, (size_t)n);
	same = n == 0 && verification_end(v, &err) == 0;
	verification_free(v);
	return same;
}

int release_fetch(struct fetch *f, const char *assets_dir, const struct release_file *file,
		  const char *keyring, bool *ret_had, struct err *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", assets_dir, file->path);
	_cleanup_(freep) char *folder = xstrdup(path), *temp = NULL, *want = NULL;
	_cleanup_(closep) int fd = -1;
	int r;

	if (find_digest(f, file, &want, err) < 0)
		return -1;
	/* what a keyring is to vouch for is fetched again with its signature */
	*ret_had = want && !file->member && !keyring && is_there(path, want);
	if (*ret_had)
		return 0;
	*strrchr(folder, '/') = '\0';
	if (dir_make(AT_FDCWD, folder, 0755, err) < 0)
		return -1;
	temp = xasprintf("%s/.new-%d-%s", folder, (int)getpid(), strrchr(path, '/') + 1);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot create %s", temp);
	r = fetch_body(f, file, fd, want, err);
	if (r == 0 && keyring)
		r = check_signature(f, file, keyring, temp, err);
	if (r == 0)
		r = place(temp, path, file, err);
	unlink(temp);
	return r;
}
