/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_rehearsal.h"

#include "ign_filesystem.h"
#include "limits.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* In memory. */
#define FOLDER "/run/provision-mkfs-XXXXXX"

/* The flag with which a mkfs only says what it would do. The others really make it, in a sparse
 * file, where all but vfat write little. */
static const char *dry_flag(const char *program)
{
	if (streq(program, "mkfs.ext4"))
		return "-n";
	return streq(program, "mkfs.xfs") ? "-N" : NULL;
}

static void build(const json_t *fs, const char *file, struct ign_command *ret)
{
	_cleanup_json_ json_t *j = json_deep_copy(fs);
	_cleanup_(ign_command_release) struct ign_command c = {0};
	const char *flag;

	/* mkfs.btrfs looks for the UUID on all disks, and it may be on the one that is made anew */
	if (streq_null(json_string_value(json_object_get(j, "format")), "btrfs"))
		json_object_del(j, "uuid");
	ign_filesystem_command(j, file, &c);
	flag = c.argv.n > 0 ? dry_flag(c.argv.v[0]) : NULL;
	for (size_t i = 0; i < c.argv.n; i++) {
		strv_add(&ret->argv, c.argv.v[i]);
		if (i == 0 && flag)
			strv_add(&ret->argv, flag);
	}
}

static int run(const json_t *fs, uint64_t size, const char *file, const char *path, struct err *err)
{
	_cleanup_(closep) int fd = open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	_cleanup_(ign_command_release) struct ign_command c = {0};

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		return err_errno(err, ERR_IO, errno, "%s: cannot make %s", path, file);
	build(fs, file, &c);
	if (c.argv.n == 0 || ign_command_run(&c, err) == 0)
		return 0;
	err->kind = ERR_REFUSED;
	return err_wrap(err, "%s: tried with a file of %llu bytes", path, (unsigned long long)size);
}

int ign_rehearse(const json_t *fs, uint64_t size, const char *path, struct err *err)
{
	const char *format = json_string_value(json_object_get(fs, "format"));
	_cleanup_(freep) char *file = NULL;
	char folder[] = FOLDER;
	int r;

	if (streq_null(format, "vfat") && size > LIMIT_IGN_VFAT_TRIED)
		return 0;
	if (!mkdtemp(folder))
		return err_errno(err, ERR_IO, errno, "%s: cannot make a folder in /run", path);
	file = xasprintf("%s/device", folder);
	r = run(fs, size, file, path, err);
	unlink(file);
	rmdir(folder);
	return r;
}
