/* SPDX-License-Identifier: Apache-2.0 */
#include "blkpg.h"

#include "disk_identity.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <string.h>
#include <sys/ioctl.h>

/* A partition as the kernel has it now. */
struct known {
	unsigned int number;
	uint64_t start, size; /* bytes */
};

struct known_list {
	struct known *k;
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

static int list_known(const struct disk *d, struct known_list *ret, struct err *err)
{
	_cleanup_(freep) char *path = xasprintf("/sys/class/block/%s", d->name);
	_cleanup_(dir_closep) DIR *dir = opendir(path);
	struct dirent *e;

	if (!dir)
		return err_errno(err, ERR_IO, errno, "cannot list %s", path);
	while ((e = readdir(dir))) {
		_cleanup_(closep) int fd = -1;
		struct known k;

		if (!startswith(e->d_name, d->name))
			continue;
		fd = openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		k = (struct known){(unsigned int)sysfs_number(fd, "partition"),
				   sysfs_number(fd, "start") * 512, sysfs_number(fd, "size") * 512};
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

static bool is_wanted(const struct known *k, const struct layout *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->p[i].number == k->number && l->p[i].start == k->start &&
		    l->p[i].size == k->size)
			return true;
	return false;
}

static bool is_known(const struct layout_partition *p, const struct known_list *known)
{
	for (size_t i = 0; i < known->n; i++)
		if (known->k[i].number == p->number && known->k[i].start == p->start &&
		    known->k[i].size == p->size)
			return true;
	return false;
}

int blkpg_sync(int fd, const struct disk *d, const struct layout *l, struct err *err)
{
	_cleanup_(known_release) struct known_list known = {0};

	if (list_known(d, &known, err) < 0)
		return -1;
	for (size_t i = 0; i < known.n; i++)
		if (!is_wanted(&known.k[i], l) &&
		    change(fd, BLKPG_DEL_PARTITION, known.k[i].number, 0, 0) < 0 && errno != ENXIO)
			return err_errno(err, errno == EBUSY ? ERR_BUSY : ERR_IO, errno,
					 "partition %u of %s cannot go; power the machine off and "
					 "on to let go of it",
					 known.k[i].number, d->name);
	for (size_t i = 0; i < l->n; i++)
		if (!is_known(&l->p[i], &known) && change(fd, BLKPG_ADD_PARTITION, l->p[i].number,
							  l->p[i].start, l->p[i].size) < 0)
			return err_errno(err, ERR_IO, errno, "cannot add partition %u of %s",
					 l->p[i].number, d->name);
	return 0;
}
