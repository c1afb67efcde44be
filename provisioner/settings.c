/* SPDX-License-Identifier: Apache-2.0 */
#include "settings.h"

#include "buf.h"
#include "limits.h"
#include "parse.h"

#include <string.h>

struct place settings_place(const struct settings *s, const struct yaml_entry *e)
{
	return (struct place){s->file, e->value->line, e->value->column};
}

void settings_problem(const struct settings *s, const struct yaml_entry *e, const char *fmt, ...)
{
	_cleanup_(freep) char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	problems_add(s->problems, s->file, e->value->line, e->value->column, "%s%s%s",
		     e->key ? e->key : "", e->key ? ": " : "", text);
}

const char *settings_text(const struct settings *s, const struct yaml_entry *e)
{
	if (e->value->kind == YAML_TEXT)
		return e->value->text;
	settings_problem(s, e, "one value is wanted here, not a %s",
			 e->value->kind == YAML_MAP ? "map" : "list");
	return NULL;
}

/* The entry when it is there with a text. */
static struct yaml_entry *take_text(const struct settings *s, struct yaml_item *map,
				    const char *key, const char **ret_text)
{
	struct yaml_entry *e = yaml_take(map, key);

	if (!e)
		return NULL;
	*ret_text = settings_text(s, e);
	return *ret_text ? e : NULL;
}

/* Tells the sentence of err at e, and forgets it. */
static void tell(const struct settings *s, const struct yaml_entry *e, struct err *err)
{
	settings_problem(s, e, "%s", err_text(err));
	err_release(err);
}

struct yaml_entry *settings_string(const struct settings *s, struct yaml_item *map, const char *key,
				   char **ret)
{
	const char *text = NULL;
	struct yaml_entry *e = take_text(s, map, key, &text);

	if (!e)
		return NULL;
	if (!*text) {
		settings_problem(s, e, "the value is empty; remove the key or give it one");
		return NULL;
	}
	free(*ret);
	*ret = xstrdup(text);
	return e;
}

static struct yaml_item *take_collection(const struct settings *s, struct yaml_item *map,
					 const char *key, enum yaml_kind kind)
{
	struct yaml_entry *e = yaml_take(map, key);

	if (!e)
		return NULL;
	if (e->value->kind == kind)
		return e->value;
	settings_problem(s, e,
			 kind == YAML_MAP ? "keys are wanted below it, indented by spaces"
					  : "a list is wanted, one \"- value\" a line");
	return NULL;
}

struct yaml_item *settings_map(const struct settings *s, struct yaml_item *map, const char *key)
{
	return take_collection(s, map, key, YAML_MAP);
}

struct yaml_item *settings_list(const struct settings *s, struct yaml_item *map, const char *key)
{
	return take_collection(s, map, key, YAML_LIST);
}

struct yaml_entry *settings_strings(const struct settings *s, struct yaml_item *map,
				    const char *key, struct strv *ret)
{
	struct yaml_entry *e = yaml_take(map, key);

	if (!e)
		return NULL;
	if (e->value->kind == YAML_TEXT) {
		strv_add(ret, e->value->text);
		return e;
	}
	if (e->value->kind == YAML_MAP) {
		settings_problem(s, e, "a list is wanted, one \"- value\" a line");
		return NULL;
	}
	for (size_t i = 0; i < e->value->n; i++) {
		const char *text = settings_text(s, &e->value->entries[i]);

		if (text)
			strv_add(ret, text);
	}
	return e;
}

struct yaml_entry *settings_bool(const struct settings *s, struct yaml_item *map, const char *key,
				 bool *ret)
{
	const char *text = NULL;
	struct yaml_entry *e = take_text(s, map, key, &text);

	if (!e)
		return NULL;
	if (streq(text, "true"))
		*ret = true;
	else if (streq(text, "false"))
		*ret = false;
	else
		settings_problem(s, e, "write true or false");
	return e;
}

struct yaml_entry *settings_port(const struct settings *s, struct yaml_item *map, const char *key,
				 uint16_t *ret)
{
	const char *text = NULL;
	struct yaml_entry *e = take_text(s, map, key, &text);
	struct err err = ERR_INIT;
	uint64_t n = 0;

	if (!e)
		return NULL;
	if (parse_u64(text, UINT16_MAX, &n, &err) < 0)
		tell(s, e, &err);
	else if (!n)
		settings_problem(s, e, "a port is a number from 1 to 65535");
	else
		*ret = (uint16_t)n;
	return e;
}

struct yaml_entry *settings_duration(const struct settings *s, struct yaml_item *map,
				     const char *key, uint32_t *ret)
{
	const char *text = NULL;
	struct yaml_entry *e = take_text(s, map, key, &text);
	struct err err = ERR_INIT;

	if (e && parse_duration(text, ret, &err) < 0)
		tell(s, e, &err);
	return e;
}

struct yaml_entry *settings_ipv4(const struct settings *s, struct yaml_item *map, const char *key,
				 struct ipv4 *ret)
{
	const char *text = NULL;
	struct yaml_entry *e = take_text(s, map, key, &text);
	struct err err = ERR_INIT;

	if (e && ipv4_parse(text, ret, &err) < 0)
		tell(s, e, &err);
	return e;
}

struct yaml_entry *settings_net(const struct settings *s, struct yaml_item *map, const char *key,
				struct ipv4_net *ret)
{
	const char *text = NULL;
	struct yaml_entry *e = take_text(s, map, key, &text);
	struct err err = ERR_INIT;

	if (e && ipv4_net_parse(text, ret, &err) < 0)
		tell(s, e, &err);
	return e;
}

struct yaml_entry *settings_word(const struct settings *s, struct yaml_item *map, const char *key,
				 const char *const *names, size_t n, int *ret)
{
	const char *text = NULL;
	struct yaml_entry *e = take_text(s, map, key, &text);
	_cleanup_(freep) char *shown = NULL, *list = NULL;
	const char *near;
	struct buf b;

	if (!e)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		if (streq(names[i], text)) {
			*ret = (int)i;
			return e;
		}
	}
	buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i ? ", " : "", names[i]);
	list = buf_take(&b);
	shown = printable_text(text, strnlen(text, 40));
	near = nearest_name(text, names, n);
	settings_problem(s, e, "\"%s\" is not one of %s%s%s%s", shown, list,
			 near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	return e;
}
