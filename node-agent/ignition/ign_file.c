/* SPDX-License-Identifier: Apache-2.0 */
/* storage.files of spec 3.4: contents, append. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>

#include "fsio.h"
#include "ign_node.h"
#include "ign_place.h"
#include "limits.h"

/* Attributes of one file, by name; the kernel's own limits (xattr(7)). */
#define XATTR_LIST_BYTES  65536
#define XATTR_VALUE_BYTES 65536

/* One file being made. */
struct making {
	const struct ign_root *root;
	struct ign_fetch *fetch;
	const struct ign_node *node;
	int old; /* the file that is added to; -1: none */
	struct stat old_stat;
	int fd; /* the new one */
};

static void making_release(struct making *m)
{
	closep(&m->old);
	closep(&m->fd);
}

static int copy_bytes(int from, int to, struct err *err)
{
	char block[65536];
	ssize_t n;

	while ((n = read(from, block, sizeof(block))) > 0)
		if (fd_write_all(to, block, (size_t)n, err) < 0)
			return -1;
	return n < 0 ? err_errno(err, ERR_IO, errno, "cannot read the file") : 0;
}

/* Capabilities, access lists, labels. A file system that has none is no error. */
static int copy_attributes(int from, int to, struct err *err)
{
	_cleanup_(freep) char *names = xmalloc(XATTR_LIST_BYTES);
	_cleanup_(freep) char *value = xmalloc(XATTR_VALUE_BYTES);
	ssize_t len = flistxattr(from, names, XATTR_LIST_BYTES);

	if (len < 0 && errno != ENOTSUP)
		return err_errno(err, ERR_IO, errno, "cannot list the file's attributes");
	for (const char *name = names; name < names + len; name += strlen(name) + 1) {
		ssize_t n = fgetxattr(from, name, value, XATTR_VALUE_BYTES);

		if (n < 0 || fsetxattr(to, name, value, (size_t)n, 0) < 0)
			return err_errno(err, ERR_IO, errno, "cannot copy the attribute %s", name);
	}
	return 0;
}

static int start_from_old(const struct making *m, struct err *err)
{
	if (copy_bytes(m->old, m->fd, err) < 0)
		return -1;
	if ((m->old_stat.st_uid != geteuid() || m->old_stat.st_gid != getegid()) &&
	    fchown(m->fd, m->old_stat.st_uid, m->old_stat.st_gid) < 0)
		return err_errno(err, ERR_IO, errno, "cannot set the owner");
	return copy_attributes(m->old, m->fd, err);
}

/* Whether an earlier attempt has added this already. */
static int is_in(const struct making *m, const char *text, size_t len, bool *ret, struct err *err)
{
	_cleanup_(freep) char *proc = xasprintf("/proc/self/fd/%d", m->fd), *now = NULL;
	size_t now_len;

	if (file_read(AT_FDCWD, proc, LIMIT_PLAN_BYTES, &now, &now_len, err) < 0)
		return -1;
	*ret = memmem(now, now_len, text, len) != NULL;
	return 0;
}

static int add_once(const struct making *m, const json_t *resource, const char *at, struct err *err)
{
	_cleanup_(freep) char *text = NULL;
	bool there = false;
	size_t len;

	if (ign_resource_read(m->fetch, resource, at, LIMIT_PLAN_BYTES, &text, &len, err) < 0 ||
	    is_in(m, text, len, &there, err) < 0)
		return -1;
	return there ? 0 : fd_write_all(m->fd, text, len, err);
}

static int fill(const struct making *m, bool fetched, struct err *err)
{
	const struct ign_node *n = m->node;
	const json_t *append = json_object_get(n->j, "append");
	const json_t *j;
	size_t i;

	if (fetched) {
		_cleanup_(freep) char *at = xasprintf("%s.contents", n->at);

		if (ign_resource_write(m->fetch, json_object_get(n->j, "contents"), at, m->fd,
				       err) < 0)
			return -1;
	} else if (m->old >= 0 && start_from_old(m, err) < 0) {
		return -1;
	}
	json_array_foreach ((json_t *)append, i, j) {
		_cleanup_(freep) char *at = xasprintf("%s.append[%zu]", n->at, i);
		bool once = m->root->installed && m->old >= 0;

		if (once ? add_once(m, j, at, err) < 0
			 : ign_resource_write(m->fetch, j, at, m->fd, err) < 0)
			return -1;
	}
	return 0;
}

static int finish(struct making *m, int folder, const char *name, bool must_match, struct err *err)
{
	mode_t otherwise = m->old >= 0 ? m->old_stat.st_mode & 07777 : 0644;

	if (must_match && !ign_node_has_bytes(folder, name, m->fd))
		return ign_node_in_the_way(S_IFREG, err);
	if (ign_node_permit(m->root, m->node, m->fd, otherwise, err) < 0)
		return -1;
	if (fsync(m->fd) < 0)
		return err_errno(err, ERR_IO, errno, "cannot sync");
	return 0;
}

static int make_new(struct making *m, int folder, const char *name, bool fetched, bool must_match,
		    struct err *err)
{
	_cleanup_(freep) char *temp = ign_place_temp(name);

	m->fd = openat(folder, temp, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (m->fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot create the file");
	if (fill(m, fetched, err) < 0 || finish(m, folder, name, must_match, err) < 0) {
		unlinkat(folder, temp, 0);
		return -1;
	}
	return ign_place(folder, temp, name, err);
}

/* The regular file that stands there; it was seen to be one, so that opening has no effect. */
static int open_old(struct making *m, int folder, const char *name, struct err *err)
{
	m->old = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (m->old < 0 || fstat(m->old, &m->old_stat) < 0)
		return err_errno(err, ERR_IO, errno, "cannot open the file");
	return 0;
}

int ign_file_make(const struct ign_root *r, struct ign_fetch *f, const struct ign_node *n,
		  struct err *err)
{
	const json_t *source = json_object_get(json_object_get(n->j, "contents"), "source");
	bool fetched = json_is_string(source), must_match = false;
	_cleanup_(making_release) struct making m = {
		.root = r, .fetch = f, .node = n, .old = -1, .fd = -1};
	_cleanup_(closep) int folder = -1;
	const char *name;
	struct stat st;
	int there = ign_root_stat(r, n->real, &st, err);

	if (there < 0)
		return -1;
	if (there && !(fetched && ign_node_replaces(n, st.st_mode))) {
		must_match = fetched;
		if (!S_ISREG(st.st_mode) || (fetched && !r->installed))
			return ign_node_in_the_way(st.st_mode, err);
	}
	folder = ign_root_parent(r, n->real, true, &name, err);
	if (folder < 0)
		return -1;
	if (there && !fetched && open_old(&m, folder, name, err) < 0)
		return -1;
	if (m.old >= 0 && json_array_size(json_object_get(n->j, "append")) == 0)
		return ign_node_permit(r, n, m.old, m.old_stat.st_mode & 07777, err);
	return make_new(&m, folder, name, fetched, must_match, err);
}
