/* SPDX-License-Identifier: Apache-2.0 */
#include "ignition_schema.h"

#include "limits.h"
#include "parse.h"

#include <string.h>

/* The config that is walked through. */
struct walk {
	unsigned int minor; /* of its version */
	struct err *err;
};

static int check_object(const struct walk *w, const struct ign_object *schema, const json_t *object,
			const char *path);

static int fail_unknown(const struct walk *w, const struct ign_object *schema, const char *path,
			const char *key)
{
	_cleanup_(freep) char *shown = printable(key, strnlen(key, 40));
	const char **names = xcalloc(schema->n, sizeof(*names));
	const char *nearest;

	for (size_t i = 0; i < schema->n; i++)
		names[i] = schema->fields[i].name;
	nearest = nearest_name(shown, names, schema->n);
	free(names);
	if (nearest)
		return err_set(w->err, ERR_CONFIG,
			       "%s.%s: is no key of Ignition 3.4 here; did you mean %s?", path,
			       shown, nearest);
	return err_set(w->err, ERR_CONFIG, "%s.%s: is no key of Ignition 3.4 here", path, shown);
}

static int check_known(const struct walk *w, const struct ign_object *schema, const json_t *object,
		       const char *path)
{
	const char *key;
	json_t *value;

	json_object_foreach ((json_t *)object, key, value)
		if (!ign_schema_field(schema, key))
			return fail_unknown(w, schema, path, key);
	return 0;
}

static int check_int(const struct walk *w, const struct ign_field *f, const json_t *value,
		     const char *path)
{
	json_int_t n = json_integer_value(value);
	json_int_t max = f->old_max && w->minor < 4 ? f->old_max : f->max;

	if (json_is_integer(value) && n >= 0 && n <= max)
		return 0;
	if (json_is_integer(value) && n >= 0 && n <= f->max)
		return err_set(w->err, ERR_CONFIG,
			       "%s: %lld is past %lld, which needs ignition.version 3.4.0", path,
			       (long long)n, (long long)max);
	return err_set(w->err, ERR_CONFIG, "%s: is no whole number from 0 to %lld", path,
		       (long long)max);
}

static int check_string(const struct walk *w, const struct ign_field *f, const json_t *value,
			const char *path)
{
	if (!json_is_string(value))
		return err_set(w->err, ERR_CONFIG, "%s: is not a string", path);
	return f->check ? f->check(value, path, w->err) : 0;
}

/* `seen` has the keys of the list, or of its group, with the place of each. */
static int check_unique(const struct walk *w, const struct ign_field *f, const json_t *element,
			const char *path, json_t *seen)
{
	_cleanup_(freep) char *key = ign_schema_key(f, element);
	const json_t *first = json_object_get(seen, key);

	if (first)
		return err_set(w->err, ERR_CONFIG, "%s: is a duplicate of %s", path,
			       json_string_value(first));
	if (json_object_set_new(seen, key, json_string(path)) < 0)
		BUG("json_object_set_new");
	return 0;
}

static int check_list(const struct walk *w, const struct ign_field *f, const json_t *list,
		      const char *path, json_t *seen)
{
	json_t *element;
	size_t i;

	if (!json_is_array(list))
		return err_set(w->err, ERR_CONFIG, "%s: is not a list", path);
	if (json_array_size(list) > LIMIT_IGN_ENTRIES)
		return err_set(w->err, ERR_CONFIG, "%s: has %zu elements, %d are allowed", path,
			       json_array_size(list), LIMIT_IGN_ENTRIES);
	json_array_foreach ((json_t *)list, i, element) {
		_cleanup_(freep) char *place = xasprintf("%s[%zu]", path, i);

		if (f->type == IGN_OBJECTS) {
			if (check_object(w, f->object, element, place) < 0)
				return -1;
		} else if (check_string(w, f, element, place) < 0) {
			return -1;
		}
		if (!f->append && check_unique(w, f, element, place, seen) < 0)
			return -1;
	}
	return 0;
}

/* The set of the field's group, made when it is the first of it. */
static json_t *seen_of(json_t *groups, const struct ign_field *f)
{
	const char *name = f->group ? f->group : f->name;
	json_t *seen = json_object_get(groups, name);

	if (!seen) {
		seen = json_object();
		json_object_set_new(groups, name, seen);
	}
	return seen;
}

static int check_value(const struct walk *w, const struct ign_field *f, const json_t *value,
		       const char *path, json_t *groups)
{
	if (f->since > w->minor)
		return err_set(w->err, ERR_CONFIG,
			       "%s: came with spec 3.%u.0, and ignition.version says 3.%u.0", path,
			       f->since, w->minor);
	if (f->refused)
		return err_set(w->err, ERR_CONFIG, "%s: is not supported: %s", path, f->refused);
	switch (f->type) {
	case IGN_BOOL:
		if (json_is_boolean(value))
			return 0;
		return err_set(w->err, ERR_CONFIG, "%s: is neither true nor false", path);
	case IGN_INT:
		return check_int(w, f, value, path);
	case IGN_STRING:
		return check_string(w, f, value, path);
	case IGN_OBJECT:
		return check_object(w, f->object, value, path);
	case IGN_STRINGS:
	case IGN_OBJECTS:
		return check_list(w, f, value, path, seen_of(groups, f));
	case IGN_TYPE_MAX:
		break;
	}
	BUG("a field without a type");
}

static int check_object(const struct walk *w, const struct ign_object *schema, const json_t *object,
			const char *path)
{
	_cleanup_json_ json_t *groups = json_object();

	if (!json_is_object(object))
		return err_set(w->err, ERR_CONFIG, "%s: is not an object", path);
	if (check_known(w, schema, object, path) < 0)
		return -1;
	for (size_t i = 0; i < schema->n; i++) {
		const struct ign_field *f = &schema->fields[i];
		const json_t *value = json_object_get(object, f->name);
		_cleanup_(freep) char *place = xasprintf("%s.%s", path, f->name);

		if (value && !json_is_null(value)) {
			if (check_value(w, f, value, place, groups) < 0)
				return -1;
		} else if (f->required) {
			return err_set(w->err, ERR_CONFIG, "%s: is missing", place);
		}
	}
	return schema->check ? schema->check(object, path, w->err) : 0;
}

/* The version tells how all else is read, so it comes first. */
static int check_version(const json_t *config, unsigned int *ret_minor, struct err *err)
{
	static const char *const known[] = {"3.0.0", "3.1.0", "3.2.0", "3.3.0", IGN_VERSION};
	const json_t *ignition = json_object_get(config, "ignition");
	const json_t *version = json_object_get(ignition, "version");
	const char *text = json_string_value(version);
	_cleanup_(freep) char *shown = NULL;

	if (!json_is_object(config))
		return err_set(err, ERR_CONFIG, "$: is not an object");
	if (!text)
		return err_set(err, ERR_CONFIG,
			       "$.ignition.version: is missing; no Ignition config is without it, "
			       "%s is the newest",
			       IGN_VERSION);
	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++) {
		if (streq(known[i], text)) {
			*ret_minor = i;
			return 0;
		}
	}
	shown = printable(text, strnlen(text, 40));
	if (startswith(text, "2.") || streq(text, "1"))
		return err_set(err, ERR_CONFIG,
			       "$.ignition.version: %s is an older spec with other fields; "
			       "translate the config to 3.x (ign-converter does)",
			       shown);
	return err_set(err, ERR_CONFIG,
		       "$.ignition.version: \"%s\" is not known here; 3.0.0 to %s are", shown,
		       IGN_VERSION);
}

int ignition_check(const json_t *config, struct err *err)
{
	struct walk w = {.err = err};

	if (check_version(config, &w.minor, err) < 0)
		return -1;
	return check_object(&w, &ign_schema, config, "$");
}
