/* SPDX-License-Identifier: Apache-2.0 */
#include "btrfs_make.h"

#include "runcmd.h"
#include "signature.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

static int wipe_device(const char *path, struct err *err)
{
	/* O_EXCL: not while it is mounted */
	_cleanup_(closep) int fd = open(path, O_RDWR | O_EXCL | O_CLOEXEC);
	uint64_t size;

	if (fd < 0)
		return err_errno(err, errno == EBUSY ? ERR_BUSY : ERR_IO, errno, "cannot open %s",
				 path);
	if (ioctl(fd, BLKGETSIZE64, &size) < 0)
		return err_errno(err, ERR_IO, errno, "cannot tell the size of %s", path);
	if (signatures_wipe(fd, 0, size, err) < 0)
		return err_wrap(err, "%s", path);
	return 0;
}

/* mkfs syncs; this proves it to the caller, who reports the step as done. */
static int sync_device(const char *path, struct err *err)
{
	_cleanup_(closep) int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return err_errno(err, ERR_IO, errno, "cannot sync %s", path);
	return 0;
}

int btrfs_make(const struct pool_spec *pool, const char *uuid, const struct strv *members,
	       struct err *err)
{
	const char *const fixed[] = {"mkfs.btrfs", "--quiet",
				     /* old data goes when the installed system trims */
				     "--nodiscard", "--uuid", uuid, "--label", pool->name, "--data",
				     profile_name(pool->data), "--metadata",
				     profile_name(pool->metadata), "--"};
	_cleanup_(freep) const char **argv =
		xcalloc(ARRAY_SIZE(fixed) + members->n + 1, sizeof(*argv));

	memcpy(argv, fixed, sizeof(fixed));
	for (size_t i = 0; i < members->n; i++)
		argv[ARRAY_SIZE(fixed) + i] = members->v[i];
	for (size_t i = 0; i < members->n; i++)
		if (wipe_device(members->v[i], err) < 0)
			return -1;
	/* without --force: what is not blank by now is refused once more */
	if (runcmd_argv(argv, err) < 0)
		return -1;
	for (size_t i = 0; i < members->n; i++)
		if (sync_device(members->v[i], err) < 0)
			return -1;
	return 0;
}

int fat_make(const char *path, const char *uuid, struct err *err)
{
	_cleanup_(freep) char *volume_id = xstrndup(uuid, 8);
	const char *const argv[] = {"mkfs.vfat", "-F",  "32", "-i", volume_id,
				    "-n",        "ESP", path, NULL};

	if (wipe_device(path, err) < 0 || runcmd_argv(argv, err) < 0)
		return -1;
	return sync_device(path, err);
}
