/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_passwd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "ign_home.h"
#include "ign_keys.h"
#include "ign_program.h"
#include "target.h"

static const char *text_of(const json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	return text && *text ? text : NULL;
}

static bool is_true(const json_t *j, const char *key)
{
	return json_is_true(json_object_get(j, key));
}

static void add_text(struct strv *argv, const char *option, const char *text)
{
	if (!text)
		return;
	strv_add(argv, option);
	strv_add(argv, text);
}

static void add_number(struct strv *argv, const char *option, const json_t *number)
{
	if (!json_is_integer(number))
		return;
	strv_add(argv, option);
	strv_take(argv, xasprintf("%lld", (long long)json_integer_value(number)));
}

static void add_if(struct strv *argv, const json_t *j, const char *key, const char *option)
{
	if (is_true(j, key))
		strv_add(argv, option);
}

static int run_on(const struct ign_root *r, struct strv *argv, const char *name, struct err *err)
{
	strv_add(argv, "--");
	strv_add(argv, name);
	return ign_program_run(r, argv, NULL, err);
}

static bool exists(const struct ign_root *r, const char *user, const char *group)
{
	struct target_owner owner;
	struct err ignored = ERR_INIT;

	if (target_owner_find(r->fd, user, group, &owner, &ignored) == 0)
		return true;
	err_release(&ignored);
	return false;
}

/* program: chpasswd or chgpasswd. */
static int set_hash(const struct ign_root *r, const char *program, const char *name,
		    const char *hash, struct err *err)
{
	_cleanup_(strv_release) struct strv argv = {0};
	_cleanup_(freep) char *line = NULL;
	int result;

	if (strpbrk(hash, ":\n"))
		return err_set(err, ERR_CONFIG,
			       "passwordHash: has a colon or a line break; give what mkpasswd(1) "
			       "prints");
	strv_add(&argv, program);
	strv_add(&argv, "--encrypted");
	line = xasprintf("%s:%s\n", name, hash);
	result = ign_program_run(r, &argv, line, err);
	explicit_bzero(line, strlen(line));
	return result;
}

static int make_group(const struct ign_root *r, const json_t *j, const char *name, struct err *err)
{
	_cleanup_(strv_release) struct strv argv = {0};
	const char *hash = text_of(j, "passwordHash");
	bool there = exists(r, NULL, name);

	if (json_is_false(json_object_get(j, "shouldExist"))) {
		strv_add(&argv, "groupdel");
		return there ? run_on(r, &argv, name, err) : 0;
	}
	if (!there || !r->installed) {
		strv_add(&argv, "groupadd");
		add_number(&argv, "--gid", json_object_get(j, "gid"));
		add_text(&argv, "--password", "*");
		add_if(&argv, j, "system", "--system");
		if (run_on(r, &argv, name, err) < 0)
			return -1;
	}
	return hash ? set_hash(r, "chgpasswd", name, hash, err) : 0;
}

static int describe_new(const struct ign_root *r, const json_t *j, const char *name,
			struct strv *argv, struct err *err)
{
	bool own_group = !is_true(j, "noUserGroup") && !text_of(j, "primaryGroup");
	uid_t uid = 0;
	int adopted = r->installed ? ign_home_find(r, j, &uid, err) : 0;

	if (adopted < 0)
		return -1;
	strv_add(argv, "useradd");
	if (adopted && !json_is_integer(json_object_get(j, "uid"))) {
		strv_add(argv, "--uid");
		strv_take(argv, xasprintf("%u", uid));
	}
	add_text(argv, "--home-dir", text_of(j, "homeDir"));
	strv_add(argv, is_true(j, "noCreateHome") ? "--no-create-home" : "--create-home");
	add_if(argv, j, "system", "--system");
	add_if(argv, j, "noLogInit", "--no-log-init");
	add_text(argv, "--password", "*");
	/* Debian has groups without a user, such as operator */
	if (r->installed && own_group && exists(r, NULL, name)) {
		add_text(argv, "--gid", name);
		strv_add(argv, "--no-user-group");
	} else {
		add_if(argv, j, "noUserGroup", "--no-user-group");
	}
	if (r->installed && !text_of(j, "shell"))
		add_text(argv, "--shell", "/bin/bash");
	return 0;
}

static void describe_old(const json_t *j, struct strv *argv)
{
	const char *home = text_of(j, "homeDir");
	const char *hash = json_string_value(json_object_get(j, "passwordHash"));

	strv_add(argv, "usermod");
	if (home) {
		add_text(argv, "--home", home);
		strv_add(argv, "--move-home");
	}
	if (hash && !*hash)
		add_text(argv, "--password", "*");
}

/* more: beside those that the account has already. */
static void add_groups(struct strv *argv, const json_t *groups, bool more)
{
	_cleanup_(strv_release) struct strv names = {0};
	_cleanup_(freep) char *joined = NULL;
	const json_t *j;
	size_t i;

	json_array_foreach ((json_t *)groups, i, j)
		strv_add(&names, json_string_value(j));
	joined = strv_join(&names, ",");
	if (names.n && more)
		strv_add(argv, "--append");
	add_text(argv, "--groups", names.n ? joined : NULL);
}

static int change_account(const struct ign_root *r, const json_t *j, const char *name, bool there,
			  struct err *err)
{
	_cleanup_(strv_release) struct strv argv = {0};

	if (there)
		describe_old(j, &argv);
	else if (describe_new(r, j, name, &argv, err) < 0)
		return -1;
	add_number(&argv, "--uid", json_object_get(j, "uid"));
	add_text(&argv, "--comment", text_of(j, "gecos"));
	add_text(&argv, "--gid", text_of(j, "primaryGroup"));
	add_groups(&argv, json_object_get(j, "groups"), there && r->installed);
	add_text(&argv, "--shell", text_of(j, "shell"));
	/* a usermod that has nothing to change complains */
	return argv.n == 1 && there ? 0 : run_on(r, &argv, name, err);
}

static int make_user(const struct ign_root *r, const json_t *j, const char *name, struct err *err)
{
	const char *hash = text_of(j, "passwordHash");
	bool there = exists(r, name, NULL);

	if (json_is_false(json_object_get(j, "shouldExist"))) {
		_cleanup_(strv_release) struct strv argv = {0};

		strv_add(&argv, "userdel");
		strv_add(&argv, "--remove");
		return there ? run_on(r, &argv, name, err) : 0;
	}
	if (change_account(r, j, name, there, err) < 0 ||
	    (hash && set_hash(r, "chpasswd", name, hash, err) < 0))
		return -1;
	return ign_keys_write(r, name, json_object_get(j, "sshAuthorizedKeys"), err);
}

/* What a useradd leaves that the power was cut from. The next one would take a lock that is empty,
 * or has the number of some process of this start, for another's work, and give up. */
static int remove_locks(const struct ign_root *r, struct err *err)
{
	static const char *const locks[] = {"/etc/passwd.lock", "/etc/shadow.lock",
					    "/etc/group.lock",  "/etc/gshadow.lock",
					    "/etc/subuid.lock", "/etc/subgid.lock"};

	for (size_t i = 0; i < ARRAY_SIZE(locks); i++) {
		_cleanup_(freep) char *real = NULL;
		_cleanup_(closep) int folder = -1;
		const char *name;

		if (ign_root_resolve(r, locks[i], &real, err) < 0)
			return -1;
		folder = ign_root_parent(r, real, true, &name, err);
		if (folder < 0)
			return -1;
		if (unlinkat(folder, name, 0) < 0 && errno != ENOENT)
			return err_errno(err, ERR_IO, errno, "cannot remove %s", locks[i]);
	}
	return 0;
}

/* Whether the account gets the number of a folder that is there. Its groups have to be there too:
 * one of them may be that of a user who is not yet. */
static bool comes_first(const struct ign_root *r, const json_t *j)
{
	const json_t *groups = json_object_get(j, "groups"), *group;
	const char *primary = text_of(j, "primaryGroup");
	struct err ignored = ERR_INIT;
	uid_t uid = 0;
	int adopted;
	size_t i;

	if (json_is_false(json_object_get(j, "shouldExist")) ||
	    exists(r, text_of(j, "name"), NULL) || (primary && !exists(r, NULL, primary)))
		return false;
	json_array_foreach (groups, i, group)
		if (!exists(r, NULL, json_string_value(group)))
			return false;
	adopted = ign_home_find(r, j, &uid, &ignored);
	err_release(&ignored);
	return adopted == 1;
}

/* Whoever has a folder already comes first, or useradd gives its number to somebody else. */
static int make_adopted(const struct ign_root *r, const json_t *users, struct err *err)
{
	const json_t *j;
	size_t i;

	json_array_foreach (users, i, j) {
		const char *name = text_of(j, "name");

		if (comes_first(r, j) && make_user(r, j, name, err) < 0)
			return err_wrap(err, "$.passwd.users[%zu]: %s", i, name);
	}
	return 0;
}

static int make_all(const struct ign_root *r, const json_t *list, const char *section,
		    int (*make)(const struct ign_root *r, const json_t *j, const char *name,
				struct err *err),
		    struct err *err)
{
	const json_t *j;
	size_t i;

	json_array_foreach ((json_t *)list, i, j) {
		const char *name = json_string_value(json_object_get(j, "name"));

		if (make(r, j, name, err) < 0)
			return err_wrap(err, "$.passwd.%s[%zu]: %s", section, i, name);
	}
	return 0;
}

int ign_passwd_make(const struct ign_root *r, const json_t *config, struct err *err)
{
	const json_t *passwd = json_object_get(config, "passwd");

	if (r->installed && remove_locks(r, err) < 0)
		return -1;
	if (make_all(r, json_object_get(passwd, "groups"), "groups", make_group, err) < 0 ||
	    (r->installed && make_adopted(r, json_object_get(passwd, "users"), err) < 0))
		return -1;
	return make_all(r, json_object_get(passwd, "users"), "users", make_user, err);
}
