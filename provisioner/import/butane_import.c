/* SPDX-License-Identifier: Apache-2.0 */
#include "import/butane_import.h"

#include "data_url.h"
#include "import/import_fields.h"
#include "limits.h"
#include "parse.h"

#include <string.h>

struct importer {
	enum butane_source source;
	const char *file;
	struct problems *left;
	bool spoilt; /* of what is being carried over now a part was told that spoils it */
};

static void leave(struct importer *im, const char *path, const char *why)
{
	problems_add(im->left, im->file, 0, 0, "%s: %s", path, why);
}

/* "$.storage.files[0]" with a member; a key of a stranger is shown escaped and cut. */
static char *member_path(const char *path, const char *key)
{
	_cleanup_(freep) char *shown = printable_text(key, strnlen(key, LIMIT_NAME));

	return xasprintf("%s.%s", path, shown);
}

static json_t *import_map(struct importer *im, const json_t *map, const struct import_field *fields,
			  const char *path);

static bool is_scalar(const json_t *j)
{
	return json_is_string(j) || json_is_integer(j) || json_is_boolean(j);
}

/* A scalar, or a list of texts; NULL when it is neither. */
static json_t *import_value(struct importer *im, const json_t *j, const char *path)
{
	json_t *element;
	size_t i;

	json_array_foreach ((json_t *)j, i, element) {
		if (!json_is_string(element)) {
			leave(im, path, "is no list of texts");
			return NULL;
		}
	}
	if (!is_scalar(j) && !json_is_array(j)) {
		leave(im, path, "is neither a text, a number, true or false, nor a list of texts");
		return NULL;
	}
	return json_deep_copy(j);
}

static json_t *import_list(struct importer *im, const json_t *list,
			   const struct import_field *fields, const char *path)
{
	json_t *ret = json_array(), *element;
	const bool outer = im->spoilt;
	size_t i, n_kept = 0;

	if (!json_is_array(list))
		leave(im, path, "is no list");
	json_array_foreach ((json_t *)list, i, element) {
		_cleanup_(freep) char *at = xasprintf("%s[%zu]", path, i);
		json_t *one;

		im->spoilt = false;
		one = import_map(im, element, fields, at);
		if (one && json_object_size(one) && !im->spoilt) {
			json_array_append_new(ret, one);
			n_kept++;
		} else {
			json_decref(one);
			json_array_append_new(ret, json_null());
		}
	}
	if (!n_kept)
		json_array_clear(ret);
	im->spoilt = outer;
	return ret;
}

/* What a data: URL holds as text in the template, where it is text. */
static void inline_source(json_t *resource)
{
	const char *source = json_string_value(json_object_get(resource, "source"));
	const char *packed = json_string_value(json_object_get(resource, "compression"));
	_cleanup_(freep) char *text = NULL;
	struct err err = ERR_INIT;
	size_t len = 0;
	json_t *j;

	if (!source || !data_url_is(source) || (packed && *packed))
		return;
	if (data_url_decode(source, &text, &len, &err) < 0) {
		err_release(&err); /* the check of the template says what is wrong with it */
		return;
	}
	j = memchr(text, '\0', len) ? NULL : json_stringn(text, len);
	if (!j)
		return;
	json_object_del(resource, "source");
	json_object_del(resource, "compression");
	json_object_set_new(resource, "inline", j);
}

/* Container Linux: {remote: {url, verification: {hash: {function, sum}}}}. */
static void modern_remote(json_t *resource)
{
	json_t *remote = json_object_get(resource, "remote"), *verification, *hash;
	const char *function, *sum;

	if (!json_is_object(remote))
		return;
	if (json_object_get(remote, "url"))
		json_object_set(resource, "source", json_object_get(remote, "url"));
	if (json_object_get(remote, "compression"))
		json_object_set(resource, "compression", json_object_get(remote, "compression"));
	verification = json_object_get(remote, "verification");
	hash = json_object_get(verification, "hash");
	function = json_string_value(json_object_get(hash, "function"));
	sum = json_string_value(json_object_get(hash, "sum"));
	if (function && sum)
		json_object_set_new(verification, "hash", json_sprintf("%s-%s", function, sum));
	if (verification)
		json_object_set(resource, "verification", verification);
	json_object_del(resource, "remote");
}

static json_t *import_resource(struct importer *im, const json_t *resource,
			       const struct import_field *fields, const char *path)
{
	_cleanup_json_ json_t *modern = json_deep_copy(resource);
	json_t *ret;

	modern_remote(modern);
	ret = import_map(im, modern, fields, path);
	if (ret)
		inline_source(ret);
	return ret;
}

/* `contents` is one resource; `append` is a list of them, and was a bool in Ignition 2. */
static json_t *import_contents(struct importer *im, const json_t *j, const struct import_field *f,
			       const char *path)
{
	json_t *ret, *element;
	size_t i;

	if (!json_is_array(j)) {
		if (json_is_boolean(j)) {
			if (json_is_true(j))
				leave(im, path, "is of Ignition 2; append is a list of contents");
			return NULL;
		}
		return import_resource(im, j, f->members, path);
	}
	ret = json_array();
	json_array_foreach ((json_t *)j, i, element) {
		_cleanup_(freep) char *at = xasprintf("%s[%zu]", path, i);
		json_t *one = import_resource(im, element, f->members, at);

		if (one && json_object_size(one))
			json_array_append_new(ret, one);
		else
			json_decref(one);
	}
	return ret;
}

/* NULL when nothing of it is carried over. */
static json_t *import_field(struct importer *im, const json_t *j, const struct import_field *f,
			    const char *path)
{
	switch (f->kind) {
	case IMPORT_MAP:
		return import_map(im, j, f->members, path);
	case IMPORT_LIST:
		return import_list(im, j, f->members, path);
	case IMPORT_CONTENTS:
		return import_contents(im, j, f, path);
	case IMPORT_MODE:
	case IMPORT_VALUE:
		return import_value(im, j, path);
	case IMPORT_SPOILS:
		im->spoilt = true;
		leave(im, path, f->why);
		return NULL;
	case IMPORT_REFUSED:
		leave(im, path, f->why);
		return NULL;
	default:
		return NULL;
	}
}

static bool says_nothing(const json_t *j)
{
	return json_is_null(j) || (json_is_object(j) && !json_object_size(j)) ||
	       (json_is_array(j) && !json_array_size(j));
}

/* NULL, and told, when it is no map. */
static json_t *import_map(struct importer *im, const json_t *map, const struct import_field *fields,
			  const char *path)
{
	json_t *ret, *value;
	const char *key;

	if (!json_is_object(map)) {
		leave(im, path, "is no map");
		return NULL;
	}
	ret = json_object();
	json_object_foreach ((json_t *)map, key, value) {
		_cleanup_(freep) char *at = member_path(path, key);
		_cleanup_(freep) char *name =
			im->source == BUTANE_FROM_IGNITION ? import_key(key) : xstrdup(key);
		const struct import_field *f = import_field_find(fields, name);
		json_t *one;

		if (says_nothing(value))
			continue;
		if (!f) {
			leave(im, at, "no template has such a key");
			continue;
		}
		one = import_field(im, value, f, at);
		if (one && (!says_nothing(one) || json_is_string(one)))
			json_object_set_new(ret, f->key, one);
		else
			json_decref(one);
	}
	return ret;
}

/* A unit of Container Linux's networkd section is a file of systemd-networkd. */
static void modern_networkd(json_t *config)
{
	json_t *units = json_object_get(json_object_get(config, "networkd"), "units"), *unit;
	json_t *storage, *files;
	size_t i;

	if (!json_is_array(units))
		return;
	storage = json_object_get(config, "storage");
	if (!storage)
		json_object_set_new(config, "storage", storage = json_object());
	files = json_object_get(storage, "files");
	if (!files && json_is_object(storage))
		json_object_set_new(storage, "files", files = json_array());
	json_array_foreach (units, i, unit) {
		const char *name = json_string_value(json_object_get(unit, "name"));
		json_t *text = json_object_get(unit, "contents");
		json_t *file;

		if (!name || !json_is_string(text) || !json_is_array(files))
			return;
		file = json_pack("{s:o, s:i, s:{s:O}}", "path",
				 json_sprintf("/etc/systemd/network/%s", name), "mode", 0644,
				 "contents", "inline", text);
		if (file)
			json_array_append_new(files, file);
	}
	json_object_del(config, "networkd");
}

/* Ignition 2: an account to be made had its settings one level deeper. */
static void modern_users(json_t *config)
{
	json_t *users = json_object_get(json_object_get(config, "passwd"), "users"), *user;
	size_t i;

	json_array_foreach (users, i, user) {
		json_t *create = json_object_get(user, "create");

		if (!json_is_object(create))
			continue;
		json_object_update_missing(user, create);
		json_object_del(user, "create");
	}
}

/* Ignition 2: what is merged was "append". */
static void modern_includes(json_t *config)
{
	json_t *include = json_object_get(json_object_get(config, "ignition"), "config");
	json_t *append = json_object_get(include, "append");

	if (!json_is_array(append) || json_object_get(include, "merge"))
		return;
	json_object_set(include, "merge", append);
	json_object_del(include, "append");
}

/* Ignition 2 and Container Linux: `filesystem: root` is what there is, `enable` was `enabled`. */
static void modern_lists(json_t *config)
{
	static const char *const lists[] = {"files", "directories", "links"};
	json_t *storage = json_object_get(config, "storage"), *one;
	json_t *units = json_object_get(json_object_get(config, "systemd"), "units");
	size_t i;

	for (size_t k = 0; k < ARRAY_SIZE(lists); k++) {
		json_array_foreach (json_object_get(storage, lists[k]), i, one) {
			const char *name = json_string_value(json_object_get(one, "filesystem"));

			if (name && streq(name, "root"))
				json_object_del(one, "filesystem");
		}
	}
	json_array_foreach (units, i, one) {
		json_t *enable = json_object_get(one, "enable");

		if (enable && !json_object_get(one, "enabled"))
			json_object_set(one, "enabled", enable);
		json_object_del(one, "enable");
	}
}

json_t *butane_import(const json_t *config, enum butane_source source, const char *file,
		      struct problems *left)
{
	struct importer im = {source, file, left, false};
	_cleanup_json_ json_t *modern = json_deep_copy(config);
	json_t *ret;

	modern_networkd(modern);
	modern_lists(modern);
	modern_users(modern);
	modern_includes(modern);
	ret = import_map(&im, modern, import_document, "$");
	return ret ? ret : json_object();
}
