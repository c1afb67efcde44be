/* SPDX-License-Identifier: Apache-2.0 */
#include "import/import_strip.h"

#include "butane.h"
#include "import/go_template.h"
#include "import/marked_yaml.h"
#include "limits.h"
#include "parse.h"
#include "plan_config.h"
#include "plan_ignition.h"
#include "render/ignition_secret.h"

#include <string.h>

/* So many parts of one config are taken out; what is wrong with it then, the check of all says. */
#define MAX_TAKEN 1000

static const char secret_why[] = "is a secret, and templates are kept in git; write it into a "
				 "template that .gitignore names "
				 "(provision.yaml(5), \"Secrets in templates\")";

/* The config as items whose line is the number of their path in `paths`, from 1. */
struct numbering {
	const struct import_strip *s;
	bool references_are_blank; /* what is referred to does not count */
	struct strv paths;
};

static bool is_blank(const char *text)
{
	return !text[strspn(text, " \t\r\n")];
}

static struct config_item *number_text(const struct numbering *n, const json_t *j, struct origin at)
{
	const char *text = json_string_value(j);
	_cleanup_(freep) char *filled = NULL;

	if (!strstr(text, GO_MARK_BEGIN))
		return config_value_new(json_incref((json_t *)j), at);
	if (n->references_are_blank) {
		_cleanup_json_ json_t *nothing = json_object();

		filled = marked_text_fill(text, nothing);
		return config_value_new(json_string(is_blank(filled) ? "" : filled), at);
	}
	filled = marked_text_fill(text, n->s->texts);
	return config_value_new(json_string(filled), at);
}

/* A null in a list is what was taken out. Takes path. */
static struct config_item *number(struct numbering *n, const json_t *j, char *path)
{
	const struct origin at = {n->s->file, (unsigned int)n->paths.n + 1, 1};
	struct config_item *item;
	const char *key;
	json_t *member;
	size_t i;

	strv_take(&n->paths, path);
	if (json_is_string(j))
		return number_text(n, j, at);
	if (!json_is_object(j) && !json_is_array(j))
		return config_value_new(json_incref((json_t *)j), at);
	item = config_item_new(json_is_object(j) ? CONFIG_MAP : CONFIG_LIST, at);
	json_object_foreach ((json_t *)j, key, member)
		config_item_set(item, key, at, number(n, member, xasprintf("%s.%s", path, key)));
	json_array_foreach ((json_t *)j, i, member)
		if (!json_is_null(member))
			config_item_append(item, number(n, member, xasprintf("%s[%zu]", path, i)));
	return item;
}

/* Ignition's document of the content; NULL with the first problem in ps. */
static struct config_item *translate(const json_t *content, struct numbering *n,
				     struct problems *ps)
{
	static const struct local_files no_files;
	_cleanup_json_ json_t *values = json_object();
	const struct butane b = {&no_files, values, ps};
	_cleanup_config_ struct config_item *item = number(n, content, xstrdup("$"));

	return butane_translate(&b, item);
}

/* The path of the content that a path of the document stands for. Borrowed of n. */
static const char *origin_of(const struct numbering *n, const struct config_item *config,
			     const char *path)
{
	return n->paths.v[config_item_find(config, path)->at.line - 1];
}

/* The texts behind the JSON path that an error begins with. */
static const char *reason_of(const char *text)
{
	const char *colon = *text == '$' ? strstr(text, ": ") : NULL;

	return colon ? colon + 2 : text;
}

/* The path of the first part that the check of a plan refuses, and why; NULL: it takes all. */
static char *find_refused(const json_t *content, const struct import_strip *s, char **ret_why)
{
	struct numbering n = {.s = s};
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_config_ struct config_item *config = translate(content, &n, &ps);
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_json_ json_t *j = NULL;
	char *found = NULL;

	if (!config) {
		found = xstrdup(n.paths.v[ps.p[0].line - 1]);
		*ret_why = xstrdup(ps.p[0].text);
	} else {
		j = config_item_to_json(config);
		if (plan_ignition_check(j, &err) < 0 ||
		    plan_config_check_includes(j, s->image, &err) < 0) {
			const char *path = strchr(err_text(&err), '$');

			path = path ? path : "$";
			found = xstrdup(origin_of(&n, config, path));
			*ret_why = xstrdup(reason_of(path));
		}
	}
	strv_release(&n.paths);
	return found;
}

bool import_has_secret(const char *text, const json_t *secrets)
{
	const json_t *secret;
	size_t i;

	if (strstr(text, GO_MARK_BEGIN GO_MARK_SECRET))
		return true;
	json_array_foreach ((json_t *)secrets, i, secret)
		if (strstr(text, json_string_value(secret)))
			return true;
	return false;
}

/* The path of the first text that holds a secret of the metadata. */
static char *find_named(const json_t *j, const char *path, const struct import_strip *s)
{
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_string(j) && import_has_secret(json_string_value(j), s->secrets))
		return xstrdup(path);
	json_object_foreach ((json_t *)j, key, member) {
		_cleanup_(freep) char *at = xasprintf("%s.%s", path, key);
		char *found = find_named(member, at, s);

		if (found)
			return found;
	}
	json_array_foreach ((json_t *)j, i, member) {
		_cleanup_(freep) char *at = xasprintf("%s[%zu]", path, i);
		char *found = find_named(member, at, s);

		if (found)
			return found;
	}
	return NULL;
}

/* What a config would be served as a secret for. */
static char *find_served(const json_t *content, const struct import_strip *s)
{
	struct numbering n = {.s = s, .references_are_blank = true};
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_config_ struct config_item *config = translate(content, &n, &ps);
	_cleanup_json_ json_t *j = config ? config_item_to_json(config) : NULL;
	_cleanup_(freep) char *path = j ? ignition_secret(j) : NULL;
	char *found = path ? xstrdup(origin_of(&n, config, path)) : NULL;

	strv_release(&n.paths);
	return found;
}

/* How much of a path goes with what it leads to: all of a file or a link, the dropin of a unit, the
 * one setting of an account. */
static size_t length_to_take(const char *path)
{
	const char *bracket;

	if (startswith(path, "$.passwd."))
		return strlen(path);
	bracket = startswith(path, "$.storage.") ? strchr(path, ']') : strrchr(path, ']');
	return bracket ? (size_t)(bracket - path) + 1 : strlen(path);
}

/* Follows the path, of which all but the last step is there; the parent, and the last step. */
static json_t *parent_of(json_t *content, const char *path, char **ret_key, size_t *ret_index)
{
	json_t *at = content, *parent = NULL;
	const char *p = path + 1;

	*ret_key = NULL;
	while (*p) {
		free(TAKE_PTR(*ret_key));
		parent = at;
		if (*p == '[') {
			*ret_index = strtoul(p + 1, NULL, 10);
			at = json_array_get(parent, *ret_index);
			p += strcspn(p, "]") + 1;
		} else {
			size_t len = strcspn(++p, ".[");

			*ret_key = xstrndup(p, len);
			at = json_object_get(parent, *ret_key);
			p += len;
		}
	}
	return parent;
}

/* Takes the part out and tells it. False when the path leads to no part. */
static bool take_out(json_t *content, const char *path, const char *why,
		     const struct import_strip *s, struct problems *left)
{
	_cleanup_(freep) char *whole = xstrndup(path, length_to_take(path)), *key = NULL;
	_cleanup_(freep) char *shown = NULL;
	size_t index = 0;
	json_t *parent = parent_of(content, whole, &key, &index);
	const json_t *part, *name;

	if (!parent)
		return false;
	part = key ? json_object_get(parent, key) : json_array_get(parent, index);
	name = json_object_get(part, "path");
	if (!name)
		name = json_object_get(json_is_object(part) ? part : parent, "name");
	if (json_is_string(name))
		shown = printable_text(json_string_value(name),
				       strnlen(json_string_value(name), LIMIT_NAME));
	problems_add(left, s->file, 0, 0, "%s%s%s%s: %s", whole, shown ? " (" : "",
		     shown ? shown : "", shown ? ")" : "", why);
	if (key)
		json_object_del(parent, key);
	else
		json_array_set_new(parent, index, json_null());
	return true;
}

static bool is_empty(const json_t *j)
{
	return (json_is_object(j) && !json_object_size(j)) ||
	       (json_is_array(j) && !json_array_size(j));
}

/* Removes the places of what was taken out, and what has nothing left in it. */
static void close_gaps(json_t *j)
{
	const char *key;
	json_t *member;
	void *next;

	for (size_t i = json_array_size(j); i-- > 0;) {
		close_gaps(json_array_get(j, i));
		if (json_is_null(json_array_get(j, i)) || is_empty(json_array_get(j, i)))
			json_array_remove(j, i);
	}
	json_object_foreach_safe(j, next, key, member)
	{
		close_gaps(member);
		if (is_empty(member))
			json_object_del(j, key);
	}
}

void import_strip(json_t *content, const struct import_strip *s, struct problems *left)
{
	for (size_t i = 0; i < MAX_TAKEN; i++) {
		_cleanup_(freep) char *why = NULL, *path = find_named(content, "$", s);

		if (!path)
			path = find_refused(content, s, &why);
		if (!path)
			path = find_served(content, s);
		if (!path || !take_out(content, path, why ? why : secret_why, s, left))
			break;
	}
	close_gaps(content);
}
