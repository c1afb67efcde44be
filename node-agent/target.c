/* SPDX-License-Identifier: Apache-2.0 */
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "fsio.h"
#include "parse.h"

/* passwd and group of a Debian have a few thousand bytes. */
#define LIMIT_ACCOUNTS (1024 * 1024)

static int open_in_root(int root, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

static int failed(struct err *err, const char *path)
{
	return err_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno,
			 "%s on the new system", path);
}

/* Opens the folder, one part after the other, making what is missing. A link to a folder that does
 * not exist is an error, not a folder in its place. */
static int open_folder(int root, const char *path, struct err *err)
{
	_cleanup_(freep) char *so_far = xstrdup("");
	int fd = open_in_root(root, "/", O_PATH | O_DIRECTORY);

	for (const char *at = path; fd >= 0 && *at;) {
		_cleanup_(closep) int parent = -1;
		_cleanup_(freep) char *part = NULL, *longer = NULL;
		size_t len;

		at += strspn(at, "/");
		len = strcspn(at, "/");
		if (len == 0)
			break;
		part = xstrndup(at, len);
		longer = xasprintf("%s/%s", so_far, part);
		free(so_far);
		so_far = TAKE_PTR(longer);
		at += len;
		parent = TAKE_FD(fd);
		fd = open_in_root(root, so_far, O_PATH | O_DIRECTORY);
		if (fd < 0 && errno == ENOENT) {
			if (mkdirat(parent, part, 0755) < 0)
				return failed(err, path);
			/* whatever the umask is */
			if (fchmodat(parent, part, 0755, 0) < 0)
				return failed(err, path);
			fd = open_in_root(root, so_far, O_PATH | O_DIRECTORY);
		}
	}
	return fd < 0 ? failed(err, path) : fd;
}

int target_parent(int root, const char *path, const char **ret_name, struct err *err)
{
	const char *slash = strrchr(path, '/');
	_cleanup_(freep) char *folder = NULL;

	*ret_name = slash ? slash + 1 : path;
	if (path[0] != '/' || !**ret_name || streq(*ret_name, ".") || streq(*ret_name, ".."))
		return err_set(err, ERR_PROTOCOL, "%s is no absolute path of a file", path);
	folder = xstrndup(path, (size_t)(slash - path));
	return open_folder(root, folder, err);
}

static int set_owner_and_mode(int fd, mode_t mode, struct target_owner owner)
{
	return fchown(fd, owner.uid, owner.gid) < 0 || fchmod(fd, mode) < 0 ? -1 : 0;
}

int target_write(int root, const char *path, const void *data, size_t len, mode_t mode,
		 struct target_owner owner, struct err *err)
{
	_cleanup_(closep) int folder = -1, fd = -1;
	_cleanup_(freep) char *temp = NULL;
	const char *name;

	folder = target_parent(root, path, &name, err);
	if (folder < 0)
		return -1;
	temp = xasprintf(".%s.new", name);
	if (unlinkat(folder, temp, 0) < 0 && errno != ENOENT)
		return failed(err, path);
	fd = openat(folder, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return failed(err, path);
	if (fd_write_all(fd, data, len, err) < 0) {
		unlinkat(folder, temp, 0);
		return err_wrap(err, "%s", path);
	}
	if (set_owner_and_mode(fd, mode, owner) < 0 || renameat(folder, temp, folder, name) < 0) {
		int saved = errno;

		unlinkat(folder, temp, 0);
		errno = saved;
		return failed(err, path);
	}
	return 0;
}

int target_mkdir(int root, const char *path, mode_t mode, struct target_owner owner,
		 struct err *err)
{
	_cleanup_(closep) int path_fd = open_folder(root, path, err);
	_cleanup_(closep) int fd = -1;

	if (path_fd < 0)
		return -1;
	fd = openat(path_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || set_owner_and_mode(fd, mode, owner) < 0)
		return failed(err, path);
	return 0;
}

int target_link(int root, const char *path, const char *to, struct target_owner owner,
		struct err *err)
{
	_cleanup_(closep) int folder = -1;
	const char *name;

	folder = target_parent(root, path, &name, err);
	if (folder < 0)
		return -1;
	if (unlinkat(folder, name, 0) < 0 && errno != ENOENT)
		return failed(err, path);
	if (symlinkat(to, folder, name) < 0 ||
	    fchownat(folder, name, owner.uid, owner.gid, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(err, path);
	return 0;
}

int target_read(int root, const char *path, size_t max, char **ret_data, size_t *ret_len,
		struct err *err)
{
	/* a pipe would never open, and a device do who knows what */
	_cleanup_(closep) int fd = open_in_root(root, path, O_PATH);
	_cleanup_(freep) char *again = NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return failed(err, path);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_REFUSED,
			       "%s on the new system is no regular file; make it one", path);
	again = xasprintf("/proc/self/fd/%d", fd);
	return file_read(AT_FDCWD, again, max, ret_data, ret_len, err);
}

bool target_exists(int root, const char *path)
{
	_cleanup_(closep) int fd = open_in_root(root, path, O_PATH);

	return fd >= 0;
}

/* The line that starts with "NAME:", split at its colons. */
static int find_line(int root, const char *file, const char *name, struct strv *ret_fields,
		     struct err *err)
{
	_cleanup_(freep) char *text = NULL, *start = xasprintf("%s:", name);
	const char *line;
	size_t len;

	if (target_read(root, file, LIMIT_ACCOUNTS, &text, &len, err) < 0)
		return -1;
	for (line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (startswith(line, start))
			break;
	}
	if (!line || !*line)
		return err_set(
			err, ERR_CONFIG,
			"%s on the new system has no %s; name an account of the image or one "
			"of the plan's users",
			file, name);
	for (bool more = true; more;) {
		len = strcspn(line, ":\n");
		strv_take(ret_fields, xstrndup(line, len));
		more = line[len] == ':';
		line += len + more;
	}
	return 0;
}

/* The number in this field (from 0). */
static int number(const char *file, const struct strv *fields, size_t i, uint32_t *ret,
		  struct err *err)
{
	uint64_t n;

	if (fields->n <= i)
		return err_set(err, ERR_CONFIG, "%s: a line has too few fields", file);
	if (parse_u64(fields->v[i], UINT32_MAX - 1, &n, err) < 0)
		return err_wrap(err, "%s", file);
	*ret = (uint32_t)n;
	return 0;
}

static int find_number(int root, const char *file, const char *name, uint32_t *ret, struct err *err)
{
	_cleanup_(strv_release) struct strv fields = {0};

	if (find_line(root, file, name, &fields, err) < 0)
		return -1;
	return number(file, &fields, 2, ret, err);
}

int target_account_find(int root, const char *user, struct target_owner *ret_owner, char **ret_home,
			struct err *err)
{
	static const char file[] = "/etc/passwd";
	_cleanup_(strv_release) struct strv fields = {0};
	struct target_owner owner;

	if (find_line(root, file, user, &fields, err) < 0 ||
	    number(file, &fields, 2, &owner.uid, err) < 0 ||
	    number(file, &fields, 3, &owner.gid, err) < 0)
		return -1;
	if (fields.n < 6 || fields.v[5][0] != '/')
		return err_set(err, ERR_CONFIG, "%s: %s: has no home folder", file, user);
	*ret_owner = owner;
	*ret_home = xstrdup(fields.v[5]);
	return 0;
}

int target_uid_name(int root, uid_t uid, char **ret_name, struct err *err)
{
	_cleanup_(freep) char *text = NULL;
	size_t len;

	if (target_read(root, "/etc/passwd", LIMIT_ACCOUNTS, &text, &len, err) < 0)
		return -1;
	*ret_name = NULL;
	for (char *rest = text, *line; !*ret_name && (line = strsep(&rest, "\n"));) {
		const char *name = strsep(&line, ":"), *is = NULL;
		struct err bad = ERR_INIT;
		uint64_t n;

		strsep(&line, ":"); /* the password */
		is = strsep(&line, ":");
		if (!is || parse_u64(is, UINT32_MAX - 1, &n, &bad) < 0)
			err_release(&bad);
		else if (n == uid)
			*ret_name = xstrdup(name);
	}
	return 0;
}

int target_owner_find(int root, const char *user, const char *group, struct target_owner *ret,
		      struct err *err)
{
	uint32_t uid = 0, gid = 0;

	if (user && !streq(user, "root") && find_number(root, "/etc/passwd", user, &uid, err) < 0)
		return -1;
	if (group && !streq(group, "root") && find_number(root, "/etc/group", group, &gid, err) < 0)
		return -1;
	*ret = (struct target_owner){uid, gid};
	return 0;
}
