/* SPDX-License-Identifier: Apache-2.0 */
#include "sysconf.h"

#include <errno.h>
#include <string.h>

#include "buf.h"
#include "fs_table.h"
#include "limits.h"
#include "runcmd.h"
#include "target.h"

#define COMMAND_LIMIT_S 120

static int write_text(int root, const char *path, const char *text, struct err *err)
{
	return target_write(root, path, text, strlen(text), 0644, TARGET_ROOT, err);
}

/* Without resolved in the image, resolv.conf is a plain file. */
static int write_resolv(int root, const struct plan *plan, struct err *err)
{
	struct buf b;
	_cleanup_(freep) char *text = NULL;

	if (target_exists(root, "/usr/lib/systemd/systemd-resolved") || plan->network.n_dns == 0)
		return 0;
	buf_init(&b, 4096);
	if (plan->network.domain)
		buf_addf(&b, "search %s\n", plan->network.domain);
	for (size_t i = 0; i < plan->network.n_dns; i++) {
		char ip[IPV4_TEXT_SIZE];

		buf_addf(&b, "nameserver %s\n", ipv4_format(plan->network.dns[i], ip));
	}
	text = buf_take(&b);
	return write_text(root, "/etc/resolv.conf", text, err);
}

static int write_network(int root, const struct plan *plan, struct err *err)
{
	_cleanup_(freep) char *first = sysconf_network(plan);
	_cleanup_(freep) char *others = sysconf_network_others(plan);
	_cleanup_(freep) char *time = sysconf_timesyncd(plan);

	if (write_text(root, "/etc/systemd/network/10-provision.network", first, err) < 0)
		return -1;
	if (others &&
	    write_text(root, "/etc/systemd/network/20-provision-others.network", others, err) < 0)
		return -1;
	if (time &&
	    write_text(root, "/etc/systemd/timesyncd.conf.d/10-provision.conf", time, err) < 0)
		return -1;
	return write_resolv(root, plan, err);
}

static int write_fstab(int root, const struct plan *plan, struct err *err)
{
	_cleanup_(fs_table_release) struct fs_table table = {0};
	_cleanup_(freep) char *text = NULL;

	if (fs_table_build(plan, &table, err) < 0)
		return -1;
	text = fs_table_format(&table);
	return write_text(root, "/etc/fstab", text, err);
}

static int write_identity(int root, const struct plan *plan, struct err *err)
{
	_cleanup_(freep) char *hostname = xasprintf("%s\n", plan->node);
	_cleanup_(freep) char *hosts = sysconf_hosts(plan);

	if (write_text(root, "/etc/hostname", hostname, err) < 0 ||
	    write_text(root, "/etc/hosts", hosts, err) < 0 || write_fstab(root, plan, err) < 0)
		return -1;
	/* Empty: systemd makes one at the first start (machine-id(5)). */
	return write_text(root, "/etc/machine-id", "", err);
}

static int in_target(const char *root_path, const char *const *argv, struct err *err)
{
	/* systemctl cannot tell without /proc that nobody runs there. */
	static const char *const env[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "SYSTEMD_OFFLINE=1",
					  NULL};
	struct runcmd cmd = {
		.argv = argv, .env = env, .root = root_path, .timeout_s = COMMAND_LIMIT_S};

	return runcmd(&cmd, NULL, err);
}

static int write_keys(int root, const struct plan_user *u, struct err *err)
{
	_cleanup_(freep) char *home = NULL, *folder = NULL, *file = NULL, *text = NULL;
	struct target_owner owner;
	struct buf b;

	if (u->ssh_keys.n == 0)
		return 0;
	if (target_account_find(root, u->name, &owner, &home, err) < 0)
		return -1;
	folder = xasprintf("%s/.ssh", home);
	file = xasprintf("%s/authorized_keys", folder);
	buf_init(&b, LIMIT_PLAN_BYTES);
	for (size_t i = 0; i < u->ssh_keys.n; i++)
		buf_addf(&b, "%s\n", u->ssh_keys.v[i]);
	text = buf_take(&b);
	if (target_mkdir(root, folder, 0700, owner, err) < 0)
		return -1;
	return target_write(root, file, text, strlen(text), 0600, owner, err);
}

/* Debian has groups without a user, such as operator. */
static int add_user(int root, const char *root_path, const struct plan_user *u, struct err *err)
{
	const char *const argv[] = {
		"useradd", "--create-home", "--shell", "/bin/bash", "--no-user-group",
		"--gid",   u->name,         "--",      u->name,     NULL};
	const char *const own_group[] = {
		"useradd", "--create-home", "--shell", "/bin/bash", "--user-group",
		"--",      u->name,         NULL};
	struct target_owner owner;
	struct err why = ERR_INIT;

	if (target_owner_find(root, NULL, u->name, &owner, &why) == 0)
		return in_target(root_path, argv, err);
	err_release(&why);
	return in_target(root_path, own_group, err);
}

static int make_user(int root, const char *root_path, const struct plan_user *u, struct err *err)
{
	struct target_owner owner;
	struct err why = ERR_INIT;

	if (target_owner_find(root, u->name, NULL, &owner, &why) < 0) {
		err_release(&why);
		if (add_user(root, root_path, u, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < u->groups.n; i++) {
		const char *const join[] = {"usermod", "--append", "--groups", u->groups.v[i],
					    "--",      u->name,    NULL};

		if (in_target(root_path, join, err) < 0)
			return -1;
	}
	return 0;
}

/* What a useradd leaves that the power was cut from. The next one would take a lock that is empty,
 * or has the number of some process of this start, for another's work, and give up. */
static int remove_locks(int root, struct err *err)
{
	static const char *const locks[] = {"/etc/passwd.lock", "/etc/shadow.lock",
					    "/etc/group.lock",  "/etc/gshadow.lock",
					    "/etc/subuid.lock", "/etc/subgid.lock"};

	for (size_t i = 0; i < ARRAY_SIZE(locks); i++) {
		const char *name;
		_cleanup_(closep) int folder = target_parent(root, locks[i], &name, err);

		if (folder < 0)
			return -1;
		if (unlinkat(folder, name, 0) < 0 && errno != ENOENT)
			return err_errno(err, ERR_IO, errno, "cannot remove %s", locks[i]);
	}
	return 0;
}

int sysconf_users(int root, const char *root_path, const struct plan *plan, struct err *err)
{
	if (remove_locks(root, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->n_users; i++) {
		const struct plan_user *u = &plan->users[i];

		if (make_user(root, root_path, u, err) < 0 || write_keys(root, u, err) < 0)
			return err_wrap(err, "user %s", u->name);
	}
	return 0;
}

/* So that a second run adds nothing. */
static bool is_in(int root, const struct plan_file *f)
{
	_cleanup_(freep) char *text = NULL;
	struct err ignored = ERR_INIT;
	size_t len;

	if (target_read(root, f->path, LIMIT_PLAN_BYTES, &text, &len, &ignored) < 0) {
		err_release(&ignored);
		return false;
	}
	return memmem(text, len, f->contents, f->len) != NULL;
}

static int write_file(int root, const struct plan_file *f, struct err *err)
{
	struct target_owner owner;

	if (target_owner_find(root, f->user, f->group, &owner, err) < 0)
		return err_wrap(err, "%s", f->path);
	if (f->link_target)
		return target_link(root, f->path, f->link_target, owner, err);
	if (f->is_directory)
		return target_mkdir(root, f->path, f->mode, owner, err);
	if (f->append && is_in(root, f))
		return 0;
	if (f->append)
		return target_append(root, f->path, f->contents, f->len, f->mode, owner, err);
	return target_write(root, f->path, f->contents, f->len, f->mode, owner, err);
}

int sysconf_files(int root, const struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < plan->n_files; i++) {
		if (write_file(root, &plan->files[i], err) < 0)
			return -1;
	}
	return 0;
}

static int write_unit(int root, const struct plan_unit *u, struct err *err)
{
	_cleanup_(freep) char *path = xasprintf("/etc/systemd/system/%s", u->name);

	if (u->contents && write_text(root, path, u->contents, err) < 0)
		return -1;
	for (size_t i = 0; i < u->n_dropins; i++) {
		const struct plan_file *d = &u->dropins[i];
		_cleanup_(freep) char *file = xasprintf("%s.d/%s", path, d->path);

		if (target_write(root, file, d->contents, d->len, 0644, TARGET_ROOT, err) < 0)
			return -1;
	}
	return 0;
}

int sysconf_units(int root, const char *root_path, const struct plan *plan, struct err *err)
{
	for (size_t i = 0; i < plan->n_units; i++) {
		const struct plan_unit *u = &plan->units[i];
		const char *verb = u->mask                 ? "mask"
				   : u->enabled == TRI_YES ? "enable"
				   : u->enabled == TRI_NO  ? "disable"
							   : NULL;
		const char *const argv[] = {"systemctl", "--quiet", verb, "--", u->name, NULL};

		if (write_unit(root, u, err) < 0)
			return err_wrap(err, "unit %s", u->name);
		if (verb && in_target(root_path, argv, err) < 0)
			return err_wrap(err, "unit %s", u->name);
	}
	return 0;
}

int sysconf_write(int root, const char *root_path, const struct plan *plan, struct err *err)
{
	if (write_identity(root, plan, err) < 0 || write_network(root, plan, err) < 0 ||
	    sysconf_users(root, root_path, plan, err) < 0 || sysconf_files(root, plan, err) < 0)
		return -1;
	return sysconf_units(root, root_path, plan, err);
}
