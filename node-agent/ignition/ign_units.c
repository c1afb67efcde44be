/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_units.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "buf.h"
#include "ign_place.h"
#include "ign_program.h"
#include "limits.h"
#include "target.h"

#define FOLDER "/etc/systemd/system"
#define PRESET "/etc/systemd/system-preset/20-ignition.preset"

static const char *name_of(const json_t *j)
{
	return json_string_value(json_object_get(j, "name"));
}

/* Opens the folder of the path, which is made; *ret_name is in *ret_real, which the caller frees.
 */
static int open_place(const struct ign_root *r, const char *path, char **ret_real,
		      const char **ret_name, struct err *err)
{
	if (ign_root_resolve(r, path, ret_real, err) < 0)
		return -1;
	return ign_root_parent(r, *ret_real, true, ret_name, err);
}

static int write_text(const struct ign_root *r, const char *path, const char *text, bool keep_mode,
		      struct err *err)
{
	struct stat st = {.st_mode = 0644, .st_uid = geteuid(), .st_gid = getegid()}, old;
	_cleanup_(freep) char *real = NULL;
	_cleanup_(closep) int folder = -1;
	const char *name;

	folder = open_place(r, path, &real, &name, err);
	if (folder < 0)
		return -1;
	if (keep_mode && fstatat(folder, name, &old, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(old.st_mode))
		st = old;
	return ign_place_text(folder, name, text, st.st_mode & 07777, st.st_uid, st.st_gid, err);
}

static int write_contents(const struct ign_root *r, const json_t *unit, const char *path,
			  struct err *err)
{
	const char *contents = json_string_value(json_object_get(unit, "contents"));
	const json_t *dropin;
	size_t i;

	json_array_foreach (json_object_get(unit, "dropins"), i, dropin) {
		_cleanup_(freep) char *file = xasprintf("%s.d/%s", path, name_of(dropin));
		const char *text = json_string_value(json_object_get(dropin, "contents"));

		if (text && write_text(r, file, text, false, err) < 0)
			return err_wrap(err, "dropins[%zu]", i);
	}
	/* as upstream: an empty unit is none, an empty drop-in is one */
	return contents && *contents ? write_text(r, path, contents, false, err) : 0;
}

static bool is_masked(int folder, const char *name)
{
	char target[sizeof("/dev/null")];
	ssize_t n = readlinkat(folder, name, target, sizeof(target));

	return n == sizeof(target) - 1 && strncmp(target, "/dev/null", (size_t)n) == 0;
}

static int set_mask(const struct ign_root *r, const json_t *mask, const char *path, struct err *err)
{
	_cleanup_(freep) char *real = NULL, *temp = NULL;
	_cleanup_(closep) int folder = -1;
	const char *name;

	if (!json_is_boolean(mask))
		return 0;
	folder = open_place(r, path, &real, &name, err);
	if (folder < 0)
		return -1;
	if (json_is_false(mask))
		return is_masked(folder, name) ? ign_place_remove(folder, name, err) : 0;
	temp = ign_place_temp(name);
	if (symlinkat("/dev/null", folder, temp) < 0)
		return err_errno(err, ERR_IO, errno, "cannot mask it");
	return ign_place(folder, temp, name, err);
}

static int systemctl(const struct ign_root *r, const char *verb, const char *unit, struct err *err)
{
	_cleanup_(strv_release) struct strv argv = {0};
	const char *const words[] = {"systemctl", "--quiet", verb, "--", unit};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		strv_add(&argv, words[i]);
	return ign_program_run(r, &argv, NULL, err);
}

/* Once all units have their contents, for one may name another. A preset does not take back what is
 * enabled, so a disabled unit is disabled in any root. */
static int set_enabled(const struct ign_root *r, const json_t *unit, struct err *err)
{
	const json_t *enabled = json_object_get(unit, "enabled");

	if (json_is_false(enabled))
		return systemctl(r, "disable", name_of(unit), err);
	/* systemctl does not enable what is masked */
	if (json_is_true(enabled) && r->installed && !json_is_true(json_object_get(unit, "mask")))
		return systemctl(r, "enable", name_of(unit), err);
	return 0;
}

/* One line of the preset file: a unit, or a template with its instances. */
struct preset {
	char *unit;
	bool enabled, is_template;
	struct strv instances;
};

static int by_name(const void *a, const void *b)
{
	const struct preset *x = a, *y = b;
	int r = strcmp(x->unit, y->unit);

	/* "disabled" comes before "enabled" */
	return r ? r : (int)x->enabled - (int)y->enabled;
}

static struct preset *find_template(struct preset *presets, size_t n, const char *unit,
				    bool enabled)
{
	for (size_t i = 0; i < n; i++)
		if (presets[i].is_template && presets[i].enabled == enabled &&
		    streq(presets[i].unit, unit))
			return &presets[i];
	return NULL;
}

static void add_preset(struct preset **presets, size_t *n, const char *name, bool enabled)
{
	const char *at = strchr(name, '@'), *dot = strrchr(name, '.');
	bool is_template = at && dot && dot > at;
	_cleanup_(freep) char *unit =
		is_template ? xasprintf("%.*s%s", (int)(at + 1 - name), name, dot) : xstrdup(name);
	struct preset *p = find_template(*presets, *n, unit, enabled);

	if (!p) {
		p = ARRAY_APPEND(*presets, *n);
		p->unit = TAKE_PTR(unit);
		p->enabled = enabled;
		p->is_template = is_template;
	}
	if (is_template)
		strv_take(&p->instances, xstrndup(at + 1, (size_t)(dot - at - 1)));
}

char *ign_units_preset(const json_t *units)
{
	struct preset *presets = NULL;
	struct buf b;
	const json_t *j;
	size_t n = 0, i;

	json_array_foreach ((json_t *)units, i, j) {
		const json_t *enabled = json_object_get(j, "enabled");

		if (json_is_boolean(enabled))
			add_preset(&presets, &n, name_of(j), json_is_true(enabled));
	}
	if (n)
		qsort(presets, n, sizeof(*presets), by_name);
	buf_init(&b, SIZE_MAX / 2);
	for (i = 0; i < n; i++) {
		_cleanup_(freep) char *instances = strv_join(&presets[i].instances, " ");

		buf_addf(&b, "%s %s%s%s\n", presets[i].enabled ? "enable" : "disable",
			 presets[i].unit, presets[i].is_template ? " " : "", instances);
		free(presets[i].unit);
		strv_release(&presets[i].instances);
	}
	free(presets);
	return buf_take(&b);
}

static bool has_line(const char *text, const char *line, size_t len)
{
	for (const char *at = text; at && *at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, line, len) == 0 && (at[len] == '\n' || !at[len]))
			return true;
	}
	return false;
}

/* Adds to the file that is there; of an installed root what a cut attempt has not added. */
static int write_preset(const struct ign_root *r, const json_t *units, struct err *err)
{
	_cleanup_(freep) char *lines = ign_units_preset(units), *old = NULL;
	_cleanup_(buf_release) struct buf b;
	size_t len;

	buf_init(&b, 2 * LIMIT_PLAN_BYTES);
	if (!*lines)
		return 0;
	if (target_exists(r->fd, PRESET) &&
	    target_read(r->fd, PRESET, LIMIT_PLAN_BYTES, &old, &len, err) < 0)
		return -1;
	buf_adds(&b, old ? old : "");
	for (const char *line = lines; *line; line += len + 1) {
		len = strcspn(line, "\n");
		if (!r->installed || !has_line(old, line, len))
			buf_add(&b, line, len + 1);
	}
	if (b.overflow)
		return err_set(err, ERR_CONFIG, "more than %d bytes", LIMIT_PLAN_BYTES);
	return write_text(r, PRESET, b.data, true, err);
}

int ign_units_make(const struct ign_root *r, const json_t *config, struct err *err)
{
	const json_t *units = json_object_get(json_object_get(config, "systemd"), "units");
	const json_t *j;
	size_t i;

	json_array_foreach ((json_t *)units, i, j) {
		_cleanup_(freep) char *path = xasprintf(FOLDER "/%s", name_of(j));

		if (write_contents(r, j, path, err) < 0 ||
		    set_mask(r, json_object_get(j, "mask"), path, err) < 0)
			return err_wrap(err, "$.systemd.units[%zu]: %s", i, name_of(j));
	}
	json_array_foreach ((json_t *)units, i, j)
		if (set_enabled(r, j, err) < 0)
			return err_wrap(err, "$.systemd.units[%zu]: %s", i, name_of(j));
	if (write_preset(r, units, err) < 0)
		return err_wrap(err, PRESET);
	return 0;
}
