/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_crypttab.h"

#include "buf.h"
#include "fsio.h"
#include "ign_device.h"
#include "ign_key.h"
#include "ign_luks.h"
#include "ign_place.h"
#include "limits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#define TABLE  "/etc/crypttab"
#define FOLDER "/etc/luks"

static const char *name_of(const json_t *luks)
{
	return json_string_value(json_object_get(luks, "name"));
}

static bool needs_network(const json_t *luks)
{
	const json_t *clevis = json_object_get(luks, "clevis");
	const json_t *custom = json_object_get(clevis, "custom");

	return json_array_size(json_object_get(clevis, "tang")) > 0 ||
	       json_is_true(json_object_get(custom, "needsNetwork"));
}

/* Whether the line is an entry of this name. */
static bool is_of(const char *line, size_t n, const char *name)
{
	size_t len = strlen(name);

	return n > len && strncmp(line, name, len) == 0 && (line[len] == ' ' || line[len] == '\t');
}

char *ign_crypttab_text(const char *old, const json_t *luks, const char *uuid)
{
	_cleanup_(buf_release) struct buf b;
	const char *name = name_of(luks);

	buf_init(&b, 2 * LIMIT_PLAN_BYTES);
	while (*old) {
		size_t n = strcspn(old, "\n");

		if (!is_of(old, n, name)) {
			buf_add(&b, old, n);
			buf_addc(&b, '\n');
		}
		old += n + (old[n] == '\n');
	}
	buf_addf(&b, "%s UUID=%s ", name, uuid);
	if (ign_luks_is_bound(luks))
		buf_adds(&b, "none");
	else
		buf_addf(&b, FOLDER "/%s", name);
	buf_addf(&b, " luks%s\n", needs_network(luks) ? ",_netdev" : "");
	return buf_take(&b);
}

/* ---- in the root ---- */

/* A link in its place is nothing: it is replaced. Caller frees; NULL after an error. */
static char *read_old(int folder, const char *name, struct err *err)
{
	_cleanup_(closep) int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_(freep) char *path = xasprintf("/proc/self/fd/%d", fd);
	char *text = NULL;
	size_t len;

	if (fd >= 0)
		return file_read(AT_FDCWD, path, LIMIT_PLAN_BYTES, &text, &len, err) < 0 ? NULL
											 : text;
	if (errno == ENOENT || errno == ELOOP)
		return xstrdup("");
	err_errno(err, ERR_IO, errno, TABLE);
	return NULL;
}

static int write_table(const struct ign_root *r, const json_t *luks, const char *uuid,
		       struct err *err)
{
	_cleanup_(freep) char *real = NULL, *old = NULL, *text = NULL;
	_cleanup_(closep) int folder = -1;
	const char *name;

	if (ign_root_resolve(r, TABLE, &real, err) < 0)
		return -1;
	folder = ign_root_parent(r, real, true, &name, err);
	if (folder < 0)
		return -1;
	old = read_old(folder, name, err);
	if (!old)
		return -1;
	text = ign_crypttab_text(old, luks, uuid);
	return ign_place_text(folder, name, text, 0600, geteuid(), getegid(), err);
}

/* The folder of the keys is nobody's but root's, unless it is there already. */
static int open_folder(const struct ign_root *r, struct err *err)
{
	_cleanup_(freep) char *real = NULL;
	_cleanup_(closep) int parent = -1;
	const char *name;
	int fd;

	if (ign_root_resolve(r, FOLDER, &real, err) < 0)
		return -1;
	parent = ign_root_parent(r, real, true, &name, err);
	if (parent < 0)
		return -1;
	if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return err_errno(err, ERR_IO, errno, "cannot make " FOLDER);
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, ERR_IO, errno, FOLDER);
	return fd;
}

static int write_key(const struct ign_root *r, const char *name, const struct secret *key,
		     struct err *err)
{
	_cleanup_(freep) char *temp = ign_place_temp(name);
	_cleanup_(closep) int folder = open_folder(r, err), fd = -1;

	if (folder < 0)
		return -1;
	fd = openat(folder, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot make a file in " FOLDER);
	if (fd_write_all(fd, secret_reveal(key), secret_length(key), err) < 0) {
		unlinkat(folder, temp, 0);
		return -1;
	}
	if (fsync(fd) < 0) {
		unlinkat(folder, temp, 0);
		return err_errno(err, ERR_IO, errno, "cannot sync a file in " FOLDER);
	}
	return ign_place(folder, temp, name, err);
}

int ign_crypttab_add(const struct ign_root *r, const json_t *luks, const char *uuid,
		     const struct secret *key, struct err *err)
{
	if (key && write_key(r, name_of(luks), key, err) < 0)
		return -1;
	return write_table(r, luks, uuid, err);
}

/* ---- on this machine ---- */

/* Of the opened volume "/dev/mapper/NAME" the device below it; NULL when it is not opened. Caller
 * frees. */
static char *device_below(const char *name)
{
	_cleanup_(freep) char *link = xasprintf("/dev/mapper/%s", name);
	_cleanup_(freep) char *node = realpath(link, NULL), *path = NULL;
	const struct dirent *e;
	char *device = NULL;
	DIR *d;

	if (!node)
		return NULL;
	path = xasprintf("/sys/class/block/%s/slaves", strrchr(node, '/') + 1);
	d = opendir(path);
	while (d && !device && (e = readdir(d)))
		if (e->d_name[0] != '.')
			device = xasprintf("/dev/%s", e->d_name);
	if (d)
		closedir(d);
	return device;
}

/* Caller frees; NULL after an error. */
static char *find_uuid(const json_t *luks, const char *path, struct err *err)
{
	const char *device = json_string_value(json_object_get(luks, "device"));
	_cleanup_(freep) char *below = device_below(name_of(luks)), *node = NULL;
	char *uuid = NULL;
	struct disk_signature *list = NULL;
	size_t n = 0;

	if (ign_device_resolve(below ? below : device, &node, err) < 0 ||
	    ign_device_signatures(node, 0, 0, &list, &n, err) < 0) {
		err_wrap(err, "%s.device: run the stage disks first", path);
		err->kind = err->kind == ERR_NOT_FOUND ? ERR_REFUSED : err->kind;
		return NULL;
	}
	for (size_t i = 0; i < n && !uuid; i++)
		if (streq(list[i].type, "crypto_LUKS"))
			uuid = xstrdup(list[i].uuid);
	ign_signatures_free(list, n);
	if (!uuid)
		err_set(err, ERR_REFUSED,
			"%s.device: %s is no LUKS volume; run the stage disks first", path, node);
	return uuid;
}

static int find_key(struct ign_fetch *f, const json_t *luks, const char *path, struct ign_key *k,
		    struct err *err)
{
	if (ign_key_get(f, luks, path, k, err) < 0)
		return -1;
	if (!k->made)
		return 0;
	secret_release(&k->secret);
	if (ign_key_kept(name_of(luks), &k->secret, err) < 0)
		return err_wrap(err, "%s.keyFile: is not given, and the stage disks left none",
				path);
	return 0;
}

static int make_one(const struct ign_root *r, struct ign_fetch *f, const json_t *luks,
		    const char *path, struct err *err)
{
	_cleanup_(ign_key_release) struct ign_key k = IGN_KEY_INIT;
	_cleanup_(freep) char *uuid = find_uuid(luks, path, err);
	bool bound = ign_luks_is_bound(luks);

	if (!uuid || (!bound && find_key(f, luks, path, &k, err) < 0))
		return -1;
	if (ign_crypttab_add(r, luks, uuid, bound ? NULL : &k.secret, err) < 0)
		return err_wrap(err, "%s", path);
	return 0;
}

int ign_crypttab_check(const json_t *config, struct err *err)
{
	const json_t *list = json_object_get(json_object_get(config, "storage"), "luks"), *j;
	size_t i;

	json_array_foreach (list, i, j) {
		_cleanup_(freep) char *path = xasprintf("$.storage.luks[%zu]", i);
		_cleanup_(freep) char *uuid = find_uuid(j, path, err);

		if (!uuid)
			return -1;
	}
	return 0;
}

int ign_crypttab_make(const struct ign_root *r, struct ign_fetch *f, const json_t *config,
		      struct err *err)
{
	const json_t *list = json_object_get(json_object_get(config, "storage"), "luks"), *j;
	size_t i;

	json_array_foreach (list, i, j) {
		_cleanup_(freep) char *path = xasprintf("$.storage.luks[%zu]", i);

		if (make_one(r, f, j, path, err) < 0)
			return -1;
	}
	return 0;
}
