/* SPDX-License-Identifier: Apache-2.0 */
#include "blkpg.h"

#include "disk_identity.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>

/* How often, and how many milliseconds apart, a partition that is in use is asked to go: programs
 * that look at every device of the machine (blkid, btrfs, LVM) have each open for a moment. */
#define GO_TRIES    50
#define GO_AGAIN_MS 100

/* The partitions as the kernel has them now. */
struct known_list {
	struct blkpg_range *k;
	size_t n;
};

static void known_release(struct known_list *l)
{
	free(l->k);
}

static void dir_closep(DIR **d)
{
	if (*d)
		closedir(*d);
}

static int list_known(const char *name, struct known_list *ret, struct err *err)
{
	_cleanup_(freep) char *path = xasprintf("/sys/class/block/%s", name);
	_cleanup_(dir_closep) DIR *dir = opendir(path);
	struct dirent *e;

	if (!dir)
		return err_errno(err, ERR_IO, errno, "cannot list %s", path);
	while ((e = readdir(dir))) {
		_cleanup_(closep) int fd = -1;
		struct blkpg_range k;

		if (!startswith(e->d_name, name))
			continue;
		fd = openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		k = (struct blkpg_range){(unsigned int)sysfs_number(fd, "partition"),
					 sysfs_number(fd, "start") * 512,
					 sysfs_number(fd, "size") * 512};
		if (k.number > 0)
			*ARRAY_APPEND(ret->k, ret->n) = k;
	}
	return 0;
}

static int change(int fd, int op, unsigned int number, uint64_t start, uint64_t size)
{
	struct blkpg_partition part = {
		.pno = (int)number, .start = (long long)start, .length = (long long)size};
	struct blkpg_ioctl_arg arg = {.op = op, .datalen = sizeof(part), .data = &part};

	return ioctl(fd, BLKPG, &arg);
}

static bool is_in(const struct blkpg_range *r, const struct blkpg_range *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].number == r->number && list[i].start == r->start &&
		    list[i].size == r->size)
			return true;
	return false;
}

static int remove_one(int fd, unsigned int number)
{
	for (int i = 1; change(fd, BLKPG_DEL_PARTITION, number, 0, 0) < 0; i++) {
		if (errno == ENXIO)
			return 0;
		if (errno != EBUSY || i == GO_TRIES)
			return -errno;
		poll(NULL, 0, GO_AGAIN_MS);
	}
	return 0;
}

/* Of those that are not wanted; all of them or none. */
static int let_go(int fd, const char *name, const struct known_list *known,
		  const struct blkpg_range *want, size_t n, struct err *err)
{
	for (size_t i = 0; i < known->n; i++) {
		int r = is_in(&known->k[i], want, n) ? 0 : remove_one(fd, known->k[i].number);

		if (r == 0)
			continue;
		err_errno(err, r == -EBUSY ? ERR_BUSY : ERR_IO, -r,
			  "partition %u of %s cannot go; power the machine off and on to let go of "
			  "it",
			  known->k[i].number, name);
		while (i-- > 0) {
			const struct blkpg_range *k = &known->k[i];

			if (!is_in(k, want, n))
				(void)change(fd, BLKPG_ADD_PARTITION, k->number, k->start, k->size);
		}
		return -1;
	}
	return 0;
}

int blkpg_sync(int fd, const char *name, const struct blkpg_range *want, size_t n, struct err *err)
{
	_cleanup_(known_release) struct known_list known = {0};

	if (list_known(name, &known, err) < 0)
		return -1;
	if (let_go(fd, name, &known, want, n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (!is_in(&want[i], known.k, known.n) &&
		    change(fd, BLKPG_ADD_PARTITION, want[i].number, want[i].start, want[i].size) <
			    0)
			return err_errno(err, ERR_IO, errno, "cannot add partition %u of %s",
					 want[i].number, name);
	return 0;
}
