/* SPDX-License-Identifier: Apache-2.0 */
/* storage.links of spec 3.4, symbolic and hard. */
#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>
#include <string.h>

#include "ign_node.h"
#include "ign_place.h"

/* The path without "//", "." and what ".." takes back. Caller frees. */
static char *clean(const char *path)
{
	_cleanup_(freep) char *out = xstrdup(*path == '/' ? "/" : "");
	size_t floor = strlen(out);

	for (const char *p = path; *p;) {
		size_t len = strcspn(p, "/");
		_cleanup_(freep) char *part = xstrndup(p, len);
		char *last = strrchr(out + floor, '/');
		char *longer;

		p += len + (p[len] == '/');
		if (streq(part, "") || streq(part, "."))
			continue;
		last = last ? last + 1 : out + floor;
		if (streq(part, "..") && *last && !streq(last, "..")) {
			last[last > out + floor ? -1 : 0] = '\0';
			continue;
		}
		if (streq(part, "..") && floor)
			continue;
		longer = xasprintf("%s%s%s", out, out[floor] ? "/" : "", part);
		free(out);
		out = longer;
	}
	return *out ? TAKE_PTR(out) : xstrdup(".");
}

static bool points_to(int folder, const char *name, const char *target)
{
	_cleanup_(freep) char *wanted = clean(target), *found = NULL;
	char text[PATH_MAX];
	ssize_t n = readlinkat(folder, name, text, sizeof(text) - 1);

	if (n < 0)
		return false;
	text[n] = '\0';
	found = clean(text);
	return streq(found, wanted);
}

/* Upstream gives a symbolic link, where the config names no owner, the owner of what it points to.
 * It looks an absolute target up in the running system, which says nothing: root then. */
static void default_owner(const struct ign_root *r, const struct ign_node *n, const char *target,
			  uid_t *uid, gid_t *gid)
{
	_cleanup_(freep) char *path = NULL, *real = NULL;
	struct err ignored = ERR_INIT;
	struct stat st;

	*uid = geteuid();
	*gid = getegid();
	if (*target == '/')
		return;
	path = xasprintf("%.*s/%s", (int)(strrchr(n->real, '/') - n->real), n->real, target);
	if (ign_root_resolve(r, path, &real, &ignored) == 0 &&
	    ign_root_stat(r, real, &st, &ignored) == 1 && !S_ISLNK(st.st_mode)) {
		*uid = st.st_uid;
		*gid = st.st_gid;
	}
	err_release(&ignored);
}

static int set_owner(const struct ign_root *r, const struct ign_node *n, int folder,
		     const char *name, uid_t uid, gid_t gid, struct err *err)
{
	struct stat st;

	if (ign_node_owner(r, n, &uid, &gid, err) < 0)
		return -1;
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(err, ERR_IO, errno, "cannot look at the link");
	if ((st.st_uid != uid || st.st_gid != gid) &&
	    fchownat(folder, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(err, ERR_IO, errno, "cannot set the link's owner");
	return 0;
}

static int make_symbolic(const struct ign_root *r, const struct ign_node *n, int folder,
			 const char *name, const char *target, struct err *err)
{
	_cleanup_(freep) char *temp = ign_place_temp(name);
	uid_t uid;
	gid_t gid;

	if (symlinkat(target, folder, temp) < 0)
		return err_errno(err, ERR_IO, errno, "cannot make the link");
	default_owner(r, n, target, &uid, &gid);
	if (set_owner(r, n, folder, temp, uid, gid, err) < 0) {
		unlinkat(folder, temp, 0);
		return -1;
	}
	return ign_place(folder, temp, name, err);
}

static int symbolic(const struct ign_root *r, const struct ign_node *n, int folder,
		    const char *name, const char *target, const struct stat *there, struct err *err)
{
	if (!there || (n->overwrite && ign_node_replaces(n, there->st_mode)))
		return make_symbolic(r, n, folder, name, target, err);
	if (!S_ISLNK(there->st_mode) || !points_to(folder, name, target))
		return ign_node_replaces(n, there->st_mode)
			       ? make_symbolic(r, n, folder, name, target, err)
			       : ign_node_in_the_way(there->st_mode, err);
	return set_owner(r, n, folder, name, there->st_uid, there->st_gid, err);
}

/* An attempt that was cut has linked to the file which stood in the target's place before this one
 * made it anew. */
static bool was_linked(int of, const char *of_name, int folder, const char *name)
{
	_cleanup_(closep) int fd =
		openat(of, of_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       ign_node_has_bytes(folder, name, fd);
}

static int hard(const struct ign_root *r, const struct ign_node *n, int folder, const char *name,
		const char *target, const struct stat *there, struct err *err)
{
	_cleanup_(freep) char *temp = ign_place_temp(name), *path = NULL, *real = NULL;
	_cleanup_(closep) int of = -1;
	const char *of_name;
	struct stat st;

	/* a target that is not absolute is one of the root, not of the link's folder */
	path = xasprintf("/%s", target);
	if (ign_root_resolve(r, path, &real, err) < 0)
		return -1;
	of = ign_root_parent(r, real, false, &of_name, err);
	if (of < 0)
		return err_wrap(err, "target");
	if (fstatat(of, of_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_errno(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, errno, "target %s",
				 target);
	if (there && there->st_dev == st.st_dev && there->st_ino == st.st_ino)
		return 0;
	if (there && !ign_node_replaces(n, there->st_mode) &&
	    !(r->installed && S_ISREG(there->st_mode) && was_linked(of, of_name, folder, name)))
		return ign_node_in_the_way(there->st_mode, err);
	if (linkat(of, of_name, folder, temp, 0) < 0)
		return err_errno(err, ERR_IO, errno, "cannot make a hard link to %s", target);
	return ign_place(folder, temp, name, err);
}

int ign_link_make(const struct ign_root *r, const struct ign_node *n, struct err *err)
{
	const char *target = json_string_value(json_object_get(n->j, "target"));
	_cleanup_(closep) int folder = -1;
	const char *name;
	struct stat st;
	int there = ign_root_stat(r, n->real, &st, err);

	if (there < 0)
		return -1;
	folder = ign_root_parent(r, n->real, true, &name, err);
	if (folder < 0)
		return -1;
	return (json_is_true(json_object_get(n->j, "hard")) ? hard : symbolic)(
		r, n, folder, name, target, there ? &st : NULL, err);
}
