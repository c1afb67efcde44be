/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_place.h"

#include "fsio.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

/* Folders in folders: each is open while those in it are gone through, and a process has 1024
 * descriptors. */
#define DEPTH_MAX 512

char *ign_place_temp(const char *name)
{
	uint64_t salt;

	if (getrandom(&salt, sizeof(salt), 0) != (ssize_t)sizeof(salt))
		BUG("the kernel has no random bytes");
	return xasprintf(".%.200s.%016llx", name, (unsigned long long)salt);
}

static void closedirp(DIR **d)
{
	if (*d)
		closedir(*d);
}

static int is_folder(int folder, const char *name, bool *ret_mounted)
{
	struct statx st;

	if (statx(folder, name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &st) < 0)
		return -1;
	*ret_mounted = st.stx_attributes & STATX_ATTR_MOUNT_ROOT;
	return S_ISDIR(st.stx_mode);
}

/* Goes through the folder from the leaves up: looks only, or removes. */
static int walk(int folder, const char *name, bool remove, unsigned int depth, struct err *err)
{
	_cleanup_(closedirp) DIR *dir = NULL;
	const struct dirent *e;
	bool mounted;
	int fd, r = is_folder(folder, name, &mounted);

	if (r < 0)
		return err_errno(err, ERR_IO, errno, "cannot look at %s", name);
	if (mounted)
		return err_set(err, ERR_REFUSED,
			       "a file system is mounted on %s; unmount it, or do not overwrite "
			       "the folder that it is in",
			       name);
	if (r == 0 && !remove)
		return 0;
	if (r == 0)
		return unlinkat(folder, name, 0) < 0
			       ? err_errno(err, ERR_IO, errno, "cannot remove %s", name)
			       : 0;
	if (depth == 0)
		return err_set(err, ERR_REFUSED,
			       "holds folders more than %d deep; remove them first", DEPTH_MAX);
	fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		err_errno(err, ERR_IO, errno, "cannot open %s", name);
		closep(&fd);
		return -1;
	}
	for (errno = 0; (e = readdir(dir)); errno = 0) {
		if (streq(e->d_name, ".") || streq(e->d_name, ".."))
			continue;
		if (walk(dirfd(dir), e->d_name, remove, depth - 1, err) < 0)
			return -1;
	}
	if (errno || (remove && unlinkat(folder, name, AT_REMOVEDIR) < 0))
		return err_errno(err, ERR_IO, errno, "cannot %s %s", remove ? "remove" : "read",
				 name);
	return 0;
}

int ign_place_remove(int folder, const char *name, struct err *err)
{
	struct stat st;

	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return 0;
	if (walk(folder, name, false, DEPTH_MAX, err) < 0)
		return -1;
	return walk(folder, name, true, DEPTH_MAX, err);
}

static bool is_directory(int folder, const char *name)
{
	struct stat st;

	return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static int put(int folder, const char *temp, const char *name, struct err *err)
{
	bool old = is_directory(folder, name), new = is_directory(folder, temp);
	unsigned int flags = old ? RENAME_EXCHANGE : 0;

	if (old && walk(folder, name, false, DEPTH_MAX, err) < 0)
		return -1;
	/* rename(2) puts no folder in a file's place */
	if (new && !old && faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		flags = RENAME_EXCHANGE;
	if (renameat2(folder, temp, folder, name, flags) < 0)
		return err_errno(err, ERR_IO, errno, "cannot replace %s", name);
	return 0;
}

int ign_place(int folder, const char *temp, const char *name, struct err *err)
{
	struct err ignored = ERR_INIT;

	/* after an exchange temp is the folder that was there */
	if (put(folder, temp, name, err) == 0)
		return ign_place_remove(folder, temp, err);
	if (ign_place_remove(folder, temp, &ignored) < 0)
		err_release(&ignored);
	return -1;
}

static int fill(int fd, const char *text, mode_t mode, uid_t uid, gid_t gid, struct err *err)
{
	struct stat st;

	if (fd_write_all(fd, text, strlen(text), err) < 0)
		return -1;
	if (fstat(fd, &st) < 0 ||
	    ((st.st_uid != uid || st.st_gid != gid) && fchown(fd, uid, gid) < 0) ||
	    fchmod(fd, mode) < 0 || fsync(fd) < 0)
		return err_errno(err, ERR_IO, errno, "cannot finish the file");
	return 0;
}

int ign_place_text(int folder, const char *name, const char *text, mode_t mode, uid_t uid,
		   gid_t gid, struct err *err)
{
	_cleanup_(freep) char *temp = ign_place_temp(name);
	_cleanup_(closep) int fd =
		openat(folder, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot create %s", name);
	r = fill(fd, text, mode, uid, gid, err);
	if (r == 0 && renameat(folder, temp, folder, name) < 0)
		r = err_errno(err, ERR_IO, errno, "cannot replace %s", name);
	if (r < 0)
		unlinkat(folder, temp, 0);
	return r;
}
