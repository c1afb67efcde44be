/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_stage.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "ign_crypttab.h"
#include "ign_files.h"
#include "ign_kargs.h"
#include "ign_mount.h"
#include "ign_passwd.h"
#include "ign_units.h"

/* The temporary names and the renames of files; their contents were synced one by one. */
static int sync_root(const struct ign_root *r, struct err *err)
{
	_cleanup_(closep) int fd = openat(r->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || syncfs(fd) < 0)
		return err_errno(err, ERR_IO, errno, "%s", r->path);
	return 0;
}

/* `made`: the mount points that were missing. */
static int run_mounted(const json_t *config, struct ign_fetch *f, const struct ign_root *r,
		       const struct strv *made, struct err *err)
{
	if (ign_files_check(r, config, err) < 0 || ign_passwd_make(r, config, err) < 0 ||
	    ign_mount_own_homes(r, config, made, err) < 0 ||
	    ign_files_make(r, f, config, err) < 0 || ign_units_make(r, config, err) < 0 ||
	    ign_crypttab_make(r, f, config, err) < 0 ||
	    (!r->installed && ign_kargs_make(r, config, err) < 0))
		return -1;
	return sync_root(r, err);
}

static int run(const json_t *config, struct ign_fetch *f, const struct ign_root *r, struct err *err)
{
	struct strv made = {0};
	int result = ign_crypttab_check(config, err);

	/* an installed root's arguments are its boot loader's phase's */
	if (result == 0 && !r->installed)
		result = ign_kargs_check(r, config, err);
	/* whoever installs a root has mounted what belongs to it */
	if (result == 0 && !r->installed)
		result = ign_mount_make(r, config, &made, err);
	if (result == 0)
		result = run_mounted(config, f, r, &made, err);
	strv_release(&made);
	return result;
}

static int run_at(const json_t *config, struct ign_fetch *f, const char *path, bool installed,
		  struct err *err)
{
	_cleanup_(ign_root_release) struct ign_root root = {.fd = -1};
	/* what the spec has no mode for: folders in between get 0755 */
	mode_t before = umask(022);
	int r = ign_root_open(&root, path, installed, err);

	if (r == 0)
		r = run(config, f, &root, err);
	umask(before);
	return r;
}

int ign_stage_files(const json_t *config, struct ign_fetch *f, const char *root, struct err *err)
{
	return run_at(config, f, root, false, err);
}

int ign_stage_installed(const json_t *config, struct ign_fetch *f, const char *root,
			struct err *err)
{
	return run_at(config, f, root, true, err);
}
