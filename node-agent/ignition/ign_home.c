/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_home.h"

#include "target.h"

#include <errno.h>

/* Numbers of people, as login.defs(5) has them. */
#define UID_FIRST 1000u
#define UID_LAST  60000u

static const char *text_of(const json_t *j, const char *key)
{
	return json_string_value(json_object_get(j, key));
}

static int judge(const struct ign_root *r, const json_t *user, const char *home, uid_t owner,
		 struct err *err)
{
	const json_t *uid = json_object_get(user, "uid");
	_cleanup_(freep) char *other = NULL;

	if (json_is_integer(uid) && json_integer_value(uid) == (json_int_t)owner)
		return 0;
	if (json_is_integer(uid))
		return err_set(err, ERR_REFUSED,
			       "%s is there already and belongs to uid %u, not to uid %lld; write "
			       "uid: %u for this user, or give the folder to the other",
			       home, owner, (long long)json_integer_value(uid), owner);
	if (target_uid_name(r->fd, owner, &other, err) < 0)
		return -1;
	if (other)
		return err_set(err, ERR_REFUSED,
			       "%s is there already and belongs to uid %u, which is %s on the new "
			       "system; write uid: %u for this user and another uid for %s, or "
			       "give the folder to another number",
			       home, owner, other, owner, other);
	if (!json_is_true(json_object_get(user, "system")) &&
	    (owner < UID_FIRST || owner > UID_LAST))
		return err_set(err, ERR_REFUSED,
			       "%s is there already and belongs to uid %u, which is no number of a "
			       "person; write uid: %u for this user if that is meant, or give the "
			       "folder to another number",
			       home, owner, owner);
	return 0;
}

int ign_home_find(const struct ign_root *r, const json_t *user, uid_t *ret_uid, struct err *err)
{
	const char *given = text_of(user, "homeDir");
	_cleanup_(freep) char *home =
		given && *given ? xstrdup(given) : xasprintf("/home/%s", text_of(user, "name"));
	_cleanup_(freep) char *inside = xasprintf("%s/x", home), *real = NULL;
	_cleanup_(closep) int fd = -1;
	struct err missing = ERR_INIT;
	const char *name;
	struct stat st;

	if (ign_root_resolve(r, inside, &real, err) < 0)
		return -1;
	fd = ign_root_parent(r, real, false, &name, &missing);
	if (fd < 0 && missing.kind == ERR_NOT_FOUND) {
		err_release(&missing);
		return 0;
	}
	if (fd < 0) {
		err_move(err, &missing);
		return -1;
	}
	if (fstat(fd, &st) < 0)
		return err_errno(err, ERR_IO, errno, "%s", home);
	if (st.st_uid == 0)
		return 0;
	if (judge(r, user, home, st.st_uid, err) < 0)
		return -1;
	*ret_uid = st.st_uid;
	return 1;
}
