/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_command.h"

#include "runcmd.h"

#include <string.h>
#include <sys/stat.h>

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

/* Itself, as a part of "key=value,key=value", or behind a letter: "-l/dev/sda". */
static bool names_device(const char *option)
{
	_cleanup_(freep) char *copy = xstrdup(option);
	char *rest = copy, *part;

	if (strstr(option, "/dev/"))
		return true;
	while ((part = strsep(&rest, ",="))) {
		const char *path = strchr(part, '/');
		struct stat st;

		/* mke2fs finds a journal also by its label */
		if ((streq(part, "device") && rest) ||
		    (stat(part, &st) == 0 && S_ISBLK(st.st_mode)) ||
		    (path && stat(path, &st) == 0 && S_ISBLK(st.st_mode)))
			return true;
	}
	return false;
}

int ign_command_check_options(const json_t *list, const char *path, struct err *err)
{
	const json_t *j;
	size_t i;

	json_array_foreach (list, i, j)
		if (names_device(json_string_value(j)))
			return err_set(err, ERR_REFUSED,
				       "%s[%zu]: names a device, which nobody would look at before "
				       "it is written; only what the entry itself names is",
				       path, i);
	return 0;
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
