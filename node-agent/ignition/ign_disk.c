/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_disk.h"

#include "blkpg.h"
#include "ign_device.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libfdisk/libfdisk.h>
#include <string.h>

/* What wipeTable clears at the start: boot code and table, and no partition that is made
 * afterwards begins before it. */
#define HEAD_BYTES (1024u * 1024)

static void contextp(struct fdisk_context **c)
{
	fdisk_unref_context(*c);
}

static void fd_tablep(struct fdisk_table **t)
{
	fdisk_unref_table(*t);
}

static void iterp(struct fdisk_iter **i)
{
	fdisk_free_iter(*i);
}

static void partitionp(struct fdisk_partition **p)
{
	fdisk_unref_partition(*p);
}

static void parttypep(struct fdisk_parttype **t)
{
	fdisk_unref_parttype(*t);
}

void ign_disk_release(struct ign_disk *d)
{
	free(d->path);
	free(d->node);
	ign_table_release(&d->now);
	ign_table_release(&d->after);
	*d = (struct ign_disk){0};
}

char *ign_disk_partition(const char *node, unsigned int number)
{
	bool digit = isdigit((unsigned char)node[strlen(node) - 1]) != 0;

	return xasprintf("%s%s%u", node, digit ? "p" : "", number);
}

/* ---- the table as it is ---- */

static struct fdisk_context *context_new(int fd, const char *node, bool read_only, struct err *err)
{
	struct fdisk_context *cxt = fdisk_new_context();
	int r = cxt ? 0 : -ENOMEM;

	if (r == 0) {
		fdisk_disable_dialogs(cxt, 1);
		r = fdisk_assign_device_by_fd(cxt, fd, node, read_only);
	}
	if (r < 0) {
		fdisk_unref_context(cxt);
		err_errno(err, ERR_IO, -r, "cannot read the partition table of %s", node);
		return NULL;
	}
	return cxt;
}

static uint64_t label_number(struct fdisk_context *cxt, int id)
{
	struct fdisk_labelitem *item = fdisk_new_labelitem();
	uint64_t n = 0;

	if (item && fdisk_get_disklabel_item(cxt, id, item) == 0)
		(void)fdisk_labelitem_get_data_u64(item, &n);
	fdisk_unref_labelitem(item);
	return n;
}

static void take_entry(struct fdisk_partition *pa, struct ign_table *t)
{
	struct fdisk_parttype *type = fdisk_partition_get_type(pa);
	const char *guid = type ? fdisk_parttype_get_string(type) : NULL;
	struct ign_entry *e;

	if (!fdisk_partition_has_partno(pa) || !fdisk_partition_has_start(pa) ||
	    !fdisk_partition_has_size(pa) || fdisk_partition_get_size(pa) == 0)
		return;
	e = ARRAY_APPEND(t->e, t->n);
	e->number = (unsigned int)fdisk_partition_get_partno(pa) + 1;
	e->start = fdisk_partition_get_start(pa);
	e->size = fdisk_partition_get_size(pa);
	e->type = xstrdup(guid);
	e->guid = xstrdup(fdisk_partition_get_uuid(pa));
	e->label = xstrdup(fdisk_partition_get_name(pa));
}

static int take_table(struct fdisk_context *cxt, const char *node, struct ign_table *t,
		      struct err *err)
{
	_cleanup_(fd_tablep) struct fdisk_table *tb = NULL;
	_cleanup_(iterp) struct fdisk_iter *it = fdisk_new_iter(FDISK_ITER_FORWARD);
	struct fdisk_partition *pa;
	int r = fdisk_get_partitions(cxt, &tb);

	if (r < 0 || !it)
		return err_errno(err, ERR_IO, r < 0 ? -r : ENOMEM,
				 "cannot read the partition table of %s", node);
	t->first = label_number(cxt, GPT_LABELITEM_FIRSTLBA);
	t->last = label_number(cxt, GPT_LABELITEM_LASTLBA);
	t->slots = (unsigned int)fdisk_get_npartitions(cxt);
	while (fdisk_table_next_partition(tb, it, &pa) == 0)
		take_entry(pa, t);
	return 0;
}

/* A disk without a table may still be full: a file system, a member of something. */
static int check_blank(const struct ign_disk *d, struct err *err)
{
	struct disk_signature *list = NULL;
	_cleanup_(freep) char *holds = NULL;
	size_t n = 0;

	if (ign_device_signatures(d->node, 0, d->size, &list, &n, err) < 0)
		return -1;
	if (n > 0) {
		holds = ign_signatures_text(list, n);
		err_set(err, ERR_REFUSED,
			"%s: %s holds %s and no GUID partition table; set wipeTable if that may be "
			"lost",
			d->path, d->node, holds);
	}
	ign_signatures_free(list, n);
	return holds ? -1 : 0;
}

static int read_table(struct ign_disk *d, struct err *err)
{
	_cleanup_(closep) int fd = open(d->node, O_RDONLY | O_CLOEXEC);
	_cleanup_(contextp) struct fdisk_context *cxt = NULL;

	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "%s: cannot open %s", d->path, d->node);
	cxt = context_new(fd, d->node, true, err);
	if (!cxt)
		return err_wrap(err, "%s", d->path);
	if (d->wipe)
		return 0;
	if (!fdisk_is_label(cxt, GPT))
		return check_blank(d, err);
	d->has_table = true;
	return take_table(cxt, d->node, &d->now, err);
}

/* ---- may it be? ---- */

static bool is_whole_disk(const char *node)
{
	_cleanup_(freep) char *sys =
		xasprintf("/sys/class/block/%s/partition", strrchr(node, '/') + 1);
	_cleanup_(freep) char *dm = xasprintf("/sys/class/block/%s/dm", strrchr(node, '/') + 1);

	return access(sys, F_OK) != 0 && access(dm, F_OK) != 0;
}

static bool stays(const struct ign_disk *d, unsigned int number)
{
	const struct ign_entry *e = ign_table_find(&d->after, number);

	return !d->wipe && (!e || e->action == IGN_KEEP);
}

static bool is_changed(const struct ign_disk *d)
{
	return d->wipe || ign_table_changes(&d->after);
}

/* The kernel counts a disk as in use when a partition is: then it has to be one that stays. */
static int check_use(const struct ign_disk *d, struct err *err)
{
	bool partition_used = false;

	if (!is_changed(d))
		return 0;
	if (!ign_device_in_use(d->node)) {
		if (ign_device_writable(d->node, err) < 0)
			return err_wrap(err, "%s", d->path);
		return 0;
	}
	for (unsigned int i = 1; i <= d->now.slots; i++) {
		_cleanup_(freep) char *node = ign_disk_partition(d->node, i);

		if (!ign_device_in_use(node))
			continue;
		partition_used = true;
		if (!stays(d, i))
			return err_set(err, ERR_REFUSED,
				       "%s: %s is in use and would change; unmount it, or stop "
				       "what holds it, first",
				       d->path, node);
	}
	if (!partition_used)
		return err_set(err, ERR_REFUSED,
			       "%s: %s is in use as a whole; unmount it, or stop what holds it, "
			       "first",
			       d->path, d->node);
	return 0;
}

static int look(struct ign_disk *d, struct err *err)
{
	const char *device = json_string_value(json_object_get(d->j, "device"));
	uint32_t sector;

	if (ign_device_resolve(device, &d->node, err) < 0) {
		if (err->kind == ERR_NOT_FOUND)
			return err_set(err, ERR_REFUSED, "%s.device: %s is not in this machine",
				       d->path, device);
		return err_wrap(err, "%s.device", d->path);
	}
	if (ign_device_size(d->node, &d->size, &sector, err) < 0)
		return err_wrap(err, "%s.device", d->path);
	if (!is_whole_disk(d->node))
		return err_set(err, ERR_REFUSED, "%s.device: %s is no whole disk", d->path, device);
	ign_table_init(&d->now, sector, d->size / sector);
	if (read_table(d, err) < 0 || ign_table_plan(&d->now, d->j, d->path, &d->after, err) < 0)
		return -1;
	return check_use(d, err);
}

int ign_disk_plan(const json_t *j, size_t index, struct ign_disk *ret, struct err *err)
{
	_cleanup_(ign_disk_release) struct ign_disk d = {
		.j = j, .wipe = json_is_true(json_object_get(j, "wipeTable"))};

	d.path = xasprintf("$.storage.disks[%zu]", index);
	if (look(&d, err) < 0)
		return -1;
	*ret = d;
	d = (struct ign_disk){0};
	return 0;
}

int ign_disk_look_again(const struct ign_disk *d, struct err *err)
{
	_cleanup_(ign_disk_release) struct ign_disk again = {
		.j = d->j, .wipe = d->wipe, .path = xstrdup(d->path)};

	if (look(&again, err) < 0)
		return -1;
	if (!streq(again.node, d->node) || again.size != d->size ||
	    again.has_table != d->has_table || !ign_table_equal(&again.now, &d->now))
		return err_set(err, ERR_REFUSED,
			       "%s: %s has changed since it was looked at; run this again once "
			       "nobody else works on it",
			       d->path, d->node);
	return 0;
}

/* ---- writing ---- */

static int clear(int fd, const struct ign_disk *d, uint64_t at, uint64_t n, struct err *err)
{
	_cleanup_(freep) char *zeros = xcalloc(1, (size_t)n);

	if (pwrite(fd, zeros, (size_t)n, (off_t)at) != (ssize_t)n)
		return err_errno(err, ERR_IO, errno ? errno : EIO, "cannot clear %s", d->node);
	return 0;
}

/* Both copies of a GPT, or an MBR, and the boot code with it. */
static int clear_table(int fd, const struct ign_disk *d, struct err *err)
{
	uint64_t head = d->size < HEAD_BYTES ? d->size : HEAD_BYTES;
	uint64_t tail = (d->now.sectors - d->now.last - 1) * d->now.sector;

	if (d->now.last == 0 || tail > d->size)
		tail = 0;
	if (clear(fd, d, 0, head, err) < 0)
		return -1;
	return tail ? clear(fd, d, d->size - tail, tail, err) : 0;
}

static int set_type(struct fdisk_context *cxt, struct fdisk_partition *pa, const char *guid)
{
	_cleanup_(parttypep) struct fdisk_parttype *type = NULL;

	if (!guid)
		return 0; /* Linux filesystem data, by default */
	type = fdisk_label_parse_parttype(fdisk_get_label(cxt, NULL), guid);
	return type ? fdisk_partition_set_type(pa, type) : -EINVAL;
}

static int add_entry(struct fdisk_context *cxt, const struct ign_entry *e)
{
	_cleanup_(partitionp) struct fdisk_partition *pa = fdisk_new_partition();
	int r;

	if (!pa)
		return -ENOMEM;
	if ((r = fdisk_partition_set_partno(pa, e->number - 1)) < 0 ||
	    (r = fdisk_partition_set_start(pa, e->start)) < 0 ||
	    (r = fdisk_partition_set_size(pa, e->size)) < 0 ||
	    /* or the end is aligned */
	    (r = fdisk_partition_size_explicit(pa, 1)) < 0 ||
	    (r = set_type(cxt, pa, e->type)) < 0 ||
	    (e->guid && (r = fdisk_partition_set_uuid(pa, e->guid)) < 0) ||
	    (e->label && *e->label && (r = fdisk_partition_set_name(pa, e->label)) < 0))
		return r;
	return fdisk_add_partition(cxt, pa, NULL);
}

static int change_table(struct fdisk_context *cxt, const struct ign_disk *d)
{
	int r;

	for (size_t i = 0; i < d->now.n; i++)
		if (!stays(d, d->now.e[i].number) &&
		    (r = fdisk_delete_partition(cxt, d->now.e[i].number - 1)) < 0)
			return r;
	for (size_t i = 0; i < d->after.n; i++) {
		const struct ign_entry *e = &d->after.e[i];

		if (e->action != IGN_KEEP && e->action != IGN_DELETE && (r = add_entry(cxt, e)) < 0)
			return r;
	}
	return fdisk_write_disklabel(cxt);
}

static int write_table(int fd, const struct ign_disk *d, struct err *err)
{
	_cleanup_(contextp) struct fdisk_context *cxt = context_new(fd, d->node, false, err);
	int r = 0;

	if (!cxt)
		return -1;
	if (!d->has_table) {
		/* else what lies in front of the alignment is not usable */
		fdisk_set_first_lba(cxt, d->now.first);
		r = fdisk_create_disklabel(cxt, "gpt");
	}
	if (r == 0)
		r = change_table(cxt, d);
	if (r < 0)
		return err_errno(err, ERR_IO, -r, "cannot write the partition table of %s",
				 d->node);
	return 0;
}

/* Makes the kernel's partitions those that stay, with `all` those that come as well. */
static int sync_kernel(int fd, const struct ign_disk *d, bool all, struct err *err)
{
	_cleanup_(freep) struct blkpg_range *ranges = xcalloc(d->after.n + 1, sizeof(*ranges));
	size_t n = 0;

	for (size_t i = 0; i < d->after.n; i++) {
		const struct ign_entry *e = &d->after.e[i];

		if (e->action == IGN_KEEP || (all && e->action != IGN_DELETE))
			ranges[n++] = (struct blkpg_range){e->number, e->start * d->after.sector,
							   e->size * d->after.sector};
	}
	return blkpg_sync(fd, strrchr(d->node, '/') + 1, ranges, n, err);
}

/* Exclusively, so that nobody takes it or a partition of it from here on; a disk with a partition
 * in use, which then has to be one that stays, cannot be had so. */
static int open_to_write(const struct ign_disk *d, struct err *err)
{
	int fd = open(d->node, O_RDWR | O_EXCL | O_CLOEXEC);

	if (fd < 0 && errno == EBUSY) {
		if (check_use(d, err) < 0)
			return -1;
		fd = open(d->node, O_RDWR | O_CLOEXEC);
	}
	return fd < 0 ? err_errno(err, ERR_IO, errno, "%s: cannot open %s", d->path, d->node) : fd;
}

/* The kernel lets go of the partitions that go, or refuses, before their table does: between a look
 * at one and this, somebody may have begun to use it. */
static int change(int fd, const struct ign_disk *d, struct err *err)
{
	if (sync_kernel(fd, d, false, err) < 0) {
		if (err->kind == ERR_BUSY)
			err->kind = ERR_REFUSED;
		return -1;
	}
	if ((d->wipe && clear_table(fd, d, err) < 0) ||
	    (d->after.n > 0 && write_table(fd, d, err) < 0))
		return -1;
	if (fsync(fd) < 0)
		return err_errno(err, ERR_IO, errno, "cannot sync %s", d->node);
	return sync_kernel(fd, d, true, err);
}

int ign_disk_write(const struct ign_disk *d, struct err *err)
{
	_cleanup_(closep) int fd = -1;

	if (!is_changed(d) && !d->has_table)
		return 0;
	fd = is_changed(d) ? open_to_write(d, err) : open(d->node, O_RDWR | O_CLOEXEC);
	if (fd < 0 && is_changed(d))
		return -1;
	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "%s: cannot open %s", d->path, d->node);
	if ((is_changed(d) ? change(fd, d, err) : sync_kernel(fd, d, true, err)) < 0)
		return err_wrap(err, "%s", d->path);
	return 0;
}
