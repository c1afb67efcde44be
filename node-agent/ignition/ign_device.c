/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_device.h"

#include "parse.h"
#include "runcmd.h"
#include "signature.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

/* Behind the first superblock of a btrfs, at 64 KiB. */
#define BTRFS_SPARES (1024u * 1024)

int ign_device_resolve(const char *device, char **ret, struct err *err)
{
	_cleanup_(freep) char *node = realpath(device, NULL);
	struct stat st;

	if (!node || stat(node, &st) < 0)
		return err_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno, "%s",
				 device);
	if (!S_ISBLK(st.st_mode))
		return err_set(err, ERR_REFUSED, "%s is no block device", device);
	*ret = TAKE_PTR(node);
	return 0;
}

int ign_device_size(const char *node, uint64_t *ret_size, uint32_t *ret_sector, struct err *err)
{
	_cleanup_(closep) int fd = open(node, O_RDONLY | O_CLOEXEC);
	uint64_t size;
	int sector;

	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot open %s", node);
	if (ioctl(fd, BLKGETSIZE64, &size) < 0 || ioctl(fd, BLKSSZGET, &sector) < 0)
		return err_errno(err, ERR_IO, errno, "cannot tell the size of %s", node);
	if (sector < 512 || sector % 512 != 0 || sector > 65536)
		return err_set(err, ERR_REFUSED, "%s has sectors of %d bytes", node, sector);
	*ret_size = size;
	*ret_sector = (uint32_t)sector;
	return 0;
}

bool ign_device_in_use(const char *node)
{
	_cleanup_(closep) int fd = open(node, O_RDONLY | O_EXCL | O_CLOEXEC);

	return fd < 0 && errno == EBUSY;
}

int ign_device_writable(const char *node, struct err *err)
{
	_cleanup_(closep) int fd = open(node, O_RDWR | O_EXCL | O_CLOEXEC);
	int read_only = 0;

	if (fd < 0 && errno == EBUSY)
		return err_set(err, ERR_REFUSED,
			       "%s is in use; unmount it, or stop what holds it, first", node);
	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot open %s", node);
	if (ioctl(fd, BLKROGET, &read_only) == 0 && read_only)
		return err_set(err, ERR_REFUSED, "%s is read-only; lift its write protection",
			       node);
	return 0;
}

int ign_device_driver(const char *file, const char *module, const char *path, struct err *err)
{
	const char *const argv[] = {"modprobe", "--quiet", module, NULL};
	struct err failed = ERR_INIT;

	if (access(file, F_OK) == 0)
		return 0;
	if (runcmd_argv(argv, &failed) == 0 && access(file, F_OK) == 0)
		return 0;
	err_release(&failed);
	return err_set(err, ERR_REFUSED, "%s: the running kernel has no %s", path, module);
}

void ign_signatures_free(struct disk_signature *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(list[i].type);
		free(list[i].uuid);
		free(list[i].label);
	}
	free(list);
}

static bool is_spare(const struct disk_signature *s)
{
	return streq(s->type, "btrfs") && s->offset > BTRFS_SPARES;
}

int ign_device_signatures(const char *node, uint64_t start, uint64_t size,
			  struct disk_signature **ret, size_t *ret_n, struct err *err)
{
	_cleanup_(closep) int fd = open(node, O_RDONLY | O_CLOEXEC);
	struct disk_signature *list = NULL;
	uint64_t all = 0;
	uint32_t sector = 0;
	size_t n = 0, kept = 0;

	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot open %s", node);
	/* what was written through a partition's node is not in the disk's own cache */
	(void)ioctl(fd, BLKFLSBUF, 0);
	if (size == 0) {
		if (ign_device_size(node, &all, &sector, err) < 0)
			return -1;
		size = all - start;
	}
	if (signatures_read(fd, start, size, &list, &n, err) < 0) {
		ign_signatures_free(list, n);
		return err_wrap(err, "%s", node);
	}
	for (size_t i = 0; i < n; i++) {
		if (is_spare(&list[i])) {
			free(list[i].type);
			free(list[i].uuid);
			free(list[i].label);
		} else {
			list[kept++] = list[i];
		}
	}
	*ret = list;
	*ret_n = kept;
	return 0;
}

char *ign_signatures_text(const struct disk_signature *list, size_t n)
{
	_cleanup_(strv_release) struct strv words = {0};

	for (size_t i = 0; i < n; i++) {
		const char *label = list[i].label;
		_cleanup_(freep) char *shown = label ? printable(label, strlen(label)) : NULL;
		_cleanup_(freep) char *word =
			shown ? xasprintf("%s \"%s\"", list[i].type, shown) : xstrdup(list[i].type);

		if (!strv_has(&words, word))
			strv_add(&words, word);
	}
	return strv_join(&words, ", ");
}
