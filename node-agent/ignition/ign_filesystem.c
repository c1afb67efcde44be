/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_filesystem.h"

#include "ign_device.h"
#include "ign_rehearsal.h"
#include "signature.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* How each format's mkfs wants to be told: the flags that overwrite, the UUID and the label. */
static const struct format {
	const char *name, *program, *force, *uuid, *label;
} formats[] = {
	{"btrfs", "mkfs.btrfs", "--force", "-U", "-L"}, {"ext4", "mkfs.ext4", "-F", "-U", "-L"},
	{"xfs", "mkfs.xfs", "-f", "-m", "-L"},          {"swap", "mkswap", "-f", "-U", "-L"},
	{"vfat", "mkfs.vfat", NULL, "-i", "-n"},
};

static const char *text(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

/* Lower case, and the volume id of vfat without the dash in the middle, which its mkfs does not
 * take. Caller frees. */
static char *canonical_uuid(const char *format, const char *uuid)
{
	bool dash = streq(format, "vfat") && strlen(uuid) >= 5 && uuid[4] == '-';
	char *c = dash ? xasprintf("%.4s%s", uuid, uuid + 5) : xstrdup(uuid);

	for (char *p = c; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return c;
}

static bool same_uuid(const char *format, const char *wanted, const char *is)
{
	_cleanup_(freep) char *a = canonical_uuid(format, wanted);
	_cleanup_(freep) char *b = canonical_uuid(format, is ? is : "");

	return streq(a, b);
}

enum ign_reuse ign_filesystem_judge(const json_t *j, const struct disk_signature *list, size_t n)
{
	const char *format = text(j, "format"), *label = text(j, "label"), *uuid = text(j, "uuid");

	if (json_is_true(json_object_get(j, "wipeFilesystem")))
		return IGN_FORMAT;
	if (n == 0)
		return streq(format, "none") ? IGN_REUSE : IGN_FORMAT;
	/* a partition table is what is really there, and the file system what it has left of an
	 * older one; vfat's own first sector looks like a table of type dos */
	for (size_t i = 0; i < n; i++)
		if (streq(list[i].type, "gpt") ||
		    (streq(list[i].type, "dos") && !streq(format, "vfat")))
			return IGN_REJECT;
	for (size_t i = 0; i < n; i++)
		if (streq(list[i].type, format) &&
		    (!label || streq(label, list[i].label ? list[i].label : "")) &&
		    (!uuid || same_uuid(format, uuid, list[i].uuid)))
			return IGN_REUSE;
	return IGN_REJECT;
}

void ign_filesystem_command(const json_t *j, const char *device, struct ign_command *ret)
{
	const char *format = text(j, "format"), *label = text(j, "label"), *uuid = text(j, "uuid");
	const struct format *f = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
		if (streq(formats[i].name, format))
			f = &formats[i];
	if (!f)
		return;
	ign_command_add(ret, f->program);
	ign_command_add_list(ret, json_object_get(j, "options"));
	if (f->force)
		ign_command_add(ret, f->force);
	if (uuid) {
		_cleanup_(freep) char *id = canonical_uuid(format, uuid);
		_cleanup_(freep) char *xfs = xasprintf("uuid=%s", id);

		ign_command_add(ret, f->uuid, streq(format, "xfs") ? xfs : id);
	}
	if (label)
		ign_command_add(ret, f->label, label);
	ign_command_add(ret, device);
}

void ign_filesystem_release(struct ign_filesystem *f)
{
	free(f->path);
	ign_location_release(&f->place);
	ign_command_release(&f->make);
	*f = (struct ign_filesystem){0};
}

static int refuse(const struct ign_filesystem *f, const struct disk_signature *list, size_t n,
		  struct err *err)
{
	_cleanup_(freep) char *holds = ign_signatures_text(list, n);
	const char *label = text(f->j, "label"), *uuid = text(f->j, "uuid");

	return err_set(err, ERR_REFUSED,
		       "%s: %s holds %s, not %s%s%s%s%s; set wipeFilesystem if that may be lost",
		       f->path, f->place.node, holds, text(f->j, "format"),
		       label ? " with label " : "", label ? label : "", uuid ? " with uuid " : "",
		       uuid ? uuid : "");
}

/* What the place holds now. */
static int judge(const struct ign_filesystem *f, bool made, enum ign_reuse *ret, struct err *err)
{
	struct disk_signature *list = NULL;
	size_t n = 0;
	int r = 0;

	if (ign_location_signatures(&f->place, made, &list, &n, err) < 0)
		return err_wrap(err, "%s", f->path);
	*ret = ign_filesystem_judge(f->j, list, n);
	if (*ret == IGN_REJECT)
		r = refuse(f, list, n, err);
	ign_signatures_free(list, n);
	return r;
}

/* Of an array or a volume the size is not known yet. */
static int may_make(const struct ign_filesystem *f, struct err *err)
{
	uint64_t size = ign_location_size(&f->place);

	if (ign_location_writable(&f->place, err) < 0)
		return err_wrap(err, "%s", f->path);
	return size > 0 ? ign_rehearse(f->j, size, f->path, err) : 0;
}

int ign_filesystem_plan(struct ign_scene *s, const json_t *j, size_t index,
			struct ign_filesystem *ret, struct err *err)
{
	_cleanup_(ign_filesystem_release) struct ign_filesystem f = {.j = j};
	_cleanup_(freep) char *device_path = NULL;
	enum ign_reuse reuse = IGN_FORMAT;
	const char *format = text(j, "format");

	f.path = xasprintf("$.storage.filesystems[%zu]", index);
	f.skip = !format || !*format;
	device_path = xasprintf("%s.device", f.path);
	if (ign_location_find(s, text(j, "device"), device_path, &f.place, err) < 0)
		return -1;
	if (!f.skip) {
		if (ign_location_take(s, &f.place, device_path, err) < 0)
			return -1;
		ign_filesystem_command(j, f.place.node, &f.make);
		if (f.make.argv.n > 0 && ign_command_check(&f.make, f.path, err) < 0)
			return -1;
		if (ign_location_is_known(&f.place) && judge(&f, false, &reuse, err) < 0)
			return -1;
		if (reuse == IGN_FORMAT && may_make(&f, err) < 0)
			return -1;
	}
	*ret = f;
	f = (struct ign_filesystem){0};
	return 0;
}

int ign_filesystem_look_again(const struct ign_filesystem *f, struct err *err)
{
	enum ign_reuse reuse = IGN_FORMAT;

	if (f->skip || !ign_location_is_known(&f->place))
		return 0;
	if (judge(f, false, &reuse, err) < 0)
		return -1;
	if (reuse == IGN_FORMAT && ign_location_writable(&f->place, err) < 0)
		return err_wrap(err, "%s", f->path);
	return 0;
}

static int wipe(const struct ign_filesystem *f, struct err *err)
{
	_cleanup_(closep) int fd = open(f->place.node, O_RDWR | O_EXCL | O_CLOEXEC);
	uint64_t size;
	uint32_t sector;

	if (fd < 0)
		return err_errno(err, errno == EBUSY ? ERR_BUSY : ERR_IO, errno, "cannot open %s",
				 f->place.node);
	if (ign_device_size(f->place.node, &size, &sector, err) < 0)
		return -1;
	return signatures_wipe(fd, 0, size, err);
}

static int sync_device(const char *node, struct err *err)
{
	_cleanup_(closep) int fd = open(node, O_RDWR | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return err_errno(err, ERR_IO, errno, "cannot sync %s", node);
	return 0;
}

int ign_filesystem_clear(const struct ign_filesystem *f, struct err *err)
{
	if (f->skip || !json_is_true(json_object_get(f->j, "wipeFilesystem")) ||
	    ign_location_clear(&f->place, err) == 0)
		return 0;
	return err_wrap(err, "%s", f->path);
}

int ign_filesystem_run(const struct ign_filesystem *f, struct err *err)
{
	enum ign_reuse reuse = IGN_FORMAT;

	if (f->skip)
		return 0;
	if (judge(f, true, &reuse, err) < 0)
		return -1;
	if (reuse == IGN_REUSE)
		return 0;
	if (wipe(f, err) < 0 || (f->make.argv.n > 0 && ign_command_run(&f->make, err) < 0) ||
	    sync_device(f->place.node, err) < 0)
		return err_wrap(err, "%s", f->path);
	return 0;
}
