/* SPDX-License-Identifier: Apache-2.0 */
#include "assets_add.h"

#include "assets_scan.h"
#include "fsio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

/* One kernel call copies at most this much. */
#define COPY_STEP ((size_t)1 << 30)

static bool is_archive(const char *name)
{
	static const char *const suffixes[] = {".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz"};

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		if (endswith(name, suffixes[i]))
			return true;
	}
	return false;
}

/* In the kernel, and shared where the file system can. */
static int copy_bytes(int from, int to, struct err *err)
{
	for (;;) {
		ssize_t n = copy_file_range(from, NULL, to, NULL, COPY_STEP, 0);

		if (n < 0 &&
		    (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP))
			n = sendfile(to, from, NULL, COPY_STEP);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_IO, errno, "cannot copy");
		if (n == 0)
			break;
	}
	return fsync(to) < 0 ? err_errno(err, ERR_IO, errno, "cannot sync") : 0;
}

static int copy_file(int from, const char *path, struct err *err)
{
	_cleanup_(freep) char *folder = xstrdup(path), *temp = NULL;
	_cleanup_(closep) int to = -1;
	int r;

	*strrchr(folder, '/') = '\0';
	if (dir_make(AT_FDCWD, folder, 0755, err) < 0)
		return -1;
	temp = xasprintf("%s/.new-%d-%s", folder, (int)getpid(), strrchr(path, '/') + 1);
	to = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (to < 0)
		return err_errno(err, ERR_IO, errno, "cannot create %s", temp);
	r = copy_bytes(from, to, err);
	if (r == 0 && (fchmod(to, 0644) < 0 || rename(temp, path) < 0))
		r = err_errno(err, ERR_IO, errno, "cannot put %s in its place", path);
	if (r < 0)
		unlink(temp);
	return r;
}

/* Where a file goes, by its path in what was given. */
static char *target(const char *folder, const char *binary, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

	if (startswith(path, "bin/") || startswith(path, "images/"))
		return xasprintf("%s/%s", folder, path);
	if (is_archive(name))
		return xasprintf("%s/images/%s", folder, name);
	return xasprintf("%s/bin/%s", folder, binary ? binary : name);
}

/* Takes the open file over. */
static int add_one(const char *assets_dir, const char *folder, const char *binary, const char *name,
		   int fd, struct strv *ret_paths, struct err *err)
{
	_cleanup_(closep) int from = fd;
	_cleanup_(freep) char *path = target(folder, binary, name);
	_cleanup_(freep) char *full = xasprintf("%s/%s", assets_dir, path);

	if (copy_file(from, full, err) < 0)
		return err_wrap(err, "%s", name);
	strv_take(ret_paths, TAKE_PTR(path));
	return 0;
}

static int add_folder(const char *assets_dir, const char *folder, const char *binary, int dir,
		      const char *from, struct strv *ret_paths, struct err *err)
{
	_cleanup_(strv_release) struct strv paths = {0};

	if (assets_list(dir, &paths, err) < 0)
		return -1;
	if (!paths.n)
		return err_set(err, ERR_CONFIG, "%s is empty", from);
	for (size_t i = 0; i < paths.n; i++) {
		int fd = file_open_beneath(dir, paths.v[i], O_RDONLY, err);

		if (fd < 0 ||
		    add_one(assets_dir, folder, binary, paths.v[i], fd, ret_paths, err) < 0)
			return -1;
	}
	return 0;
}

static int open_source(const char *from, struct stat *ret_st, struct err *err)
{
	_cleanup_(closep) int fd = open(from, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 || fstat(fd, ret_st) < 0)
		return err_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno,
				 "cannot open %s", from);
	return TAKE_FD(fd);
}

int assets_add_as(const char *assets_dir, const char *from, const char *path, struct err *err)
{
	_cleanup_(freep) char *full = xasprintf("%s/%s", assets_dir, path);
	struct stat st = {0};
	_cleanup_(closep) int fd = open_source(from, &st, err);

	if (fd < 0)
		return -1;
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_CONFIG, "%s is not a file", from);
	return copy_file(fd, full, err) < 0 ? err_wrap(err, "%s", from) : 0;
}

int assets_add(const char *assets_dir, const char *folder, const char *binary, const char *from,
	       struct strv *ret_paths, struct err *err)
{
	const char *slash = strrchr(from, '/');
	struct stat st = {0};
	_cleanup_(closep) int fd = open_source(from, &st, err);

	if (fd < 0)
		return -1;
	if (S_ISDIR(st.st_mode))
		return add_folder(assets_dir, folder, binary, fd, from, ret_paths, err);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_CONFIG, "%s is neither a file nor a folder", from);
	return add_one(assets_dir, folder, binary, slash ? slash + 1 : from, TAKE_FD(fd), ret_paths,
		       err);
}
