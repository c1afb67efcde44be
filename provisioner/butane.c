/* SPDX-License-Identifier: Apache-2.0 */
#include "butane.h"

#include "butane_contents.h"
#include "butane_fields.h"
#include "parse.h"

#include <string.h>

/* The longest table. */
#define FIELDS_MAX 24

static const struct butane_field *find(const struct butane_field *fields, const char *key)
{
	for (; fields->key; fields++)
		if (streq(fields->key, key))
			return fields;
	return NULL;
}

/* What was meant: Ignition's own name of it, what stands deeper down, or the nearest one. */
static char *advice(const struct butane_field *fields, const char *key)
{
	const char *names[FIELDS_MAX] = {NULL}, *near;
	size_t n = 0;

	for (const struct butane_field *f = fields; f->key; f++) {
		if (f->name && streq(f->name, key))
			return xasprintf("; Butane's name of it is \"%s\"", f->key);
		if (n < ARRAY_SIZE(names))
			names[n++] = f->key;
	}
	for (const struct butane_field *f = fields; f->key; f++)
		if (f->below && find(f->below, key))
			return xasprintf("; it belongs under %s", f->key);
	near = nearest_name(key, names, n);
	if (near)
		return xasprintf("; did you mean \"%s\"?", near);
	return xstrdup("; remove it");
}

static void unknown_key(const struct butane *b, const struct config_item *item,
			const struct butane_field *fields)
{
	_cleanup_(freep) char *shown = printable_text(item->key, strnlen(item->key, 60));
	_cleanup_(freep) char *what = advice(fields, item->key);

	problems_add(b->ps, item->key_at.file, item->key_at.line, item->key_at.column,
		     "unknown key \"%s\"%s", shown, what);
}

static bool wanted(const struct butane *b, const struct config_item *item, const char *key,
		   const char *what)
{
	problems_add(b->ps, item->at.file, item->at.line, item->at.column, "%s: %s is wanted", key,
		     what);
	return false;
}

static bool fits(const struct butane *b, const struct config_item *item,
		 const struct butane_field *f)
{
	bool maps = f->kind == BUTANE_MAPS;

	if (config_item_is_open(item))
		return true;
	if (f->kind == BUTANE_VALUE)
		return item->kind == CONFIG_VALUE || wanted(b, item, f->key, "a single value");
	if (f->kind == BUTANE_MAP)
		return item->kind == CONFIG_MAP || wanted(b, item, f->key, "a map of keys");
	if (item->kind != CONFIG_LIST)
		return wanted(b, item, f->key, "a list");
	for (size_t i = 0; i < item->n; i++) {
		const struct config_item *e = item->items[i];

		if (config_item_is_open(e))
			continue;
		if (maps ? e->kind != CONFIG_MAP
			 : e->kind != CONFIG_VALUE || config_item_is_null(e))
			return wanted(b, e, f->key, maps ? "a list of maps" : "a list of values");
	}
	return true;
}

static struct config_item *translate(const struct butane *b, const struct config_item *in,
				     const struct butane_field *fields);

static struct config_item *member(const struct butane *b, const struct config_item *item,
				  const struct butane_field *f)
{
	struct config_item *list;

	if (f->kind == BUTANE_VALUE || f->kind == BUTANE_VALUES || config_item_is_open(item))
		return config_item_copy(item);
	if (f->kind == BUTANE_MAP)
		return translate(b, item, f->below);
	list = config_item_new(CONFIG_LIST, item->at);
	for (size_t i = 0; i < item->n; i++)
		config_item_append(list, config_item_is_open(item->items[i])
						 ? config_item_copy(item->items[i])
						 : translate(b, item->items[i], f->below));
	return list;
}

/* The image brings files of its own, and an installation may run twice. */
static void overwrite(const struct config_item *in, struct config_item *out, const char *with)
{
	struct config_item *item;

	if (!config_item_get(out, with) || config_item_get(out, "overwrite"))
		return;
	item = config_value_new(json_true(), in->at);
	item->via = VIA_DEFAULT;
	config_item_set(out, "overwrite", in->at, item);
}

static void add_derived(const struct butane *b, const struct butane_field *fields,
			const struct config_item *in, struct config_item *out)
{
	if (fields == butane_resource)
		butane_add_source(b, in, out);
	else if (fields == butane_unit || fields == butane_dropin)
		butane_add_contents(b, in, out);
	else if (fields == butane_user)
		butane_add_keys(b, in, out);
	else if (fields == butane_storage)
		butane_add_trees(b, in, out);
	else if (fields == butane_file)
		overwrite(in, out, "contents");
	else if (fields == butane_link)
		overwrite(in, out, "target");
}

static struct config_item *translate(const struct butane *b, const struct config_item *in,
				     const struct butane_field *fields)
{
	struct config_item *out = config_item_new(CONFIG_MAP, in->at);

	for (size_t i = 0; i < in->n; i++) {
		const struct config_item *item = in->items[i];
		const struct butane_field *f = find(fields, item->key);

		if (!f)
			unknown_key(b, item, fields);
		else if (f->refused)
			problems_add(b->ps, item->key_at.file, item->key_at.line,
				     item->key_at.column, "storage.%s is not for templates: %s",
				     f->key, f->refused);
		else if (!config_item_is_null(item) && fits(b, item, f) && f->name)
			config_item_set(out, f->name, item->key_at, member(b, item, f));
	}
	add_derived(b, fields, in, out);
	return out;
}

struct config_item *butane_translate(const struct butane *b, const struct config_item *in)
{
	size_t before = b->ps->n;
	struct config_item *out = translate(b, in, butane_top), *version;
	struct config_item *ignition = config_item_need(out, "ignition", CONFIG_MAP, in->at);

	version = config_value_new(json_string(BUTANE_IGNITION), in->at);
	version->via = VIA_DEFAULT;
	config_item_set(ignition, "version", in->at, version);
	return b->ps->n > before ? config_item_free(out) : out;
}
