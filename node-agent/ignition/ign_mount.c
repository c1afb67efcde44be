/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_mount.h"

#include "ign_device.h"
#include "runcmd.h"
#include "target.h"

#include <errno.h>
#include <fcntl.h>
#include <libmount/libmount.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

struct entry {
	const json_t *j;
	const char *path;
	size_t i; /* in the config */
};

static const char *text_of(const json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	return text ? text : "";
}

static size_t depth(const char *path)
{
	size_t parts = 0;

	for (; *path; path++)
		parts += *path == '/';
	return parts;
}

static int by_depth(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	size_t dx = depth(x->path), dy = depth(y->path);

	return dx != dy ? (dx < dy ? -1 : 1) : x->i < y->i ? -1 : 1;
}

static struct entry *read_entries(const json_t *config, size_t *ret_n)
{
	const json_t *list = json_object_get(json_object_get(config, "storage"), "filesystems");
	struct entry *entries = xcalloc(json_array_size(list) + 1, sizeof(*entries));
	const json_t *j;
	size_t i, n = 0;

	json_array_foreach (list, i, j) {
		const char *format = text_of(j, "format"), *path = text_of(j, "path");

		if (*path && *format && !streq(format, "none") && !streq(format, "swap"))
			entries[n++] = (struct entry){j, path, i};
	}
	qsort(entries, n, sizeof(*entries), by_depth);
	*ret_n = n;
	return entries;
}

/* Opens the folder at the path, made when missing; no link is followed. */
static int open_folder(const struct ign_root *r, const char *path, struct strv *made,
		       struct err *err)
{
	_cleanup_(freep) char *copy = xstrdup(path + 1);
	_cleanup_(closep) int fd = openat(r->fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *rest = copy, *name;

	while (fd >= 0 && (name = strsep(&rest, "/"))) {
		_cleanup_(closep) int in = TAKE_FD(fd);

		if (!*name)
			return TAKE_FD(in);
		if (mkdirat(in, name, 0755) == 0)
			strv_take(made,
				  xasprintf("/%.*s", (int)(name - copy + strlen(name)), path + 1));
		else if (errno != EEXIST)
			return err_errno(err, ERR_IO, errno, "cannot make a folder");
		fd = openat(in, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return err_set(err, ERR_REFUSED,
			       "a link or a file is in the way; name a path of folders only");
	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot open the folder");
	return TAKE_FD(fd);
}

static void tablep(struct libmnt_table **t)
{
	mnt_unref_table(*t);
}

/* 1: the node is mounted there; 0: nothing is. */
static int is_mounted(const char *at, const char *node, struct err *err)
{
	_cleanup_(tablep) struct libmnt_table *t = mnt_new_table_from_file("/proc/self/mountinfo");
	_cleanup_(freep) char *source = NULL;
	struct libmnt_fs *fs;
	const char *from;

	if (!t)
		return err_errno(err, ERR_IO, errno ? errno : EIO, "cannot read the mounts");
	fs = mnt_table_find_target(t, at, MNT_ITER_BACKWARD);
	if (!fs)
		return 0;
	from = mnt_fs_get_srcpath(fs);
	source = from ? realpath(from, NULL) : NULL;
	if (source && streq(source, node))
		return 1;
	return err_set(err, ERR_REFUSED, "%s is mounted there; unmount it", from ? from : at);
}

static int mount_at(const json_t *j, const char *node, const char *at, struct err *err)
{
	const json_t *options = json_object_get(j, "mountOptions"), *option;
	struct strv words = {0};
	_cleanup_(freep) char *joined = NULL;
	size_t i;

	json_array_foreach (options, i, option)
		strv_add(&words, json_string_value(option));
	joined = strv_join(&words, ",");
	strv_release(&words);
	return runcmd_argv((const char *const[]){"mount", "-t", text_of(j, "format"), "-o",
						 *joined ? joined : "rw", "--", node, at, NULL},
			   err);
}

/* mounted gets the place when this has mounted it. */
static int make(const struct ign_root *r, const struct entry *e, struct strv *made,
		struct strv *mounted, struct err *err)
{
	_cleanup_(freep) char *node = NULL, *at = NULL;
	_cleanup_(closep) int fd = -1;
	int there;

	if (ign_device_resolve(text_of(e->j, "device"), &node, err) < 0)
		return -1;
	fd = open_folder(r, e->path, made, err);
	if (fd < 0)
		return -1;
	at = streq(r->path, "/")   ? xstrdup(e->path)
	     : streq(e->path, "/") ? xstrdup(r->path)
				   : xasprintf("%s%s", r->path, e->path);
	there = is_mounted(at, node, err);
	if (there != 0)
		return there < 0 ? -1 : 0;
	/* the root is open: what is written from here on would go beneath */
	if (streq(e->path, "/"))
		return err_set(err, ERR_REFUSED, "is the root itself; mount %s at %s first", node,
			       r->path);
	if (mount_at(e->j, node, at, err) < 0)
		return -1;
	strv_take(mounted, TAKE_PTR(at));
	return 0;
}

int ign_mount_make(const struct ign_root *r, const json_t *config, struct strv *ret_made,
		   struct err *err)
{
	size_t n;
	_cleanup_(freep) struct entry *entries = read_entries(config, &n);
	struct strv mounted = {0};
	int result = 0;

	for (size_t i = 0; i < n && result == 0; i++) {
		result = make(r, &entries[i], ret_made, &mounted, err);
		if (result < 0)
			err_wrap(err, "$.storage.filesystems[%zu].path: %s", entries[i].i,
				 entries[i].path);
	}
	for (size_t i = mounted.n; i > 0 && result < 0; i--)
		umount2(mounted.v[i - 1], UMOUNT_NOFOLLOW);
	strv_release(&mounted);
	return result;
}

static bool is_within(const char *path, const char *home)
{
	size_t n = strlen(home);

	return strncmp(path, home, n) == 0 && (!path[n] || path[n] == '/');
}

static int own(const struct ign_root *r, const char *user, const struct strv *made, struct err *err)
{
	_cleanup_(freep) char *home = NULL;
	struct target_owner owner;

	if (target_account_find(r->fd, user, &owner, &home, err) < 0)
		return -1;
	for (size_t i = 0; i < made->n; i++) {
		struct strv none = {0};
		_cleanup_(closep) int fd = -1;

		if (!is_within(made->v[i], home))
			continue;
		fd = open_folder(r, made->v[i], &none, err);
		strv_release(&none);
		if (fd < 0)
			return -1;
		if (fchownat(fd, "", owner.uid, owner.gid, AT_EMPTY_PATH) < 0 ||
		    fchmodat(fd, ".", 0700, 0) < 0)
			return err_errno(err, ERR_IO, errno, "cannot give %s to %s", made->v[i],
					 user);
	}
	return 0;
}

int ign_mount_own_homes(const struct ign_root *r, const json_t *config, const struct strv *made,
			struct err *err)
{
	const json_t *users = json_object_get(json_object_get(config, "passwd"), "users"), *j;
	size_t i;

	json_array_foreach (users, i, j) {
		if (made->n == 0 || json_is_false(json_object_get(j, "shouldExist")) ||
		    json_is_true(json_object_get(j, "noCreateHome")))
			continue;
		if (own(r, text_of(j, "name"), made, err) < 0)
			return err_wrap(err, "$.passwd.users[%zu]", i);
	}
	return 0;
}
