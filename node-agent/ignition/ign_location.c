/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_location.h"

#include "ign_device.h"
#include "limits.h"
#include "parse.h"
#include "signature.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define BY_PARTLABEL "/dev/disk/by-partlabel/"
#define BY_PARTUUID  "/dev/disk/by-partuuid/"
#define BY_ID_MD     "/dev/disk/by-id/md-name-any:"
#define BY_ID_DM     "/dev/disk/by-id/dm-name-"
#define MD_FOLDER    "/dev/md/"
#define DM_FOLDER    "/dev/mapper/"

void ign_scene_release(struct ign_scene *s)
{
	for (size_t i = 0; i < s->n_disks; i++)
		ign_disk_release(&s->disks[i]);
	free(s->disks);
	strv_release(&s->taken);
	strv_release(&s->taken_by);
	*s = (struct ign_scene){0};
}

void ign_location_release(struct ign_location *p)
{
	free(p->node);
	*p = (struct ign_location){0};
}

char *ign_udev_name(const char *label)
{
	size_t n = strlen(label);
	char *name = xcalloc(n * 4 + 1, 1), *to = name;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)label[i];

		if (c >= 0x80 || isalnum(c) || strchr("#+-.:=@_", c))
			*to++ = (char)c;
		else
			to += snprintf(to, 5, "\\x%02x", c);
	}
	return name;
}

/* ---- partitions of the tables that storage.disks names ---- */

struct found {
	const struct ign_disk *disk;
	const struct ign_entry *entry;
	size_t n;
};

static bool label_is(const struct ign_entry *e, const char *name)
{
	_cleanup_(freep) char *is = e->label && *e->label ? ign_udev_name(e->label) : NULL;

	return is && streq(is, name);
}

static bool guid_is(const struct ign_entry *e, const char *guid)
{
	return e->guid && strcasecmp(e->guid, guid) == 0;
}

static struct found find_entry(const struct ign_scene *s, const char *name,
			       bool (*is)(const struct ign_entry *, const char *))
{
	struct found f = {0};

	for (size_t i = 0; i < s->n_disks; i++) {
		const struct ign_table *t = &s->disks[i].after;

		for (size_t k = 0; k < t->n; k++) {
			if (t->e[k].action == IGN_DELETE || !is(&t->e[k], name))
				continue;
			f.disk = &s->disks[i];
			f.entry = &t->e[k];
			f.n++;
		}
	}
	return f;
}

/* The part of "/dev/sda12" in front of the number, "/dev/nvme0n1" of "/dev/nvme0n1p2", and
 * "/dev/disk/by-id/X" of "/dev/disk/by-id/X-part2"; NULL when it ends with none. Caller frees. */
static char *disk_of_name(const char *device, unsigned int *ret_number)
{
	size_t n = strlen(device), end = n;
	const char *digits;
	uint64_t number;

	while (end > 0 && isdigit((unsigned char)device[end - 1]))
		end--;
	digits = device + end;
	if (end == n || end == 0 || *digits == '0' || !parse_digits(&digits, 1024, &number))
		return NULL;
	*ret_number = (unsigned int)number;
	if (end > 5 && strncmp(device + end - 5, "-part", 5) == 0)
		return xstrndup(device, end - 5);
	if (end > 2 && device[end - 1] == 'p' && isdigit((unsigned char)device[end - 2]))
		return xstrndup(device, end - 1);
	return xstrndup(device, end);
}

static const struct ign_disk *disk_with_node(const struct ign_scene *s, const char *node)
{
	for (size_t i = 0; i < s->n_disks; i++)
		if (streq(s->disks[i].node, node))
			return &s->disks[i];
	return NULL;
}

/* By the disk's name and the partition's number. */
static struct found find_numbered(const struct ign_scene *s, const char *device, bool *ret_ours)
{
	unsigned int number = 0;
	_cleanup_(freep) char *base = disk_of_name(device, &number);
	_cleanup_(freep) char *node = base ? realpath(base, NULL) : NULL;
	const struct ign_disk *d = node ? disk_with_node(s, node) : NULL;
	const struct ign_entry *e = d ? ign_table_find(&d->after, number) : NULL;

	*ret_ours = d != NULL;
	if (!e || e->action == IGN_DELETE)
		return (struct found){0};
	return (struct found){d, e, 1};
}

/* The disk and number of a partition that is there: "/sys/.../sda/sda1". */
static const struct ign_disk *disk_around(const struct ign_scene *s, const char *node,
					  unsigned int *ret_number)
{
	_cleanup_(freep) char *link = xasprintf("/sys/class/block/%s", strrchr(node, '/') + 1);
	_cleanup_(freep) char *sys = realpath(link, NULL);
	_cleanup_(freep) char *disk = NULL;
	unsigned int number = 0;
	const struct ign_disk *d;
	char *slash;

	if (!sys || !(slash = strrchr(sys, '/')))
		return NULL;
	*slash = '\0';
	slash = strrchr(sys, '/');
	if (!slash)
		return NULL;
	disk = xasprintf("/dev/%s", slash + 1);
	d = disk_with_node(s, disk);
	if (!d)
		return NULL;
	for (unsigned int i = 1; i <= 1024 && number == 0; i++) {
		_cleanup_(freep) char *name = ign_disk_partition(disk, i);

		if (streq(name, node))
			number = i;
	}
	*ret_number = number;
	return number ? d : NULL;
}

static int take_entry(const struct found *f, struct ign_location *ret)
{
	*ret = (struct ign_location){.kind = IGN_LOCATION_PARTITION,
				     .node = ign_disk_partition(f->disk->node, f->entry->number),
				     .disk = f->disk,
				     .entry = f->entry};
	return 0;
}

/* A device that is there: of itself, or a partition under a name that its content gave it. */
static int take_device(const struct ign_scene *s, const char *device, const char *path,
		       struct ign_location *ret, struct err *err)
{
	_cleanup_(freep) char *node = NULL;
	const struct ign_disk *d;
	struct found f = {.n = 1};
	unsigned int number = 0;

	if (ign_device_resolve(device, &node, err) < 0) {
		if (err->kind != ERR_NOT_FOUND)
			return err_wrap(err, "%s", path);
		return err_set(err, ERR_REFUSED,
			       "%s: %s is not in this machine, and nothing of this config makes it",
			       path, device);
	}
	d = disk_around(s, node, &number);
	if (!d) {
		*ret = (struct ign_location){.kind = IGN_LOCATION_DEVICE, .node = TAKE_PTR(node)};
		return 0;
	}
	f.disk = d;
	f.entry = ign_table_find(&d->after, number);
	if (d->wipe || !f.entry || (f.entry->action != IGN_KEEP && f.entry->action != IGN_RESIZE))
		return err_set(err, ERR_REFUSED,
			       "%s: %s is %s now, which %s makes anew or lets go; name the new "
			       "partition by its label or number",
			       path, device, node, d->path);
	return take_entry(&f, ret);
}

/* ---- arrays and volumes ---- */

char *ign_location_array(const char *name)
{
	return startswith(name, MD_FOLDER) ? xstrdup(name) : xasprintf(MD_FOLDER "%s", name);
}

static bool names_array(const char *device, const char *name)
{
	_cleanup_(freep) char *node = ign_location_array(name);

	return streq(device, node) || (startswith(device, BY_ID_MD) &&
				       streq(device + strlen(BY_ID_MD), node + strlen(MD_FOLDER)));
}

static bool names_volume(const char *device, const char *name)
{
	return (startswith(device, DM_FOLDER) && streq(device + strlen(DM_FOLDER), name)) ||
	       (startswith(device, BY_ID_DM) && streq(device + strlen(BY_ID_DM), name));
}

static bool find_made(const struct ign_scene *s, const char *device, struct ign_location *ret)
{
	const json_t *j;
	size_t i;

	json_array_foreach (json_object_get(s->storage, "raid"), i, j) {
		const char *name = json_string_value(json_object_get(j, "name"));

		if (!names_array(device, name))
			continue;
		*ret = (struct ign_location){.kind = IGN_LOCATION_ARRAY,
					     .node = ign_location_array(name)};
		return true;
	}
	json_array_foreach (json_object_get(s->storage, "luks"), i, j) {
		const char *name = json_string_value(json_object_get(j, "name"));

		if (!names_volume(device, name))
			continue;
		*ret = (struct ign_location){.kind = IGN_LOCATION_VOLUME,
					     .node = xasprintf(DM_FOLDER "%s", name)};
		return true;
	}
	return false;
}

/* ---- all of them ---- */

/* A label or GUID that also stands on a disk which the config does not name. */
static bool is_elsewhere(const struct ign_scene *s, const char *device)
{
	_cleanup_(freep) char *node = realpath(device, NULL);
	unsigned int number;

	return node && !disk_around(s, node, &number);
}

int ign_location_find(const struct ign_scene *s, const char *device, const char *path,
		      struct ign_location *ret, struct err *err)
{
	struct found f = {0};
	bool ours = false;

	if (find_made(s, device, ret))
		return 0;
	if (startswith(device, BY_PARTLABEL))
		f = find_entry(s, device + strlen(BY_PARTLABEL), label_is);
	else if (startswith(device, BY_PARTUUID))
		f = find_entry(s, device + strlen(BY_PARTUUID), guid_is);
	else
		f = find_numbered(s, device, &ours);
	if (f.n > 1 || (f.n == 1 && !ours && is_elsewhere(s, device)))
		return err_set(err, ERR_REFUSED,
			       "%s: more than one partition is %s; name it by its disk and number",
			       path, device);
	if (f.n == 1)
		return take_entry(&f, ret);
	if (ours)
		return err_set(err, ERR_REFUSED,
			       "%s: %s will not be there: no partition of storage.disks has that "
			       "number",
			       path, device);
	return take_device(s, device, path, ret, err);
}

/* Whether one lies on the other, or they are the same. */
static bool overlap(const char *a, const char *b)
{
	unsigned int number;
	_cleanup_(freep) char *disk_a = disk_of_name(a, &number),
			      *disk_b = disk_of_name(b, &number);

	return streq(a, b) || streq_null(disk_a, b) || streq_null(disk_b, a);
}

int ign_location_take(struct ign_scene *s, const struct ign_location *p, const char *path,
		      struct err *err)
{
	const struct ign_disk *d = disk_with_node(s, p->node);

	if (d && d->after.n > 0)
		return err_set(err, ERR_REFUSED, "%s: %s is the whole disk that %s partitions",
			       path, p->node, d->path);
	for (size_t i = 0; i < s->taken.n; i++)
		if (overlap(s->taken.v[i], p->node))
			return err_set(err, ERR_REFUSED, "%s: %s is taken by %s", path, p->node,
				       s->taken_by.v[i]);
	strv_add(&s->taken, p->node);
	strv_add(&s->taken_by, path);
	return 0;
}

bool ign_location_is_new(const struct ign_location *p)
{
	if (p->kind != IGN_LOCATION_PARTITION)
		return false;
	return p->entry->action == IGN_CREATE || p->entry->action == IGN_REPLACE;
}

bool ign_location_is_known(const struct ign_location *p)
{
	return p->kind == IGN_LOCATION_DEVICE || p->kind == IGN_LOCATION_PARTITION;
}

int ign_location_signatures(const struct ign_location *p, bool made, struct disk_signature **ret,
			    size_t *ret_n, struct err *err)
{
	bool there = made || (!ign_location_is_new(p) && access(p->node, F_OK) == 0);
	uint32_t sector;

	if (p->kind != IGN_LOCATION_PARTITION || there)
		return ign_device_signatures(p->node, 0, 0, ret, ret_n, err);
	sector = p->disk->after.sector;
	return ign_device_signatures(p->disk->node, p->entry->start * sector,
				     p->entry->size * sector, ret, ret_n, err);
}

int ign_location_writable(const struct ign_location *p, struct err *err)
{
	if (!ign_location_is_known(p) || ign_location_is_new(p))
		return 0;
	/* the kernel may not know it yet: then nobody uses it */
	if (access(p->node, F_OK) != 0)
		return 0;
	return ign_device_writable(p->node, err);
}

int ign_location_clear(const struct ign_location *p, struct err *err)
{
	_cleanup_(closep) int fd = -1;
	uint32_t sector;

	if (!ign_location_is_new(p))
		return 0;
	sector = p->disk->after.sector;
	/* not exclusive: partitions that stay may be in use */
	fd = open(p->disk->node, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot open %s", p->disk->node);
	return signatures_wipe(fd, p->entry->start * sector, p->entry->size * sector, err);
}

uint64_t ign_location_size(const struct ign_location *p)
{
	struct err ignored = ERR_INIT;
	uint64_t size = 0;
	uint32_t sector;

	if (p->kind == IGN_LOCATION_PARTITION)
		return p->entry->size * p->disk->after.sector;
	if (p->kind == IGN_LOCATION_DEVICE &&
	    ign_device_size(p->node, &size, &sector, &ignored) < 0)
		err_release(&ignored);
	return size;
}
