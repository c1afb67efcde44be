/* SPDX-License-Identifier: Apache-2.0 */
#include "fsio.h"

#include "buf.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static int open_failed(struct err *err, const char *verb, const char *path)
{
	return err_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno, "cannot %s %s", verb,
			 path);
}

static int read_all(int fd, const char *path, struct buf *b, struct err *err)
{
	char block[16384];
	int r = 1;

	while (r > 0) {
		ssize_t n = read(fd, block, sizeof(block));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = err_errno(err, ERR_IO, errno, "cannot read %s", path);
		else if (n == 0)
			r = 0;
		else if (!buf_add(b, block, (size_t)n))
			r = err_set(err, ERR_CONFIG, "%s is larger than %zu bytes", path, b->max);
	}
	/* it may have been a key */
	explicit_bzero(block, sizeof(block));
	return r;
}

int file_read(int dirfd, const char *path, size_t max, char **ret_data, size_t *ret_len,
	      struct err *err)
{
	_cleanup_(closep) int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	_cleanup_(buf_release) struct buf b;

	buf_init(&b, max);
	if (fd < 0)
		return open_failed(err, "open", path);
	if (read_all(fd, path, &b, err) < 0)
		return -1;
	*ret_len = b.len;
	*ret_data = buf_take(&b);
	return 0;
}

int fd_write_all(int fd, const void *p, size_t n, struct err *err)
{
	const char *at = p;

	while (n > 0) {
		ssize_t done = write(fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return err_errno(err, ERR_IO, errno, "cannot write");
		at += done;
		n -= (size_t)done;
	}
	return 0;
}

/* The folder of path, opened, so that its new entry can be synced. */
static int open_parent(int dirfd, const char *path, struct err *err)
{
	_cleanup_(freep) char *copy = xstrdup(path);
	const char *parent = dirname(copy);
	int fd = openat(dirfd, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? open_failed(err, "open folder", parent) : fd;
}

static int fill_temp(int fd, const void *data, size_t len, mode_t mode, struct err *err)
{
	if (fd_write_all(fd, data, len, err) < 0)
		return -1;
	/* open's mode is cut by the umask */
	if (fchmod(fd, mode) < 0)
		return err_errno(err, ERR_IO, errno, "cannot set the mode");
	if (fsync(fd) < 0)
		return err_errno(err, ERR_IO, errno, "cannot sync");
	return 0;
}

int file_write(int dirfd, const char *path, const void *data, size_t len, mode_t mode,
	       struct err *err)
{
	_cleanup_(freep) char *copy = xstrdup(path);
	_cleanup_(freep) char *temp = NULL;
	_cleanup_(closep) int parent = -1;
	_cleanup_(closep) int fd = -1;
	const char *name = basename(copy);
	uint64_t salt;

	parent = open_parent(dirfd, path, err);
	if (parent < 0)
		return -1;
	if (getrandom(&salt, sizeof(salt), 0) != (ssize_t)sizeof(salt))
		return err_errno(err, ERR_IO, errno, "cannot get random bytes");
	temp = xasprintf(".%.200s.%016llx", name, (unsigned long long)salt);
	fd = openat(parent, temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return open_failed(err, "create", path);
	if (fill_temp(fd, data, len, mode, err) < 0) {
		err_wrap(err, "%s", path);
		goto undo;
	}
	if (renameat(parent, temp, parent, name) < 0) {
		err_errno(err, ERR_IO, errno, "cannot replace %s", path);
		goto undo;
	}
	if (fsync(parent) < 0)
		return err_errno(err, ERR_IO, errno, "cannot sync the folder of %s", path);
	return 0;

undo:
	unlinkat(parent, temp, 0);
	return -1;
}

int dir_make(int dirfd, const char *path, mode_t mode, struct err *err)
{
	_cleanup_(freep) char *copy = xstrdup(path);
	struct stat st;

	for (char *slash = copy;;) {
		slash = strchr(slash + 1, '/');
		if (slash)
			*slash = '\0';
		if (mkdirat(dirfd, copy, mode) < 0 && errno != EEXIST)
			return err_errno(err, ERR_IO, errno, "cannot make folder %s", copy);
		if (!slash || !slash[1])
			break;
		*slash = '/';
	}
	if (fstatat(dirfd, path, &st, 0) < 0)
		return err_errno(err, ERR_IO, errno, "cannot look at %s", path);
	if (!S_ISDIR(st.st_mode))
		return err_errno(err, ERR_IO, ENOTDIR, "cannot make folder %s", path);
	return 0;
}

int file_open_beneath(int dirfd, const char *path, int flags, struct err *err)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	/* EAGAIN: something was renamed while the kernel looked; it asks to be tried again */
	do
		fd = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	if (fd >= 0)
		return fd;
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
	case EXDEV:
	case ELOOP:
	case ENAMETOOLONG:
		return err_errno(err, ERR_NOT_FOUND, errno, "%s", path);
	default:
		return err_errno(err, ERR_IO, errno, "cannot open %s", path);
	}
}
