/* SPDX-License-Identifier: Apache-2.0 */
#include "btrfs.h"

#include "btrfs_make.h"
#include "disks.h"
#include "layout.h"
#include "member.h"
#include "part.h"

#include <btrfsutil.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/btrfs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

char *btrfs_mount_options(const struct pool_spec *pool, const char *subvolume)
{
	const char *compression = pool->compression ? pool->compression : COMPRESSION_DEFAULT;
	_cleanup_(freep) char *which =
		subvolume ? xasprintf("subvol=%s", subvolume) : xstrdup("subvolid=5");

	if (streq(compression, "none"))
		return TAKE_PTR(which);
	return xasprintf("%s,compress=%s", which, compression);
}

int btrfs_scan(const struct strv *members, struct err *err)
{
	_cleanup_(closep) int fd = open("/dev/btrfs-control", O_RDWR | O_CLOEXEC);
	struct btrfs_ioctl_vol_args none = {0};

	if (fd < 0)
		return err_errno(err, ERR_IO, errno,
				 "cannot open /dev/btrfs-control (has the kernel btrfs?)");
	/* What the kernel remembers of disks that are gone, or have another name by now, under the
	 * same UUID would fail the mount; without a name it forgets all that are not mounted. */
	if (ioctl(fd, BTRFS_IOC_FORGET_DEV, &none) < 0)
		return err_errno(err, ERR_IO, errno, "btrfs does not forget old disks");
	for (size_t i = 0; i < members->n; i++) {
		struct btrfs_ioctl_vol_args args = {0};
		size_t len = strlen(members->v[i]);

		if (len >= sizeof(args.name))
			return err_set(err, ERR_INTERNAL, "%s: too long a name", members->v[i]);
		memcpy(args.name, members->v[i], len);
		if (ioctl(fd, BTRFS_IOC_SCAN_DEV, &args) < 0)
			return err_errno(err, ERR_IO, errno, "btrfs does not take %s",
					 members->v[i]);
	}
	return 0;
}

/*
 * The top of the file system as a folder that hangs nowhere (fsmount(2)): it is gone with its
 * descriptor, also when this process is killed.
 */
static int open_top(const struct strv *members, struct err *err)
{
	_cleanup_(closep) int fs = -1, mounted = -1;
	int top;

	if (btrfs_scan(members, err) < 0)
		return -1;
	fs = fsopen("btrfs", FSOPEN_CLOEXEC);
	if (fs < 0 || fsconfig(fs, FSCONFIG_SET_STRING, "source", members->v[0], 0) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "subvolid", "5", 0) < 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return err_errno(err, ERR_IO, errno, "cannot mount %s", members->v[0]);
	mounted = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	/* fsmount gives an O_PATH descriptor, on which no ioctl works */
	top = mounted < 0 ? -1 : openat(mounted, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (top < 0)
		return err_errno(err, ERR_IO, errno, "cannot mount %s", members->v[0]);
	return top;
}

/* One folder of a subvolume's path; what is there already may be a folder or a subvolume. */
static int step_down(int at, const char *name, bool last, struct err *err)
{
	enum btrfs_util_error e;
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT) {
		if (!last) {
			if (mkdirat(at, name, 0755) < 0)
				return err_errno(err, ERR_IO, errno, "cannot make folder %s", name);
		} else {
			e = btrfs_util_create_subvolume_fd(at, name, 0, NULL, NULL);
			if (e != BTRFS_UTIL_OK)
				return err_set(err, ERR_IO, "%s", btrfs_util_strerror(e));
		}
		fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot open %s", name);
	return fd;
}

static int make_subvolume(int top, const char *path, struct err *err)
{
	_cleanup_(freep) char *copy = xstrdup(path);
	_cleanup_(closep) int at = dup(top);
	enum btrfs_util_error e;
	char *rest = copy, *name;

	if (at < 0)
		return err_errno(err, ERR_IO, errno, "cannot open the pool");
	while ((name = strsep(&rest, "/"))) {
		int next = step_down(at, name, rest == NULL, err);

		if (next < 0)
			return -1;
		close(at);
		at = next;
	}
	e = btrfs_util_is_subvolume_fd(at);
	if (e != BTRFS_UTIL_OK)
		return err_set(err, ERR_REFUSED,
			       "there is a folder of this name; move it away, or name another "
			       "subvolume in the node's file");
	return 0;
}

static int make_subvolumes(const struct pool_spec *pool, const struct strv *members,
			   struct err *err)
{
	_cleanup_(closep) int top = open_top(members, err);

	if (top < 0)
		return -1;
	for (size_t i = 0; i < pool->n_subvolumes; i++)
		if (make_subvolume(top, pool->subvolumes[i].name, err) < 0)
			return err_wrap(err, "subvolume %s", pool->subvolumes[i].name);
	if (syncfs(top) < 0)
		return err_errno(err, ERR_IO, errno, "cannot sync");
	return 0;
}

static int run_pool(const struct plan *plan, const struct plan_pool *pool,
		    const struct disk_list *disks, bool finished, struct err *err)
{
	_cleanup_(strv_release) struct strv members = {0};
	char uuid[UUID_TEXT_SIZE];

	if (members_find(plan, pool, disks, &members, err) < 0)
		return -1;
	pool_fs_uuid(plan, pool, uuid);
	if (!pool->adopt && !finished && btrfs_make(&pool->spec, uuid, &members, err) < 0)
		return -1;
	return make_subvolumes(&pool->spec, &members, err);
}

static int make_esps(const struct plan *plan, const struct disk_list *disks, struct err *err)
{
	struct sha256 id = plan_id(plan);

	for (size_t i = 0; i < plan->n_disks; i++) {
		const struct plan_disk *pd = &plan->disks[i];
		_cleanup_(freep) char *key = xasprintf("esp-fs/%s", pd->id);
		_cleanup_(freep) char *path = NULL;
		char uuid[UUID_TEXT_SIZE];
		const struct disk *d;

		if (pd->action != ACTION_ERASE || !streq_null(pd->pool, POOL_SYSTEM))
			continue;
		if (disks_find(disks, pd->id, &d, err) < 0)
			return -1;
		path = disk_partition_path(d, LAYOUT_ESP);
		if (fat_make(path, plan_uuid(&id, key, uuid), err) < 0)
			return err_wrap(err, "disk %s: EFI system partition", pd->id);
	}
	return 0;
}

static int check_profiles(const struct plan_pool *pool, size_t n, struct err *err)
{
	const enum btrfs_profile wanted[] = {pool->spec.data, pool->spec.metadata};

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (n < profile_min_devices(wanted[i]))
			return err_set(err, ERR_REFUSED,
				       "pool %s: %s wants %u disks, the plan gives it %zu; give it "
				       "more disks or another profile in the node's file",
				       pool->spec.name, profile_name(wanted[i]),
				       profile_min_devices(wanted[i]), n);
	return 0;
}

int btrfs_check(const struct plan *plan, const struct disk_list *disks, struct err *err)
{
	for (size_t i = 0; i < plan->n_pools; i++) {
		const struct plan_pool *pool = &plan->pools[i];
		_cleanup_(strv_release) struct strv members = {0};

		if (members_find(plan, pool, disks, &members, err) < 0)
			return -1;
		if (!pool->adopt && check_profiles(pool, members.n, err) < 0)
			return -1;
	}
	return 0;
}

int btrfs_run(const struct plan *plan, const struct disk_list *disks, bool finished,
	      const struct progress *progress, struct err *err)
{
	if (part_check_ready(plan, disks, err) < 0 ||
	    members_check(plan, disks, finished, err) < 0 || btrfs_check(plan, disks, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->n_pools; i++) {
		const struct plan_pool *pool = &plan->pools[i];

		progress_tell(progress, i, plan->n_pools, pool->spec.name);
		if (run_pool(plan, pool, disks, finished, err) < 0)
			return err_wrap(err, "pool %s", pool->spec.name);
	}
	if (!finished && make_esps(plan, disks, err) < 0)
		return -1;
	progress_tell(progress, plan->n_pools, plan->n_pools, NULL);
	return 0;
}
