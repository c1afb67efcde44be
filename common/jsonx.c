/* SPDX-License-Identifier: Apache-2.0 */
#include "jsonx.h"

#include "parse.h"

#include <string.h>

int jsonx_parse(const char *text, size_t len, const char *what, json_t **ret, struct err *err)
{
	json_error_t error;
	json_t *j = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);

	if (!j)
		return err_set(err, ERR_PROTOCOL, "%s is no valid JSON: line %d column %d: %s",
			       what, error.line, error.column, error.text);
	*ret = j;
	return 0;
}

static char *dump(const json_t *j, size_t flags)
{
	char *s = json_dumps(j, flags | JSON_SORT_KEYS | JSON_ENCODE_ANY);

	if (!s)
		BUG("JSON that cannot be written");
	return s;
}

char *jsonx_canonical(const json_t *j)
{
	return dump(j, JSON_COMPACT);
}

char *jsonx_pretty(const json_t *j)
{
	_cleanup_(freep) char *s = dump(j, JSON_INDENT(2));

	return xasprintf("%s\n", s);
}

void jsonx_begin(struct jsonx_reader *r, const json_t *object, const char *path, struct err *err)
{
	*r = (struct jsonx_reader){.object = object, .path = path, .err = err};
	if (json_typeof(object) != JSON_OBJECT) {
		err_set(err, ERR_PROTOCOL, "%s is not an object", path);
		r->failed = true;
	}
}

static void fail(struct jsonx_reader *r, const char *key, const char *why)
{
	err_set(r->err, ERR_PROTOCOL, "%s.%s %s", r->path, key, why);
	r->failed = true;
}

void jsonx_fail(struct jsonx_reader *r, const char *key, const char *fmt, ...)
{
	_cleanup_(freep) char *why = NULL;
	va_list ap;

	if (r->failed)
		return;
	va_start(ap, fmt);
	why = xvasprintf(fmt, ap);
	va_end(ap);
	fail(r, key, why);
}

/* The value at key when it is there and not null; a required one that is not there fails. */
static const json_t *get(struct jsonx_reader *r, const char *key, bool required)
{
	const json_t *j;

	if (r->failed)
		return NULL;
	strv_add(&r->seen, key);
	j = json_object_get(r->object, key);
	if (j && !json_is_null(j))
		return j;
	if (required)
		fail(r, key, "is missing");
	return NULL;
}

static void get_string(struct jsonx_reader *r, const char *key, bool required, char **ret)
{
	const json_t *j = get(r, key, required);

	if (!j)
		return;
	if (!json_is_string(j)) {
		fail(r, key, "is not a string");
		return;
	}
	free(*ret);
	*ret = xstrdup(json_string_value(j));
}

void jsonx_string(struct jsonx_reader *r, const char *key, char **ret)
{
	char *s = NULL;

	get_string(r, key, true, &s);
	if (s)
		*ret = s;
}

void jsonx_opt_string(struct jsonx_reader *r, const char *key, char **ret)
{
	char *s = NULL;

	get_string(r, key, false, &s);
	if (s)
		*ret = s;
}

static void get_u64(struct jsonx_reader *r, const char *key, bool required, uint64_t max,
		    uint64_t *ret)
{
	const json_t *j = get(r, key, required);
	json_int_t n;

	if (!j)
		return;
	n = json_integer_value(j);
	if (!json_is_integer(j) || n < 0 || (uint64_t)n > max) {
		jsonx_fail(r, key, "is no whole number from 0 to %ju", (uintmax_t)max);
		return;
	}
	*ret = (uint64_t)n;
}

void jsonx_u64(struct jsonx_reader *r, const char *key, uint64_t max, uint64_t *ret)
{
	get_u64(r, key, true, max, ret);
}

void jsonx_opt_u64(struct jsonx_reader *r, const char *key, uint64_t max, uint64_t *ret)
{
	get_u64(r, key, false, max, ret);
}

void jsonx_opt_bool(struct jsonx_reader *r, const char *key, bool *ret)
{
	const json_t *j = get(r, key, false);

	if (!j)
		return;
	if (!json_is_boolean(j))
		fail(r, key, "is neither true nor false");
	else
		*ret = json_is_true(j);
}

static void get_enum(struct jsonx_reader *r, const char *key, bool required,
		     const char *const *names, size_t n, int *ret)
{
	_cleanup_(freep) char *word = NULL;
	_cleanup_(freep) char *shown = NULL;

	get_string(r, key, required, &word);
	if (!word)
		return;
	for (size_t i = 0; i < n; i++) {
		if (names[i] && streq(names[i], word)) {
			*ret = (int)i;
			return;
		}
	}
	shown = printable(word, strnlen(word, 40));
	jsonx_fail(r, key, "is \"%s\", a word that is not known here", shown);
}

void jsonx_enum(struct jsonx_reader *r, const char *key, const char *const *names, size_t n,
		int *ret)
{
	get_enum(r, key, true, names, n, ret);
}

void jsonx_opt_enum(struct jsonx_reader *r, const char *key, const char *const *names, size_t n,
		    int *ret)
{
	get_enum(r, key, false, names, n, ret);
}

static const json_t *get_object(struct jsonx_reader *r, const char *key, bool required)
{
	const json_t *j = get(r, key, required);

	if (j && !json_is_object(j)) {
		fail(r, key, "is not an object");
		return NULL;
	}
	return j;
}

const json_t *jsonx_object(struct jsonx_reader *r, const char *key)
{
	return get_object(r, key, true);
}

const json_t *jsonx_opt_object(struct jsonx_reader *r, const char *key)
{
	return get_object(r, key, false);
}

static const json_t *get_array(struct jsonx_reader *r, const char *key, bool required, size_t max)
{
	const json_t *j = get(r, key, required);

	if (!j)
		return NULL;
	if (!json_is_array(j)) {
		fail(r, key, "is not a list");
		return NULL;
	}
	if (json_array_size(j) > max) {
		jsonx_fail(r, key, "has %zu elements, %zu are allowed", json_array_size(j), max);
		return NULL;
	}
	return j;
}

const json_t *jsonx_array(struct jsonx_reader *r, const char *key, size_t max)
{
	return get_array(r, key, true, max);
}

const json_t *jsonx_opt_array(struct jsonx_reader *r, const char *key, size_t max)
{
	return get_array(r, key, false, max);
}

void jsonx_opt_strv(struct jsonx_reader *r, const char *key, size_t max, struct strv *ret)
{
	const json_t *array = get_array(r, key, false, max);
	json_t *j;
	size_t i;

	json_array_foreach ((json_t *)array, i, j) {
		if (!json_is_string(j)) {
			jsonx_fail(r, key, "[%zu] is not a string", i);
			return;
		}
		strv_add(ret, json_string_value(j));
	}
}

int jsonx_done_lenient(struct jsonx_reader *r)
{
	strv_release(&r->seen);
	return r->failed ? -1 : 0;
}

int jsonx_done(struct jsonx_reader *r)
{
	const char *key;
	json_t *j;

	if (!r->failed) {
		json_object_foreach ((json_t *)r->object, key, j) {
			_cleanup_(freep) char *shown = NULL;

			if (strv_has(&r->seen, key))
				continue;
			shown = printable(key, strnlen(key, 40));
			fail(r, shown, "is not known here");
			break;
		}
	}
	return jsonx_done_lenient(r);
}

/* A serial number or label of a foreign disk may be no UTF-8: its bytes are escaped then. */
static json_t *string_value(const char *s)
{
	json_t *j = json_string(s);
	_cleanup_(freep) char *escaped = NULL;

	if (j)
		return j;
	escaped = printable(s, strlen(s));
	return json_string(escaped);
}

void jsonx_put_string(json_t *object, const char *key, const char *s)
{
	if (s && json_object_set_new(object, key, string_value(s)) < 0)
		BUG("json_object_set_new");
}

void jsonx_put_strv(json_t *object, const char *key, const struct strv *sv)
{
	json_t *array;

	if (!sv->n)
		return;
	array = json_array();
	for (size_t i = 0; i < sv->n; i++)
		json_array_append_new(array, string_value(sv->v[i]));
	if (json_object_set_new(object, key, array) < 0)
		BUG("json_object_set_new");
}
