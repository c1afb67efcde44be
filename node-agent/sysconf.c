/* SPDX-License-Identifier: Apache-2.0 */
#include "sysconf.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "buf.h"
#include "fs_table.h"
#include "fsio.h"
#include "ign_config.h"
#include "ign_stage.h"
#include "plan_ignition.h"
#include "target.h"

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

/* The boot loader has the plan's own kernel arguments: what is included cannot bring more, or take
 * one out, without that being lost. */
static int check_arguments(const struct plan *plan, const json_t *config, struct err *err)
{
	static const char *const keys[] = {"shouldExist", "shouldNotExist"};

	for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
		_cleanup_(strv_release) struct strv own = {0};
		const json_t *lists = json_object_get(config, "kernelArguments"), *j;
		size_t i;

		plan_kernel_arguments(plan, keys[k], &own);
		json_array_foreach (json_object_get(lists, keys[k]), i, j)
			if (!strv_has(&own, json_string_value(j)))
				return err_set(err, ERR_CONFIG,
					       "$.kernelArguments.%s: %s comes from an included "
					       "config, and only those of the templates and the "
					       "node take effect; write it there",
					       keys[k], json_string_value(j));
	}
	return 0;
}

/* The plan's config with all that it includes; its disks are its pools, whoever includes others.
 * New reference; NULL after an error. */
static json_t *load_config(const struct plan *plan, struct ign_fetch **ret_fetch, struct err *err)
{
	_cleanup_(freep) char *text = jsonx_canonical(plan->config), *path = NULL;
	_cleanup_(closep) int fd = memfd_create("config", MFD_CLOEXEC);
	_cleanup_(json_decrefp) json_t *config = NULL;
	struct ign_fetch *f = NULL;

	if (fd < 0) {
		err_errno(err, ERR_IO, errno, "the plan's config");
		return NULL;
	}
	if (fd_write_all(fd, text, strlen(text), err) < 0)
		return NULL;
	path = xasprintf("/proc/self/fd/%d", fd);
	if (ign_config_load_pinned(path, &config, &f, err) < 0)
		return NULL;
	if (plan_ignition_check(config, err) < 0 || check_arguments(plan, config, err) < 0) {
		ign_fetch_free(f);
		return NULL;
	}
	*ret_fetch = f;
	return TAKE_PTR(config);
}

int sysconf_check(const struct plan *plan, struct err *err)
{
	struct ign_fetch *f = NULL;
	_cleanup_(json_decrefp) json_t *config = load_config(plan, &f, err);

	ign_fetch_free(f);
	return config ? 0 : -1;
}

static int write_config(const char *root_path, const struct plan *plan, struct err *err)
{
	struct ign_fetch *f = NULL;
	_cleanup_(json_decrefp) json_t *config = load_config(plan, &f, err);
	int r;

	if (!config)
		return -1;
	r = ign_stage_installed(config, f, root_path, err);
	ign_fetch_free(f);
	return r;
}

int sysconf_write(int root, const char *root_path, const struct plan *plan, struct err *err)
{
	if (write_identity(root, plan, err) < 0 || write_network(root, plan, err) < 0)
		return -1;
	return write_config(root_path, plan, err);
}
