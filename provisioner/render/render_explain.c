/* SPDX-License-Identifier: Apache-2.0 */
#include "render/render_explain.h"

#include "buf.h"

#include <string.h>

/* Of a value in a line of text. */
#define SHOWN 100

struct explainer {
	const struct value_sources *sources;
	void (*leaf)(const struct explainer *x, const char *path, const struct config_item *item);
	struct buf *text;
	json_t *list;
};

static void walk(const struct explainer *x, const char *path, const struct config_item *item)
{
	/* an empty list or map is a value, too */
	if (item->kind == CONFIG_VALUE || !item->n) {
		x->leaf(x, path, item);
		return;
	}
	for (size_t i = 0; i < item->n; i++) {
		_cleanup_(freep) char *below =
			item->kind == CONFIG_MAP ? xasprintf("%s.%s", path, item->items[i]->key)
						 : xasprintf("%s[%zu]", path, i);

		walk(x, below, item->items[i]);
	}
}

/* Where the values of "a, b" stand: "x.yaml:1:2; y.yaml:3:4". Caller frees. */
static char *places_of(const struct value_sources *s, const char *names)
{
	struct strv list = {0};
	char *all;

	while (*names) {
		size_t len = strcspn(names, ",");
		_cleanup_(freep) char *name = xstrndup(names, len);
		char *place = value_source(s, name);

		if (place)
			strv_take(&list, place);
		names += len;
		names += strspn(names, ", ");
	}
	all = strv_join(&list, "; ");
	strv_release(&list);
	return all;
}

static void add_reference(const struct explainer *x, const char *names)
{
	_cleanup_(freep) char *places = places_of(x->sources, names);

	buf_addf(x->text, "{{ %s }}%s%s", names, *places ? ": " : "", places);
}

static void add_via(const struct explainer *x, const struct config_item *item)
{
	if (item->via == VIA_TEXT)
		return;
	buf_adds(x->text, "  (");
	if (item->via == VIA_DEFAULT)
		buf_adds(x->text, "default");
	if (item->via == VIA_FILE)
		buf_adds(x->text, item->source);
	if (item->via == VIA_FILE && item->names && *item->names)
		buf_adds(x->text, ", ");
	if (item->via == VIA_REFERENCE || (item->names && *item->names))
		add_reference(x, item->via == VIA_REFERENCE ? item->source : item->names);
	buf_addc(x->text, ')');
}

/* The places are all that matters of what is too long for a line. */
static void add_value(struct buf *b, const char *text)
{
	size_t len = strlen(text), shown = len > SHOWN ? SHOWN : len;

	/* no half of a character */
	while (shown < len && shown && ((unsigned char)text[shown] & 0xc0) == 0x80)
		shown--;
	buf_add(b, text, shown);
	if (shown < len)
		buf_addf(b, "... %zu more bytes", len - shown);
}

static void leaf_text(const struct explainer *x, const char *path, const struct config_item *item)
{
	_cleanup_(json_decrefp) json_t *j = config_item_to_json(item);
	_cleanup_(freep) char *text = json_dumps(j, JSON_ENCODE_ANY | JSON_COMPACT);

	buf_addf(x->text, "%s:%u:%u: %s = ", item->at.file, item->at.line, item->at.column, path);
	add_value(x->text, text);
	add_via(x, item);
	buf_addc(x->text, '\n');
}

static void leaf_json(const struct explainer *x, const char *path, const struct config_item *item)
{
	const char *names = item->via == VIA_REFERENCE ? item->source : item->names;
	json_t *j = json_object();

	jsonx_put_string(j, "path", path);
	json_object_set_new(j, "value", config_item_to_json(item));
	jsonx_put_string(j, "file", item->at.file);
	json_object_set_new(j, "line", json_integer(item->at.line));
	json_object_set_new(j, "column", json_integer(item->at.column));
	if (item->via == VIA_DEFAULT)
		json_object_set_new(j, "default", json_true());
	if (item->via == VIA_FILE)
		jsonx_put_string(j, "inlined", item->source);
	if (names && *names) {
		_cleanup_(freep) char *places = places_of(x->sources, names);

		jsonx_put_string(j, "reference", names);
		if (*places)
			jsonx_put_string(j, "source", places);
	}
	json_array_append_new(x->list, j);
}

char *render_explain(const struct config_item *config, const struct value_sources *s)
{
	struct buf b;
	const struct explainer x = {s, leaf_text, &b, NULL};

	buf_init(&b, SIZE_MAX / 2);
	walk(&x, "$", config);
	return buf_take(&b);
}

json_t *render_explain_json(const struct config_item *config, const struct value_sources *s)
{
	const struct explainer x = {s, leaf_json, NULL, json_array()};

	walk(&x, "$", config);
	return x.list;
}
