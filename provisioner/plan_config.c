/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_config.h"

#include "limits.h"

#include <string.h>

static int owner(const json_t *j, const char *path, char **ret, struct err *err)
{
	struct jsonx_reader r;

	if (!j)
		return 0;
	jsonx_begin(&r, j, path, err);
	jsonx_string(&r, "name", ret);
	return jsonx_done(&r);
}

static int contents(const json_t *j, const char *path, struct plan_file *f, struct err *err)
{
	struct jsonx_reader r;

	jsonx_begin(&r, j, path, err);
	jsonx_string(&r, "inline", &f->contents);
	f->len = f->contents ? strlen(f->contents) : 0;
	return jsonx_done(&r);
}

/* The keys that files and directories have in common. */
static void get_entry(struct jsonx_reader *r, struct plan_file *f, uint64_t default_mode,
		      const json_t **user, const json_t **group)
{
	uint64_t mode = default_mode;
	bool overwrite = true;

	jsonx_string(r, "path", &f->path);
	jsonx_opt_u64(r, "mode", 07777, &mode);
	jsonx_opt_bool(r, "overwrite", &overwrite);
	if (!overwrite)
		jsonx_fail(r, "overwrite", "is false; on a new system everything is written");
	*user = jsonx_opt_object(r, "user");
	*group = jsonx_opt_object(r, "group");
	f->mode = (uint16_t)mode;
}

static int add_file(struct plan *p, const json_t *j, const char *path, struct err *err)
{
	struct plan_file *f = ARRAY_APPEND(p->files, p->n_files);
	const json_t *user, *group, *text, *append;
	struct jsonx_reader r;

	jsonx_begin(&r, j, path, err);
	get_entry(&r, f, 0644, &user, &group);
	text = jsonx_opt_object(&r, "contents");
	append = jsonx_opt_array(&r, "append", 1);
	if (text && json_array_size(append))
		jsonx_fail(&r, "append", "goes without contents");
	f->append = json_array_size(append) > 0;
	if (jsonx_done(&r) < 0 || owner(user, path, &f->user, err) < 0 ||
	    owner(group, path, &f->group, err) < 0)
		return -1;
	if (f->append)
		text = json_array_get(append, 0);
	if (!text) {
		f->contents = xstrdup("");
		return 0;
	}
	return contents(text, path, f, err);
}

static int add_directory(struct plan *p, const json_t *j, const char *path, struct err *err)
{
	struct plan_file *f = ARRAY_APPEND(p->files, p->n_files);
	const json_t *user, *group;
	struct jsonx_reader r;

	f->is_directory = true;
	jsonx_begin(&r, j, path, err);
	get_entry(&r, f, 0755, &user, &group);
	if (jsonx_done(&r) < 0 || owner(user, path, &f->user, err) < 0)
		return -1;
	return owner(group, path, &f->group, err);
}

static int add_link(struct plan *p, const json_t *j, const char *path, struct err *err)
{
	struct plan_file *f = ARRAY_APPEND(p->files, p->n_files);
	const json_t *user, *group;
	struct jsonx_reader r;

	jsonx_begin(&r, j, path, err);
	jsonx_string(&r, "target", &f->link_target);
	get_entry(&r, f, 0, &user, &group);
	return jsonx_done(&r);
}

static int add_dropin(struct plan_unit *u, const json_t *j, const char *path, struct err *err)
{
	struct plan_file *d = ARRAY_APPEND(u->dropins, u->n_dropins);
	struct jsonx_reader r;

	jsonx_begin(&r, j, path, err);
	jsonx_string(&r, "name", &d->path);
	jsonx_string(&r, "contents", &d->contents);
	d->len = d->contents ? strlen(d->contents) : 0;
	return jsonx_done(&r);
}

static int add_unit(struct plan *p, const json_t *j, const char *path, struct err *err)
{
	struct plan_unit *u = ARRAY_APPEND(p->units, p->n_units);
	const json_t *dropins, *said = json_object_get(j, "enabled");
	bool enabled = false;
	struct jsonx_reader r;
	json_t *jd;
	size_t i;

	jsonx_begin(&r, j, path, err);
	jsonx_string(&r, "name", &u->name);
	jsonx_opt_string(&r, "contents", &u->contents);
	jsonx_opt_bool(&r, "enabled", &enabled);
	jsonx_opt_bool(&r, "mask", &u->mask);
	dropins = jsonx_opt_array(&r, "dropins", LIMIT_PLAN_ENTRIES);
	u->enabled = !said ? TRI_ANY : enabled ? TRI_YES : TRI_NO;
	if (jsonx_done(&r) < 0)
		return -1;
	json_array_foreach ((json_t *)dropins, i, jd) {
		_cleanup_(freep) char *at = xasprintf("%s.dropins[%zu]", path, i);

		if (add_dropin(u, jd, at, err) < 0)
			return -1;
	}
	return 0;
}

static int add_user(struct plan *p, const json_t *j, const char *path, struct err *err)
{
	struct plan_user *u = ARRAY_APPEND(p->users, p->n_users);
	struct jsonx_reader r;

	jsonx_begin(&r, j, path, err);
	jsonx_string(&r, "name", &u->name);
	jsonx_opt_strv(&r, "ssh_authorized_keys", LIMIT_PLAN_ENTRIES, &u->ssh_keys);
	jsonx_opt_strv(&r, "groups", LIMIT_PLAN_ENTRIES, &u->groups);
	return jsonx_done(&r);
}

struct section {
	const char *key;
	int (*add)(struct plan *p, const json_t *j, const char *path, struct err *err);
};

/* An object whose keys are lists, each of one kind of element. */
static int add_lists(struct plan *p, const json_t *config, const char *key,
		     const struct section *sections, size_t n, struct err *err)
{
	_cleanup_(freep) char *path = xasprintf("$.%s", key);
	const json_t *j = json_object_get(config, key);
	struct jsonx_reader r;

	if (!j)
		return 0;
	jsonx_begin(&r, j, path, err);
	for (size_t i = 0; i < n; i++) {
		const json_t *list = jsonx_opt_array(&r, sections[i].key, LIMIT_PLAN_ENTRIES);
		json_t *element;
		size_t k;

		json_array_foreach ((json_t *)list, k, element) {
			_cleanup_(freep) char *at =
				xasprintf("%s.%s[%zu]", path, sections[i].key, k);

			if (sections[i].add(p, element, at, err) < 0) {
				r.failed = true;
				break;
			}
		}
	}
	return jsonx_done(&r);
}

static int add_all(struct plan *p, const json_t *config, struct err *err)
{
	static const struct section storage[] = {
		{"directories", add_directory}, {"files", add_file}, {"links", add_link}};
	static const struct section systemd[] = {{"units", add_unit}};
	static const struct section passwd[] = {{"users", add_user}};
	static const char *const known[] = {"storage", "systemd", "passwd", "kernel_arguments"};
	const json_t *arguments;
	struct jsonx_reader r;

	jsonx_begin(&r, config, "$", err);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		jsonx_opt_object(&r, known[i]);
	if (jsonx_done(&r) < 0 ||
	    add_lists(p, config, "storage", storage, ARRAY_SIZE(storage), err) < 0 ||
	    add_lists(p, config, "systemd", systemd, ARRAY_SIZE(systemd), err) < 0 ||
	    add_lists(p, config, "passwd", passwd, ARRAY_SIZE(passwd), err) < 0)
		return -1;
	arguments = json_object_get(config, "kernel_arguments");
	if (!arguments)
		return 0;
	jsonx_begin(&r, arguments, "$.kernel_arguments", err);
	jsonx_opt_strv(&r, "should_exist", LIMIT_PLAN_ENTRIES, &p->kernel_arguments);
	return jsonx_done(&r);
}

int plan_add_config(struct plan *p, const json_t *config, struct err *err)
{
	if (add_all(p, config, err) == 0)
		return 0;
	err->kind = ERR_CONFIG; /* the operator's own templates, not a message off the wire */
	return err_wrap(err, "templates");
}
