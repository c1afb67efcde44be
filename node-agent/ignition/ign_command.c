/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_command.h"

#include "runcmd.h"

#include <string.h>

static const struct {
	const char *program, *package;
} packages[] = {
	{"mkfs.btrfs", "btrfs-progs"},    {"mkfs.ext4", "e2fsprogs"}, {"mkfs.xfs", "xfsprogs"},
	{"mkfs.vfat", "dosfstools"},      {"mkswap", "util-linux"},   {"mdadm", "mdadm"},
	{"cryptsetup", "cryptsetup-bin"}, {"clevis", "clevis-luks"},
};

void ign_command_add_words(struct ign_command *c, const char *const *words)
{
	for (; *words; words++)
		strv_add(&c->argv, *words);
}

void ign_command_add_list(struct ign_command *c, const json_t *list)
{
	const json_t *j;
	size_t i;

	json_array_foreach (list, i, j)
		strv_add(&c->argv, json_string_value(j));
}

void ign_command_release(struct ign_command *c)
{
	strv_release(&c->argv);
}

static bool is_in_path(const char *program)
{
	_cleanup_(freep) char *copy = xstrdup(getenv("PATH"));
	char *rest = copy, *folder;

	while (rest && (folder = strsep(&rest, ":"))) {
		_cleanup_(freep) char *file = xasprintf("%s/%s", folder, program);

		if (access(file, X_OK) == 0)
			return true;
	}
	return false;
}

int ign_command_check(const struct ign_command *c, const char *path, struct err *err)
{
	const char *program = c->argv.v[0], *package = program;

	if (is_in_path(program))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(packages); i++)
		if (streq(packages[i].program, program))
			package = packages[i].package;
	return err_set(err, ERR_REFUSED, "%s: wants the program %s; install the package %s", path,
		       program, package);
}

int ign_command_run(const struct ign_command *c, struct err *err)
{
	_cleanup_(freep) const char **argv = xcalloc(c->argv.n + 1, sizeof(*argv));

	for (size_t i = 0; i < c->argv.n; i++)
		argv[i] = c->argv.v[i];
	return runcmd_argv(argv, err);
}

char *ign_command_text(const struct ign_command *c)
{
	return strv_join(&c->argv, " ");
}
