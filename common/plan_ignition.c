/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_ignition.h"

#include "limits.h"

#include <openssl/evp.h>
#include <string.h>

#define IGNITION_VERSION "3.4.0"
#define DATA_URL         "data:;base64,"

static json_t *data_url(const char *contents, size_t len)
{
	_cleanup_(freep) char *text = xmalloc(sizeof(DATA_URL) + (len + 2) / 3 * 4);
	json_t *j = json_object();

	memcpy(text, DATA_URL, sizeof(DATA_URL));
	if (len)
		EVP_EncodeBlock((unsigned char *)text + sizeof(DATA_URL) - 1,
				(const unsigned char *)contents, (int)len);
	jsonx_put_string(j, "source", text);
	return j;
}

static void put_owner(json_t *j, const char *key, const char *name)
{
	json_t *owner;

	if (!name)
		return;
	owner = json_object();
	jsonx_put_string(owner, "name", name);
	json_object_set_new(j, key, owner);
}

static json_t *file_to_json(const struct plan_file *f)
{
	json_t *j = json_object();

	jsonx_put_string(j, "path", f->path);
	put_owner(j, "user", f->user);
	put_owner(j, "group", f->group);
	if (f->link_target) {
		jsonx_put_string(j, "target", f->link_target);
		json_object_set_new(j, "overwrite", json_true());
		return j;
	}
	json_object_set_new(j, "mode", json_integer(f->mode));
	if (f->is_directory)
		return j;
	if (f->append) {
		json_t *list = json_array();

		json_array_append_new(list, data_url(f->contents, f->len));
		json_object_set_new(j, "append", list);
	} else {
		json_object_set_new(j, "overwrite", json_true());
		json_object_set_new(j, "contents", data_url(f->contents, f->len));
	}
	return j;
}

static json_t *unit_to_json(const struct plan_unit *u)
{
	json_t *j = json_object(), *dropins = json_array();

	jsonx_put_string(j, "name", u->name);
	jsonx_put_string(j, "contents", u->contents);
	if (u->enabled != TRI_ANY)
		json_object_set_new(j, "enabled", json_boolean(u->enabled == TRI_YES));
	if (u->mask)
		json_object_set_new(j, "mask", json_true());
	for (size_t i = 0; i < u->n_dropins; i++) {
		json_t *d = json_object();

		jsonx_put_string(d, "name", u->dropins[i].path);
		jsonx_put_string(d, "contents", u->dropins[i].contents);
		json_array_append_new(dropins, d);
	}
	json_object_set_new(j, "dropins", dropins);
	return j;
}

void plan_ignition_put(json_t *doc, const struct plan *p)
{
	json_t *files = json_array(), *directories = json_array(), *links = json_array();
	json_t *units = json_array(), *users = json_array(), *arguments = json_object();

	for (size_t i = 0; i < p->n_files; i++) {
		const struct plan_file *f = &p->files[i];

		json_array_append_new(f->link_target    ? links
				      : f->is_directory ? directories
							: files,
				      file_to_json(f));
	}
	for (size_t i = 0; i < p->n_units; i++)
		json_array_append_new(units, unit_to_json(&p->units[i]));
	for (size_t i = 0; i < p->n_users; i++) {
		json_t *u = json_object();

		jsonx_put_string(u, "name", p->users[i].name);
		jsonx_put_strv(u, "sshAuthorizedKeys", &p->users[i].ssh_keys);
		jsonx_put_strv(u, "groups", &p->users[i].groups);
		json_array_append_new(users, u);
	}
	jsonx_put_strv(arguments, "shouldExist", &p->kernel_arguments);
	json_object_set_new(doc, "ignition", json_pack("{s:s}", "version", IGNITION_VERSION));
	json_object_set_new(doc, "storage",
			    json_pack("{s:o,s:o,s:o}", "files", files, "directories", directories,
				      "links", links));
	json_object_set_new(doc, "systemd", json_pack("{s:o}", "units", units));
	json_object_set_new(doc, "passwd", json_pack("{s:o}", "users", users));
	json_object_set_new(doc, "kernelArguments", arguments);
}

/* Absolute, without empty, "." and ".." parts and control characters. */
static bool path_is_clean(const char *path)
{
	const char *p = path;

	if (*p != '/' || strlen(path) > LIMIT_URL)
		return false;
	while (*p) {
		size_t len = strcspn(++p, "/");

		if (!len || (len <= 2 && strncmp(p, "..", len) == 0))
			return false;
		for (size_t i = 0; i < len; i++)
			if ((unsigned char)p[i] < ' ' || p[i] == 0x7f)
				return false;
		p += len;
	}
	return true;
}

static bool is_one_of(const char *s, const char *more)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

	if (!*s || *s == '-' || strlen(s) > 255)
		return false;
	for (; *s; s++)
		if (!strchr(letters, *s) && !strchr(more, *s))
			return false;
	return true;
}

static void check_path(struct jsonx_reader *r, const char *key, const char *path)
{
	if (path && !path_is_clean(path))
		jsonx_fail(r, key, "is no clean absolute path");
}

static bool decode(const char *text, char **ret, size_t *ret_len)
{
	size_t len = strlen(text);
	unsigned char *out;
	int n;

	if (len % 4 || len > INT32_MAX)
		return false;
	out = xmalloc(len / 4 * 3 + 1);
	n = EVP_DecodeBlock(out, (const unsigned char *)text, (int)len);
	if (n < 0) {
		free(out);
		return false;
	}
	/* EVP_DecodeBlock counts what the padding stands for */
	for (size_t pad = 0; pad < 2 && len > pad && text[len - 1 - pad] == '='; pad++)
		n--;
	out[n] = '\0';
	*ret = (char *)out;
	*ret_len = (size_t)n;
	return true;
}

static int contents_from_json(const json_t *j, const char *path, struct plan_file *f,
			      struct err *err)
{
	_cleanup_(freep) char *source = NULL;
	struct jsonx_reader r;

	jsonx_begin(&r, j, path, err);
	jsonx_string(&r, "source", &source);
	if (source && (!startswith(source, DATA_URL) ||
		       !decode(source + strlen(DATA_URL), &f->contents, &f->len)))
		jsonx_fail(&r, "source", "is no data URL in base64");
	return jsonx_done(&r);
}

static int owner_from_json(const json_t *j, const char *path, char **ret, struct err *err)
{
	struct jsonx_reader r;

	if (!j)
		return 0;
	jsonx_begin(&r, j, path, err);
	jsonx_string(&r, "name", ret);
	if (*ret && !is_one_of(*ret, "."))
		jsonx_fail(&r, "name", "is no name of a user or group");
	return jsonx_done(&r);
}

static int file_from_json(const json_t *j, const char *path, const char *kind, struct plan_file *f,
			  struct err *err)
{
	const json_t *contents = NULL, *append = NULL, *user, *group;
	bool is_file = streq(kind, "files"), overwrite = false;
	uint64_t mode = is_file ? 0644 : 0755;
	struct jsonx_reader r;

	f->is_directory = streq(kind, "directories");
	jsonx_begin(&r, j, path, err);
	jsonx_string(&r, "path", &f->path);
	check_path(&r, "path", f->path);
	user = jsonx_opt_object(&r, "user");
	group = jsonx_opt_object(&r, "group");
	if (is_file || f->is_directory)
		jsonx_opt_u64(&r, "mode", 07777, &mode);
	else
		jsonx_string(&r, "target", &f->link_target);
	if (!f->is_directory)
		jsonx_opt_bool(&r, "overwrite", &overwrite);
	if (is_file) {
		contents = jsonx_opt_object(&r, "contents");
		append = jsonx_opt_array(&r, "append", 1);
		if (contents && json_array_size(append))
			jsonx_fail(&r, "append", "goes without contents");
	}
	f->mode = (uint16_t)mode;
	f->append = json_array_size(append) > 0;
	if (jsonx_done(&r) < 0 || owner_from_json(user, path, &f->user, err) < 0 ||
	    owner_from_json(group, path, &f->group, err) < 0)
		return -1;
	if (!is_file)
		return 0;
	if (!contents)
		contents = json_array_get(append, 0);
	if (!contents) {
		f->contents = xstrdup("");
		return 0;
	}
	return contents_from_json(contents, path, f, err);
}

static int files_from_json(const json_t *storage, struct plan *p, struct err *err)
{
	static const char *const kinds[] = {"directories", "files", "links"};
	struct jsonx_reader r;

	jsonx_begin(&r, storage, "$.storage", err);
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		const json_t *list = jsonx_opt_array(&r, kinds[k], LIMIT_PLAN_ENTRIES);
		json_t *j;
		size_t i;

		json_array_foreach ((json_t *)list, i, j) {
			_cleanup_(freep) char *at = xasprintf("$.storage.%s[%zu]", kinds[k], i);

			if (file_from_json(j, at, kinds[k], ARRAY_APPEND(p->files, p->n_files),
					   err) < 0) {
				r.failed = true;
				break;
			}
		}
	}
	return jsonx_done(&r);
}

static int dropin_from_json(const json_t *j, const char *path, struct plan_file *d, struct err *err)
{
	struct jsonx_reader r;

	jsonx_begin(&r, j, path, err);
	jsonx_string(&r, "name", &d->path);
	jsonx_string(&r, "contents", &d->contents);
	if (d->path && (!is_one_of(d->path, ".@:") || !endswith(d->path, ".conf")))
		jsonx_fail(&r, "name", "is no name of a drop-in, which ends in .conf");
	d->len = d->contents ? strlen(d->contents) : 0;
	return jsonx_done(&r);
}

static int unit_from_json(const json_t *j, const char *path, struct plan_unit *u, struct err *err)
{
	const json_t *dropins;
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
	if (u->name && (!is_one_of(u->name, ".@:\\") || !strchr(u->name, '.')))
		jsonx_fail(&r, "name", "is no name of a systemd unit");
	u->enabled = json_object_get(j, "enabled") ? (enabled ? TRI_YES : TRI_NO) : TRI_ANY;
	if (jsonx_done(&r) < 0)
		return -1;
	json_array_foreach ((json_t *)dropins, i, jd) {
		_cleanup_(freep) char *at = xasprintf("%s.dropins[%zu]", path, i);

		if (dropin_from_json(jd, at, ARRAY_APPEND(u->dropins, u->n_dropins), err) < 0)
			return -1;
	}
	return 0;
}

static int units_from_json(const json_t *systemd, struct plan *p, struct err *err)
{
	struct jsonx_reader r;
	const json_t *list;
	json_t *j;
	size_t i;

	jsonx_begin(&r, systemd, "$.systemd", err);
	list = jsonx_opt_array(&r, "units", LIMIT_PLAN_ENTRIES);
	if (jsonx_done(&r) < 0)
		return -1;
	json_array_foreach ((json_t *)list, i, j) {
		_cleanup_(freep) char *at = xasprintf("$.systemd.units[%zu]", i);

		if (unit_from_json(j, at, ARRAY_APPEND(p->units, p->n_units), err) < 0)
			return -1;
	}
	return 0;
}

/* One line of authorized_keys(5). */
static bool is_one_line(const char *s)
{
	return *s && !strpbrk(s, "\r\n");
}

static int users_from_json(const json_t *passwd, struct plan *p, struct err *err)
{
	struct jsonx_reader r;
	const json_t *list;
	json_t *j;
	size_t i;

	jsonx_begin(&r, passwd, "$.passwd", err);
	list = jsonx_opt_array(&r, "users", LIMIT_PLAN_ENTRIES);
	if (jsonx_done(&r) < 0)
		return -1;
	json_array_foreach ((json_t *)list, i, j) {
		_cleanup_(freep) char *at = xasprintf("$.passwd.users[%zu]", i);
		struct plan_user *u = ARRAY_APPEND(p->users, p->n_users);

		jsonx_begin(&r, j, at, err);
		jsonx_string(&r, "name", &u->name);
		jsonx_opt_strv(&r, "sshAuthorizedKeys", LIMIT_PLAN_ENTRIES, &u->ssh_keys);
		jsonx_opt_strv(&r, "groups", LIMIT_PLAN_ENTRIES, &u->groups);
		if (u->name && !is_one_of(u->name, "."))
			jsonx_fail(&r, "name", "is no user's name");
		for (size_t k = 0; k < u->ssh_keys.n; k++)
			if (!is_one_line(u->ssh_keys.v[k]))
				jsonx_fail(&r, "sshAuthorizedKeys", "[%zu] is not one line", k);
		for (size_t k = 0; k < u->groups.n; k++)
			if (!is_one_of(u->groups.v[k], "."))
				jsonx_fail(&r, "groups", "[%zu] is no group's name", k);
		if (jsonx_done(&r) < 0)
			return -1;
	}
	return 0;
}

static int arguments_from_json(const json_t *j, struct plan *p, struct err *err)
{
	struct jsonx_reader r;

	jsonx_begin(&r, j, "$.kernelArguments", err);
	jsonx_opt_strv(&r, "shouldExist", LIMIT_PLAN_ENTRIES, &p->kernel_arguments);
	for (size_t i = 0; i < p->kernel_arguments.n; i++)
		if (!kernel_argument_is_valid(p->kernel_arguments.v[i]))
			jsonx_fail(&r, "shouldExist", "[%zu] is no single kernel argument", i);
	return jsonx_done(&r);
}

bool kernel_argument_is_valid(const char *argument)
{
	/* it goes through grub.cfg, where a shell reads it */
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-=,:/@+%";

	return *argument && !argument[strspn(argument, allowed)];
}

int plan_ignition_get(const json_t *doc, struct plan *p, struct err *err)
{
	static const struct {
		const char *key;
		int (*read)(const json_t *j, struct plan *p, struct err *err);
	} sections[] = {
		{"storage", files_from_json},
		{"systemd", units_from_json},
		{"passwd", users_from_json},
		{"kernelArguments", arguments_from_json},
	};
	_cleanup_(freep) char *version = NULL;
	struct jsonx_reader r;
	const json_t *j;

	jsonx_begin(&r, doc, "$", err);
	j = jsonx_object(&r, "ignition");
	if (jsonx_done_lenient(&r) < 0)
		return -1;
	jsonx_begin(&r, j, "$.ignition", err);
	jsonx_string(&r, "version", &version);
	if (version && !streq(version, IGNITION_VERSION))
		jsonx_fail(&r, "version", "is not " IGNITION_VERSION);
	if (jsonx_done(&r) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		j = json_object_get(doc, sections[i].key);
		if (j && sections[i].read(j, p, err) < 0)
			return -1;
	}
	return 0;
}
