/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_node.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "target.h"

void ign_node_release(struct ign_node *n)
{
	free(n->at);
	free(n->real);
	*n = (struct ign_node){0};
}

/* root's number is 0 unless the root's own accounts say otherwise. */
static int find_root(const struct ign_root *r, uint32_t *ret)
{
	_cleanup_(freep) char *home = NULL;
	struct err ignored = ERR_INIT;
	struct target_owner owner;

	*ret = 0;
	if (target_account_find(r->fd, "root", &owner, &home, &ignored) == 0)
		*ret = owner.uid;
	err_release(&ignored);
	return 0;
}

/* {"id": 1000} or {"name": "core"}; the number comes first, as upstream has it. */
static int find(const struct ign_root *r, const struct ign_node *n, bool group, uint32_t *ret,
		struct err *err)
{
	const json_t *j = json_object_get(n->j, group ? "group" : "user");
	const json_t *id = json_object_get(j, "id");
	const char *name = json_string_value(json_object_get(j, "name"));
	struct target_owner owner;

	if (json_is_integer(id)) {
		*ret = (uint32_t)json_integer_value(id);
		return 0;
	}
	if (!name || !*name)
		return 0;
	if (!group && streq(name, "root"))
		return find_root(r, ret);
	if (target_owner_find(r->fd, group ? NULL : name, group ? name : NULL, &owner, err) < 0)
		return err_wrap(err, "%s.%s.name", n->at, group ? "group" : "user");
	*ret = group ? owner.gid : owner.uid;
	return 0;
}

int ign_node_owner(const struct ign_root *r, const struct ign_node *n, uid_t *uid, gid_t *gid,
		   struct err *err)
{
	if (find(r, n, false, uid, err) < 0)
		return -1;
	return find(r, n, true, gid, err);
}

int ign_node_permit(const struct ign_root *r, const struct ign_node *n, int fd, mode_t otherwise,
		    struct err *err)
{
	const json_t *j = json_object_get(n->j, "mode");
	mode_t mode = otherwise;
	struct stat st;
	uid_t uid;
	gid_t gid;

	if (fstat(fd, &st) < 0)
		return err_errno(err, ERR_IO, errno, "%s", n->path);
	uid = st.st_uid;
	gid = st.st_gid;
	if (ign_node_owner(r, n, &uid, &gid, err) < 0)
		return -1;
	if (json_is_integer(j))
		mode = (mode_t)json_integer_value(j) & 07777;
	/* the owner first: changing it clears the special bits */
	if ((uid != st.st_uid || gid != st.st_gid) && fchown(fd, uid, gid) < 0)
		return err_errno(err, ERR_IO, errno, "%s: cannot set the owner", n->path);
	if (fchmod(fd, mode) < 0)
		return err_errno(err, ERR_IO, errno, "%s: cannot set the mode", n->path);
	return 0;
}

static bool have_same_bytes(int a, int b)
{
	char x[16384], y[16384];
	off_t at = 0;

	for (;;) {
		ssize_t n = pread(a, x, sizeof(x), at), k = pread(b, y, sizeof(y), at);

		if (n < 0 || n != k || memcmp(x, y, (size_t)n) != 0)
			return false;
		if (n == 0)
			return true;
		at += n;
	}
}

bool ign_node_has_bytes(int folder, const char *name, int fd)
{
	_cleanup_(closep) int there =
		openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	return there >= 0 && have_same_bytes(there, fd);
}

bool ign_node_replaces(const struct ign_node *n, mode_t what)
{
	if (n->keeps_folders && S_ISDIR(what))
		return false;
	return n->overwrite || (n->may_replace && (S_ISREG(what) || S_ISLNK(what)));
}

int ign_node_in_the_way(mode_t what, struct err *err)
{
	return err_set(err, ERR_REFUSED, "a %s stands there; overwrite: true replaces it",
		       S_ISDIR(what)   ? "directory"
		       : S_ISREG(what) ? "file"
		       : S_ISLNK(what) ? "symbolic link"
				       : "special file");
}
