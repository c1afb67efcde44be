/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_keys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "buf.h"
#include "ign_place.h"
#include "limits.h"
#include "target.h"

static int check_owner(int fd, const char *name, struct target_owner owner, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_errno(err, ERR_IO, errno, "cannot look at %s", name);
	if (st.st_uid != owner.uid && st.st_uid != 0)
		return err_set(err, ERR_REFUSED,
			       "%s belongs to uid %u, and the user is uid %u; write uid: %u for "
			       "the user, or give the folder to the user",
			       name, st.st_uid, owner.uid, st.st_uid);
	return 0;
}

/* The folder in the home folder, made when it is missing. */
static int open_folder(int parent, const char *name, struct target_owner owner, struct err *err)
{
	_cleanup_(closep) int fd = -1;
	bool is_new = mkdirat(parent, name, 0700) == 0;

	if (!is_new && errno != EEXIST)
		return err_errno(err, ERR_IO, errno, "cannot make %s", name);
	fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return err_set(err, ERR_REFUSED,
			       "%s is no folder; a link is not followed in a home folder", name);
	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot open %s", name);
	if (is_new && (owner.uid != geteuid() || owner.gid != getegid()) &&
	    fchown(fd, owner.uid, owner.gid) < 0)
		return err_errno(err, ERR_IO, errno, "cannot give %s to the user", name);
	if (check_owner(fd, name, owner, err) < 0)
		return -1;
	return TAKE_FD(fd);
}

static int open_home(const struct ign_root *r, const char *home, struct target_owner owner,
		     struct err *err)
{
	_cleanup_(freep) char *inside = xasprintf("%s/.ssh", home), *real = NULL;
	_cleanup_(closep) int fd = -1;
	const char *name;

	if (ign_root_resolve(r, inside, &real, err) < 0)
		return -1;
	fd = ign_root_parent(r, real, false, &name, err);
	if (fd < 0)
		return err_wrap(err, "the home folder %s", home);
	if (check_owner(fd, home, owner, err) < 0)
		return -1;
	return TAKE_FD(fd);
}

int ign_keys_write(const struct ign_root *r, const char *user, const json_t *keys, struct err *err)
{
	_cleanup_(closep) int home = -1, ssh = -1, folder = -1;
	_cleanup_(freep) char *home_path = NULL;
	_cleanup_(buf_release) struct buf text;
	struct target_owner owner;
	const json_t *j;
	size_t i;

	buf_init(&text, LIMIT_PLAN_BYTES);
	if (json_array_size(keys) == 0)
		return 0;
	json_array_foreach ((json_t *)keys, i, j)
		buf_addf(&text, "%s%s", i ? "\n" : "", json_string_value(j));
	if (!endswith(text.data, "\n"))
		buf_addc(&text, '\n');
	if (text.overflow)
		return err_set(err, ERR_CONFIG, "sshAuthorizedKeys: more than %d bytes",
			       LIMIT_PLAN_BYTES);
	if (target_account_find(r->fd, user, &owner, &home_path, err) < 0)
		return -1;
	home = open_home(r, home_path, owner, err);
	if (home < 0)
		return -1;
	ssh = open_folder(home, ".ssh", owner, err);
	if (ssh < 0)
		return -1;
	if (r->installed)
		return ign_place_text(ssh, "authorized_keys", text.data, 0600, owner.uid, owner.gid,
				      err);
	folder = open_folder(ssh, "authorized_keys.d", owner, err);
	if (folder < 0)
		return -1;
	return ign_place_text(folder, "ignition", text.data, 0600, owner.uid, owner.gid, err);
}
