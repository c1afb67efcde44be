/* SPDX-License-Identifier: Apache-2.0 */
#include "fsmount.h"

#include "btrfs.h"
#include "fsio.h"
#include "member.h"

#include <errno.h>
#include <fcntl.h>
#include <libmount/libmount.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static const char *const binds[] = {"/dev", "/dev/pts", "/proc", "/sys", "/run"};

static void tablep(struct libmnt_table **t)
{
	mnt_unref_table(*t);
}

static struct libmnt_table *read_mounts(struct err *err)
{
	struct libmnt_table *t = mnt_new_table_from_file("/proc/self/mountinfo");

	if (!t)
		err_errno(err, ERR_IO, errno ? errno : EIO, "cannot read the mounts");
	return t;
}

/* What is mounted at path now; NULL: nothing. */
static struct libmnt_fs *mounted_at(struct libmnt_table *t, const char *path)
{
	return mnt_table_find_target(t, path, MNT_ITER_BACKWARD);
}

static int open_in_root(int rootfd, const char *path)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, rootfd, path, &how, sizeof(how));
}

/* Opens the folder `path` of the tree below rootfd, made when missing. Symbolic links of the tree
 * stay in the tree. */
static int open_mountpoint(int rootfd, const char *path, struct err *err)
{
	_cleanup_(freep) char *copy = xstrdup(path);
	_cleanup_(closep) int at = open_in_root(rootfd, "/");
	char *rest = copy, *name;

	while (at >= 0 && (name = strsep(&rest, "/"))) {
		_cleanup_(freep) char *so_far =
			xstrndup(path, (size_t)(name - copy) + strlen(name));
		int next;

		if (!*name)
			continue;
		next = open_in_root(rootfd, so_far);
		if (next < 0 && errno == ENOENT && mkdirat(at, name, 0755) == 0)
			next = open_in_root(rootfd, so_far);
		close(at);
		at = next;
	}
	if (at < 0)
		return err_errno(err, ERR_IO, errno, "cannot open folder %s of the target", path);
	return TAKE_FD(at);
}

/* The path by which the kernel lists a mount on this folder. */
static char *real_path(int fd)
{
	_cleanup_(freep) char *link = xasprintf("/proc/self/fd/%d", fd);

	return realpath(link, NULL);
}

static bool is_from(struct libmnt_fs *fs, const struct strv *devices, const char *subvolume)
{
	const char *source = mnt_fs_get_srcpath(fs);
	const char *in = mnt_fs_get_root(fs);

	if (!source || !strv_has(devices, source))
		return false;
	/* mountinfo tells a subvolume by its path in the file system */
	return !subvolume || !in || streq(*in == '/' ? in + 1 : in, subvolume);
}

/* Mounts devices (all members of one file system) on the opened folder. */
static int mount_on(int fd, const struct strv *devices, const char *type, const char *options,
		    const char *subvolume, struct err *err)
{
	_cleanup_(tablep) struct libmnt_table *t = read_mounts(err);
	_cleanup_(freep) char *path = real_path(fd);
	_cleanup_(freep) char *at = xasprintf("/proc/self/fd/%d", fd);
	struct libmnt_fs *there;

	if (!t)
		return -1;
	if (!path)
		return err_errno(err, ERR_IO, errno, "cannot name a mount point");
	there = mounted_at(t, path);
	if (there && is_from(there, devices, subvolume))
		return 0;
	if (there)
		return err_set(err, ERR_BUSY, "%s is mounted at %s already",
			       mnt_fs_get_source(there), path);
	if (mount(devices->v[0], at, type, 0, options) < 0)
		return err_errno(err, ERR_IO, errno, "cannot mount %s at %s", devices->v[0], path);
	return 0;
}

int fsmount_device(const char *device, const char *path, const char *type, const char *options,
		   struct err *err)
{
	_cleanup_(strv_release) struct strv devices = {0};
	_cleanup_(closep) int fd = -1;

	if (dir_make(AT_FDCWD, path, 0755, err) < 0)
		return -1;
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot open %s", path);
	strv_add(&devices, device);
	return mount_on(fd, &devices, type, options, NULL, err);
}

/* The subvolume of a mount, to recognise it; NULL for a pool's top. */
static const char *subvolume_of(const struct fs_mount *m)
{
	const struct pool_spec *spec = &m->pool->spec;

	for (size_t i = 0; i < spec->n_subvolumes; i++)
		if (streq_null(spec->subvolumes[i].mount, m->path))
			return spec->subvolumes[i].name;
	return NULL;
}

static int mount_one(const struct plan *plan, const struct fs_mount *m,
		     const struct disk_list *disks, int root, struct err *err)
{
	_cleanup_(strv_release) struct strv devices = {0};
	_cleanup_(freep) char *path = real_path(root);
	_cleanup_(closep) int rootfd = -1, fd = -1;

	if (members_find(plan, m->pool, disks, &devices, err) < 0 || btrfs_scan(&devices, err) < 0)
		return -1;
	/* opened anew each time: what is mounted on it by now counts */
	rootfd = path ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	if (rootfd < 0)
		return err_errno(err, ERR_IO, errno, "cannot open the target");
	fd = open_mountpoint(rootfd, m->path, err);
	if (fd < 0)
		return -1;
	return mount_on(fd, &devices, m->type, m->options, subvolume_of(m), err);
}

int fsmount_target(const struct plan *plan, const struct disk_list *disks, const char *root,
		   struct err *err)
{
	_cleanup_(fs_table_release) struct fs_table t = {0};
	_cleanup_(closep) int rootfd = -1;

	if (fs_table_build(plan, &t, err) < 0 || dir_make(AT_FDCWD, root, 0755, err) < 0)
		return -1;
	rootfd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rootfd < 0)
		return err_errno(err, ERR_IO, errno, "cannot open %s", root);
	for (size_t i = 0; i < t.n; i++)
		if (t.m[i].pool && mount_one(plan, &t.m[i], disks, rootfd, err) < 0)
			return err_wrap(err, "%s", t.m[i].path);
	return 0;
}

int fsmount_bind(const char *root, struct err *err)
{
	_cleanup_(tablep) struct libmnt_table *t = read_mounts(err);
	_cleanup_(closep) int rootfd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (!t)
		return -1;
	if (rootfd < 0)
		return err_errno(err, ERR_IO, errno, "cannot open %s", root);
	for (size_t i = 0; i < ARRAY_SIZE(binds); i++) {
		_cleanup_(closep) int fd = -1;
		_cleanup_(freep) char *path = NULL;
		_cleanup_(freep) char *at = NULL;

		if (access(binds[i], F_OK) < 0)
			continue;
		fd = open_mountpoint(rootfd, binds[i], err);
		if (fd < 0)
			return -1;
		path = real_path(fd);
		at = xasprintf("/proc/self/fd/%d", fd);
		if (path && mounted_at(t, path))
			continue;
		if (mount(binds[i], at, NULL, MS_BIND, NULL) < 0)
			return err_errno(err, ERR_IO, errno, "cannot bind %s into %s", binds[i],
					 root);
	}
	return 0;
}

static int unmount(const char *path, struct err *err)
{
	/* EINVAL: no mount point any more */
	if (umount2(path, UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
		return err_errno(err, errno == EBUSY ? ERR_BUSY : ERR_IO, errno,
				 "cannot unmount %s", path);
	return 0;
}

int fsmount_unbind(const char *root, struct err *err)
{
	for (size_t i = ARRAY_SIZE(binds); i > 0; i--) {
		_cleanup_(freep) char *path = xasprintf("%s%s", root, binds[i - 1]);

		if (unmount(path, err) < 0)
			return -1;
	}
	return 0;
}

int fsmount_release(const char *root, struct err *err)
{
	_cleanup_(tablep) struct libmnt_table *t = read_mounts(err);
	_cleanup_(freep) char *real = realpath(root, NULL);
	_cleanup_(freep) char *below = NULL;
	struct libmnt_iter *it;
	struct libmnt_fs *fs;
	int r = 0;

	if (!t)
		return -1;
	if (!real)
		return 0;
	below = xasprintf("%s/", real);
	it = mnt_new_iter(MNT_ITER_BACKWARD);
	while (r == 0 && mnt_table_next_fs(t, it, &fs) == 0) {
		const char *target = mnt_fs_get_target(fs);

		if (streq(target, real) || startswith(target, below))
			r = unmount(target, err);
	}
	mnt_free_iter(it);
	return r;
}
