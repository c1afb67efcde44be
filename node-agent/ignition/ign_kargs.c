/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_kargs.h"

#include <fcntl.h>
#include <string.h>

#include "buf.h"
#include "ign_place.h"
#include "plan.h"
#include "target.h"

#define FRAGMENT "/etc/default/grub.d/60-ignition.cfg"
#define CONFIG   "/boot/grub/grub.cfg"
/* A kernel has some 3 kB in it, and a folder full of kernels is small beside this. */
#define CONFIG_MAX (4u * 1024 * 1024)

static const char exist[] = "shouldExist", not_exist[] = "shouldNotExist";

static bool is_one_of(const json_t *list, const char *word, size_t len)
{
	const json_t *j;
	size_t i;

	json_array_foreach ((json_t *)list, i, j) {
		const char *text = json_string_value(j);

		if (strlen(text) == len && strncmp(text, word, len) == 0)
			return true;
	}
	return false;
}

static int check_list(const json_t *arguments, const char *key, struct err *err)
{
	const json_t *j;
	size_t i;

	json_array_foreach (json_object_get(arguments, key), i, j)
		if (!kernel_argument_is_valid(json_string_value(j)))
			return err_set(err, ERR_REFUSED,
				       "$.kernelArguments.%s[%zu]: is no single argument of "
				       "letters, digits and . _ - = , : / @ + %%",
				       key, i);
	return 0;
}

int ign_kargs_check(const struct ign_root *r, const json_t *config, struct err *err)
{
	const json_t *arguments = json_object_get(config, "kernelArguments");

	if (json_array_size(json_object_get(arguments, exist)) == 0 &&
	    json_array_size(json_object_get(arguments, not_exist)) == 0)
		return 0;
	if (!target_exists(r->fd, "/usr/sbin/update-grub"))
		return err_set(err, ERR_REFUSED,
			       "$.kernelArguments: the root has no GRUB (/usr/sbin/update-grub), "
			       "and other boot loaders share no way to their arguments; set them "
			       "there");
	if (check_list(arguments, exist, err) < 0)
		return -1;
	return check_list(arguments, not_exist, err);
}

static void add_words(struct buf *b, const json_t *list, const char *between)
{
	const json_t *j;
	size_t i;

	json_array_foreach ((json_t *)list, i, j)
		buf_addf(b, "%s%s", i ? between : "", json_string_value(j));
}

char *ign_kargs_fragment(const json_t *arguments)
{
	const json_t *gone = json_object_get(arguments, not_exist);
	const json_t *j;
	struct buf b;
	size_t i;

	buf_init(&b, SIZE_MAX / 2);
	buf_adds(&b, "# The kernelArguments of an Ignition config, read by update-grub.\n");
	if (json_array_size(gone) > 0) {
		buf_adds(&b, "set -f\n"
			     "for ignition_name in GRUB_CMDLINE_LINUX "
			     "GRUB_CMDLINE_LINUX_DEFAULT; do\n"
			     "\teval \"ignition_words=\\$$ignition_name\"\n"
			     "\tignition_kept=\n"
			     "\tfor ignition_word in $ignition_words; do\n"
			     "\t\tcase $ignition_word in\n"
			     "\t\t");
		add_words(&b, gone, " | ");
		buf_adds(&b, ") ;;\n"
			     "\t\t*) ignition_kept=\"$ignition_kept $ignition_word\" ;;\n"
			     "\t\tesac\n"
			     "\tdone\n"
			     "\teval \"$ignition_name=\\$ignition_kept\"\n"
			     "done\n"
			     "set +f\n");
	}
	json_array_foreach (json_object_get(arguments, exist), i, j)
		buf_addf(&b,
			 "case \" $GRUB_CMDLINE_LINUX $GRUB_CMDLINE_LINUX_DEFAULT \" in\n"
			 "*\" %1$s \"*) ;;\n"
			 "*) GRUB_CMDLINE_LINUX=\"$GRUB_CMDLINE_LINUX %1$s\" ;;\n"
			 "esac\n",
			 json_string_value(j));
	return buf_take(&b);
}

/* "linux /vmlinuz ...", also linux16 and linuxefi: how long the command and its kernel are; 0: the
 * line is another. */
static size_t kernel_part(const char *line, size_t len)
{
	static const char *const commands[] = {"linux", "linux16", "linuxefi"};
	size_t at = strspn(line, " \t"), word;

	if (at >= len)
		return 0;
	word = strcspn(line + at, " \t\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strlen(commands[i]) != word || strncmp(line + at, commands[i], word) != 0)
			continue;
		at += word;
		at += strspn(line + at, " \t");
		return at + strcspn(line + at, " \t\n");
	}
	return 0;
}

static void edit_line(struct buf *b, const json_t *arguments, const char *line, size_t kernel,
		      size_t len)
{
	const json_t *gone = json_object_get(arguments, not_exist);
	_cleanup_json_ json_t *there = json_array();
	const json_t *j;
	size_t i;

	buf_add(b, line, kernel);
	for (size_t at = kernel; at < len;) {
		size_t space = strspn(line + at, " \t"), word;

		if (at + space >= len)
			break;
		word = strcspn(line + at + space, " \t\n");
		if (!is_one_of(gone, line + at + space, word)) {
			buf_add(b, line + at, space + word);
			json_array_append_new(there, json_stringn(line + at + space, word));
		}
		at += space + word;
	}
	json_array_foreach (json_object_get(arguments, exist), i, j)
		if (!is_one_of(there, json_string_value(j), json_string_length(j)))
			buf_addf(b, " %s", json_string_value(j));
}

char *ign_kargs_edit(const json_t *arguments, const char *grub_cfg)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	for (const char *line = grub_cfg; *line;) {
		size_t len = strcspn(line, "\n");
		size_t kernel = kernel_part(line, len);

		if (kernel)
			edit_line(&b, arguments, line, kernel, len);
		else
			buf_add(&b, line, len);
		line += len;
		if (*line == '\n')
			buf_addc(&b, *line++);
	}
	return buf_take(&b);
}

static int write_text(const struct ign_root *r, const char *path, const char *text, bool keep_mode,
		      struct err *err)
{
	struct stat st = {.st_mode = 0644, .st_uid = geteuid(), .st_gid = getegid()}, old;
	_cleanup_(freep) char *real = NULL;
	_cleanup_(closep) int folder = -1;
	const char *name;

	if (ign_root_resolve(r, path, &real, err) < 0)
		return -1;
	folder = ign_root_parent(r, real, true, &name, err);
	if (folder < 0)
		return -1;
	if (keep_mode && fstatat(folder, name, &old, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(old.st_mode))
		st = old;
	return ign_place_text(folder, name, text, st.st_mode & 07777, st.st_uid, st.st_gid, err);
}

static int make(const struct ign_root *r, const json_t *arguments, struct err *err)
{
	_cleanup_(freep) char *fragment = ign_kargs_fragment(arguments);
	_cleanup_(freep) char *old = NULL, *edited = NULL;
	size_t len;

	if (write_text(r, FRAGMENT, fragment, false, err) < 0)
		return -1;
	if (!target_exists(r->fd, CONFIG))
		return 0;
	if (target_read(r->fd, CONFIG, CONFIG_MAX, &old, &len, err) < 0)
		return -1;
	edited = ign_kargs_edit(arguments, old);
	return write_text(r, CONFIG, edited, true, err);
}

int ign_kargs_make(const struct ign_root *r, const json_t *config, struct err *err)
{
	const json_t *arguments = json_object_get(config, "kernelArguments");

	if (json_array_size(json_object_get(arguments, exist)) == 0 &&
	    json_array_size(json_object_get(arguments, not_exist)) == 0)
		return 0;
	return make(r, arguments, err) < 0 ? err_wrap(err, "$.kernelArguments") : 0;
}
