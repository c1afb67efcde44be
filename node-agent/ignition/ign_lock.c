/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_lock.h"

#include "ign_device.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>

/* udev is through with a disk in well under a second, a partitioning tool in a few. */
#define WAIT_MS 30000
#define TRY_MS  50

void ign_locks_release(struct ign_locks *l)
{
	for (size_t i = 0; i < l->n; i++) {
		closep(&l->l[i].fd);
		free(l->l[i].node);
	}
	free(l->l);
	*l = (struct ign_locks){0};
}

int ign_lock_take(struct ign_locks *l, const char *node, unsigned int wait_ms, struct err *err)
{
	_cleanup_(closep) int fd = -1;

	for (size_t i = 0; i < l->n; i++)
		if (streq(l->l[i].node, node))
			return 0;
	fd = open(node, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot open %s", node);
	/* nobody tells when a lock goes, but flock(2) itself, which waits for ever */
	for (unsigned int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += TRY_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_errno(err, ERR_IO, errno, "cannot lock %s", node);
		if (waited >= wait_ms)
			return err_set(err, ERR_BUSY,
				       "another program has locked %s; wait for it, or end it "
				       "(lslocks names it)",
				       node);
		poll(NULL, 0, TRY_MS);
	}
	*ARRAY_APPEND(l->l, l->n) = (struct ign_lock){xstrdup(node), TAKE_FD(fd)};
	return 0;
}

/* The node of the disk that the device is or is on; NULL when there is nothing to lock. Caller
 * frees. */
static char *disk_of(const char *device)
{
	_cleanup_(freep) char *node = NULL, *link = NULL, *sys = NULL, *partition = NULL;
	struct err ignored = ERR_INIT;
	const char *name;

	/* who plans with it says what is wrong */
	if (ign_device_resolve(device, &node, &ignored) < 0) {
		err_release(&ignored);
		return NULL;
	}
	link = xasprintf("/sys/class/block/%s", strrchr(node, '/') + 1);
	sys = realpath(link, NULL);
	if (!sys)
		return NULL;
	partition = xasprintf("%s/partition", sys);
	if (access(partition, F_OK) == 0)
		*strrchr(sys, '/') = '\0';
	name = strrchr(sys, '/') + 1;
	if (startswith(name, "dm-") || startswith(name, "md"))
		return NULL;
	return xasprintf("/dev/%s", name);
}

static void add(struct strv *disks, const char *device)
{
	_cleanup_(freep) char *disk = device ? disk_of(device) : NULL;

	if (disk && !strv_has(disks, disk))
		strv_take(disks, TAKE_PTR(disk));
}

static const char *device_of(const json_t *j)
{
	return json_string_value(json_object_get(j, "device"));
}

static void list(const json_t *storage, struct strv *ret)
{
	const json_t *j, *device;
	size_t i, k;

	json_array_foreach (json_object_get(storage, "disks"), i, j)
		add(ret, device_of(j));
	json_array_foreach (json_object_get(storage, "raid"), i, j)
		json_array_foreach (json_object_get(j, "devices"), k, device)
			add(ret, json_string_value(device));
	json_array_foreach (json_object_get(storage, "luks"), i, j)
		add(ret, device_of(j));
	json_array_foreach (json_object_get(storage, "filesystems"), i, j)
		if (json_string_length(json_object_get(j, "format")) > 0)
			add(ret, device_of(j));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int ign_lock_storage(struct ign_locks *l, const json_t *storage, struct err *err)
{
	_cleanup_(strv_release) struct strv disks = {0};

	list(storage, &disks);
	/* in one order, or two of us would wait for each other */
	if (disks.n)
		qsort(disks.v, disks.n, sizeof(*disks.v), by_name);
	for (size_t i = 0; i < disks.n; i++)
		if (ign_lock_take(l, disks.v[i], WAIT_MS, err) < 0)
			return -1;
	return 0;
}
