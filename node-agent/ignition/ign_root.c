/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_root.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>

/* What the kernel itself allows in one path, path_resolution(7). */
#define LINKS_MAX 40

int ign_root_open(struct ign_root *r, const char *path, bool installed, struct err *err)
{
	_cleanup_(closep) int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *absolute = fd < 0 ? NULL : realpath(path, NULL);

	if (!absolute)
		return err_errno(err, ERR_USAGE, errno, "%s", path);
	*r = (struct ign_root){TAKE_FD(fd), absolute, installed};
	return 0;
}

void ign_root_release(struct ign_root *r)
{
	closep(&r->fd);
	free(r->path);
	*r = (struct ign_root){.fd = -1};
}

/* A resolved path holds no link, so one that is met has come since and is refused. */
static int open_real(const struct ign_root *r, const char *real, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	do
		fd = (int)syscall(SYS_openat2, r->fd, real, &how, sizeof(how));
	while (fd < 0 && errno == EINTR);
	return fd;
}

/* Where the link at the resolved path points to; NULL with *ret_errno 0 when it is none. */
static char *read_link(const struct ign_root *r, const char *real, int *ret_errno)
{
	_cleanup_(closep) int fd = open_real(r, real, O_PATH | O_NOFOLLOW);
	char text[PATH_MAX];
	ssize_t n;

	*ret_errno = 0;
	if (fd < 0) {
		*ret_errno = errno == ENOENT || errno == ENOTDIR ? 0 : errno;
		return NULL;
	}
	n = readlinkat(fd, "", text, sizeof(text));
	if (n < 0 || n == sizeof(text)) {
		/* readlink(2) of an O_PATH descriptor of anything else */
		*ret_errno = n < 0 && (errno == ENOENT || errno == EINVAL) ? 0 : ENAMETOOLONG;
		return NULL;
	}
	return xstrndup(text, (size_t)n);
}

static void replace(char **s, char *with)
{
	free(*s);
	*s = with;
}

/* One part of the path: real grows by it, or by where it leads to (which is then put before
 * rest). */
static int step(const struct ign_root *r, const char *part, bool follow, char **real, char **rest,
		int *links)
{
	_cleanup_(freep) char *next = NULL, *to = NULL;
	int errnum = 0;

	if (streq(part, "") || streq(part, "."))
		return 0;
	if (streq(part, "..")) {
		char *slash = strrchr(*real, '/');

		if (slash)
			*slash = '\0';
		return 0;
	}
	next = xasprintf("%s/%s", *real, part);
	if (follow)
		to = read_link(r, next, &errnum);
	if (errnum)
		return errnum;
	if (!to) {
		replace(real, TAKE_PTR(next));
		return 0;
	}
	if (++*links > LINKS_MAX)
		return ELOOP;
	if (*to == '/')
		**real = '\0';
	replace(rest, xasprintf("%s/%s", to, *rest));
	return strlen(*rest) > PATH_MAX ? ENAMETOOLONG : 0;
}

int ign_root_resolve(const struct ign_root *r, const char *path, char **ret_real, struct err *err)
{
	const char *slash = strrchr(path, '/');
	_cleanup_(freep) char *real = xstrdup("");
	_cleanup_(freep) char *rest = NULL;
	int links = 0, errnum = 0;

	if (*path != '/' || (!slash[1] && slash != path))
		return err_set(err, ERR_CONFIG, "%s is no absolute path of a file", path);
	rest = xstrndup(path, (size_t)(slash - path));
	while (*rest && !errnum) {
		size_t len = strcspn(rest, "/");
		_cleanup_(freep) char *part = xstrndup(rest, len);

		replace(&rest, xstrdup(rest + len + (rest[len] == '/')));
		errnum = step(r, part, true, &real, &rest, &links);
	}
	if (!errnum)
		errnum = step(r, slash + 1, false, &real, &rest, &links);
	if (errnum)
		return err_errno(err, errnum == ELOOP ? ERR_CONFIG : ERR_IO, errnum, "%s", path);
	*ret_real = *real ? TAKE_PTR(real) : xstrdup("/");
	return 0;
}

int ign_root_parent(const struct ign_root *r, const char *real, bool make, const char **ret_name,
		    struct err *err)
{
	_cleanup_(freep) char *so_far = xstrdup(real);
	_cleanup_(closep) int fd = open_real(r, "/", O_PATH | O_DIRECTORY);

	*ret_name = real[1] ? strrchr(real, '/') + 1 : ".";
	for (char *at = strchr(so_far + 1, '/'); fd >= 0 && at; at = strchr(at + 1, '/')) {
		_cleanup_(closep) int parent = TAKE_FD(fd);

		*at = '\0';
		fd = open_real(r, so_far, O_PATH | O_DIRECTORY);
		if (fd < 0 && errno == ENOENT && make) {
			if (mkdirat(parent, strrchr(so_far, '/') + 1, 0755) < 0)
				break;
			fd = open_real(r, so_far, O_PATH | O_DIRECTORY);
		}
		if (fd >= 0)
			*at = '/';
	}
	if (fd < 0)
		return err_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno, "%s",
				 so_far);
	return TAKE_FD(fd);
}

int ign_root_stat(const struct ign_root *r, const char *real, struct stat *ret, struct err *err)
{
	_cleanup_(closep) int fd = open_real(r, real, O_PATH | O_NOFOLLOW);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, ret) < 0)
		return err_errno(err, ERR_IO, errno, "%s", real);
	return 1;
}
