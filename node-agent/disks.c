/* SPDX-License-Identifier: Apache-2.0 */
#include "disks.h"

#include "disk_identity.h"
#include "limits.h"
#include "signature.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>

struct source {
	const char *sysfs, *dev;
};

static void dir_closep(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* Whether /sys/block/NAME is a disk. What has no hardware behind it has no `device`: loop, ram,
 * zram, md, device-mapper, nbd. */
static bool is_disk(int dirfd, const char *name)
{
	if (faccessat(dirfd, "device", F_OK, 0) != 0)
		return false;
	if (startswith(name, "sr") || startswith(name, "fd") || startswith(name, "mtdblock"))
		return false;
	/* boot areas and the replay-protected one of eMMC */
	if (startswith(name, "mmcblk") && (strstr(name, "boot") || strstr(name, "rpmb")))
		return false;
	return sysfs_number(dirfd, "hidden") == 0 && sysfs_number(dirfd, "size") > 0;
}

static int read_content(int fd, struct disk *d, struct err *err)
{
	if (signatures_read(fd, 0, d->size, &d->signatures, &d->n_signatures, err) < 0)
		return -1;
	if (partitions_read(fd, &d->partitions, &d->n_partitions, err) < 0)
		return -1;
	for (size_t i = 0; i < d->n_partitions; i++) {
		struct disk_partition *p = &d->partitions[i];

		/* a table may name what the disk does not have */
		if (p->start >= d->size || p->size > d->size - p->start)
			continue;
		if (signatures_read(fd, p->start, p->size, &p->signatures, &p->n_signatures, err) <
		    0)
			return -1;
	}
	if (!d->n_signatures && !d->n_partitions)
		return signatures_read_unknown(fd, d->size, &d->signatures, &d->n_signatures, err);
	return 0;
}

int disk_read_again(int fd, const struct disk *d, struct disk *ret, struct err *err)
{
	struct disk now = {
		.size = d->size,
		.sector = d->sector,
		.rotational = d->rotational,
		.removable = d->removable,
		.read_only = d->read_only,
		.transport = d->transport,
	};

	if (read_content(fd, &now, err) < 0) {
		disk_release(&now);
		return -1;
	}
	now.name = xstrdup(d->name);
	now.serial = xstrdup(d->serial);
	now.wwn = xstrdup(d->wwn);
	now.by_id = xstrdup(d->by_id);
	now.model = xstrdup(d->model);
	*ret = now;
	return 0;
}

static void read_device(const char *path, struct disk *d)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct err err = ERR_INIT;

	if (fd < 0) {
		d->unreadable = xasprintf("cannot open %s: %s", path, strerror(errno));
		return;
	}
	if (read_content(fd, d, &err) < 0)
		d->unreadable = xstrdup(err_text(&err));
	err_release(&err);
}

/* Properties of the block layer, which a loop device has as well. */
static void read_block(int dirfd, const char *name, struct disk *d)
{
	d->name = xstrdup(name);
	/* sysfs counts in 512 bytes whatever the sector size is */
	d->size = sysfs_number(dirfd, "size") * 512;
	d->sector = (uint32_t)sysfs_number(dirfd, "queue/logical_block_size");
	if (d->sector == 0)
		d->sector = 512;
	d->rotational = sysfs_number(dirfd, "queue/rotational") != 0;
	d->removable = sysfs_number(dirfd, "removable") != 0;
	d->read_only = sysfs_number(dirfd, "ro") != 0;
}

/* The kernel writes '/' in a device name ("cciss/c0d0") as '!' in sysfs. */
static char *device_path(const char *dev, const char *name)
{
	char *path = xasprintf("%s/%s", dev, name);

	for (char *c = path + strlen(dev) + 1; *c; c++)
		if (*c == '!')
			*c = '/';
	return path;
}

static struct disk *append_disk(struct disk_list *l, struct err *err)
{
	if (l->n >= LIMIT_DISKS) {
		err_set(err, ERR_REFUSED, "this machine has more than %d disks", LIMIT_DISKS);
		return NULL;
	}
	return ARRAY_APPEND(l->d, l->n);
}

static int read_one(const struct source *s, int block, const char *name, struct disk_list *l,
		    struct err *err)
{
	_cleanup_(closep) int dirfd = openat(block, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(freep) char *path = NULL;
	struct disk *d;

	if (dirfd < 0 || !is_disk(dirfd, name))
		return 0;
	d = append_disk(l, err);
	if (!d)
		return -1;
	read_block(dirfd, name, d);
	disk_identity_read(dirfd, name, d);
	path = device_path(s->dev, name);
	read_device(path, d);
	return 0;
}

static int read_named(const struct source *s, const struct disk_named *named, struct disk_list *l,
		      struct err *err)
{
	const char *slash = strrchr(named->path, '/');
	const char *name = slash ? slash + 1 : named->path;
	_cleanup_(freep) char *folder = xasprintf("%s/class/block/%s", s->sysfs, name);
	_cleanup_(closep) int dirfd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct disk *d;

	if (dirfd < 0)
		return err_errno(err, ERR_IO, errno, "no block device %s", named->path);
	d = append_disk(l, err);
	if (!d)
		return -1;
	read_block(dirfd, name, d);
	d->serial = xstrdup(named->serial);
	d->transport = named->transport;
	read_device(named->path, d);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(((const struct disk *)a)->name, ((const struct disk *)b)->name);
}

static int read_all(const struct source *s, struct disk_list *l, struct err *err)
{
	_cleanup_(freep) char *folder = xasprintf("%s/block", s->sysfs);
	_cleanup_(dir_closep) DIR *block = opendir(folder);
	struct dirent *e;

	if (!block)
		return err_errno(err, ERR_IO, errno, "cannot list %s", folder);
	while ((e = readdir(block)))
		if (e->d_name[0] != '.' && read_one(s, dirfd(block), e->d_name, l, err) < 0)
			return -1;
	if (l->n > 0)
		qsort(l->d, l->n, sizeof(*l->d), by_name);
	return 0;
}

int disks_read(const struct disks_options *options, struct disk_list *ret_list, struct err *err)
{
	static const struct disks_options none;
	const struct disks_options *o = options ? options : &none;
	struct source s = {o->sysfs ? o->sysfs : "/sys", o->dev ? o->dev : "/dev"};
	_cleanup_(disk_list_release) struct disk_list l = {0};

	if (o->n_named == 0 && read_all(&s, &l, err) < 0)
		return -1;
	for (size_t i = 0; i < o->n_named; i++)
		if (read_named(&s, &o->named[i], &l, err) < 0)
			return -1;
	*ret_list = l;
	l = (struct disk_list){0};
	return 0;
}

int disks_find(const struct disk_list *list, const char *id, const struct disk **ret,
	       struct err *err)
{
	const struct disk *found = NULL;

	for (size_t i = 0; i < list->n; i++) {
		if (!streq_null(disk_id(&list->d[i]), id))
			continue;
		if (found)
			return err_set(err, ERR_REFUSED,
				       "disk %s: %s and %s both say that they are it; "
				       "disconnect one of them",
				       id, found->name, list->d[i].name);
		found = &list->d[i];
	}
	if (!found)
		return err_set(err, ERR_REFUSED,
			       "disk %s is not in this machine; connect it, or name another disk "
			       "in the node's file",
			       id);
	*ret = found;
	return 0;
}

char *disk_path(const struct disk *d)
{
	return device_path("/dev", d->name);
}

char *disk_partition_path(const struct disk *d, unsigned int number)
{
	_cleanup_(freep) char *path = disk_path(d);
	char last = path[strlen(path) - 1];

	return xasprintf("%s%s%u", path, last >= '0' && last <= '9' ? "p" : "", number);
}
