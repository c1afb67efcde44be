/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml_tree.h"

#include "buf.h"
#include "limits.h"
#include "parse.h"

#include <string.h>
#include <yaml.h>

struct reader {
	yaml_parser_t parser;
	const char *text;
	size_t len;
	const char *file;
	struct problems *ps;
	unsigned int depth, items;
};

static void problem_at(struct reader *r, const yaml_mark_t *mark, const char *text)
{
	problems_add(r->ps, r->file, (unsigned int)mark->line + 1, (unsigned int)mark->column + 1,
		     "%s", text);
}

/* The line, counted from 0, begins with white space that has a tab in it. */
static bool line_has_tab(const struct reader *r, size_t line)
{
	const char *p = r->text, *end = r->text + r->len;

	while (line--) {
		p = memchr(p, '\n', (size_t)(end - p));
		if (!p)
			return false;
		p++;
	}
	for (; p < end && (*p == ' ' || *p == '\t'); p++)
		if (*p == '\t')
			return true;
	return false;
}

static void problem_of_parser(struct reader *r)
{
	yaml_parser_t *p = &r->parser;
	_cleanup_(freep) char *text = NULL;
	yaml_mark_t mark = p->problem_mark;

	if (p->error == YAML_READER_ERROR) {
		const char *nl;

		/* the reader knows an offset only */
		mark = (yaml_mark_t){.index = p->problem_offset};
		for (const char *s = r->text;
		     (nl = memchr(s, '\n', r->len - (size_t)(s - r->text))) &&
		     (size_t)(nl - r->text) < p->problem_offset;
		     s = nl + 1)
			mark.line++;
		text = xasprintf("the file is not UTF-8 text: %s", p->problem);
	} else if (line_has_tab(r, mark.line)) {
		text = xstrdup("a tab in the indentation; YAML is indented with spaces");
	} else if (p->context && !streq(p->context, p->problem)) {
		text = xasprintf("no valid YAML: %s, %s", p->problem, p->context);
	} else {
		text = xasprintf("no valid YAML: %s", p->problem ? p->problem : "unreadable");
	}
	problem_at(r, &mark, text);
}

static bool next(struct reader *r, yaml_event_t *event)
{
	if (yaml_parser_parse(&r->parser, event))
		return true;
	problem_of_parser(r);
	return false;
}

static struct yaml_item *read_item(struct reader *r, yaml_event_t *event);

static struct yaml_item *item_new(enum yaml_kind kind, const yaml_mark_t *mark)
{
	struct yaml_item *item = xcalloc(1, sizeof(*item));

	item->kind = kind;
	item->line = (unsigned int)mark->line + 1;
	item->column = (unsigned int)mark->column + 1;
	return item;
}

struct yaml_item *yaml_map_new(void)
{
	return item_new(YAML_MAP, &(yaml_mark_t){0});
}

struct yaml_item *yaml_item_free(struct yaml_item *item)
{
	if (!item)
		return NULL;
	for (size_t i = 0; i < item->n; i++) {
		free(item->entries[i].key);
		yaml_item_free(item->entries[i].value);
	}
	free(item->entries);
	free(item->text);
	free(item->asked);
	free(item->below);
	free(item);
	return NULL;
}

static const struct yaml_entry *find(const struct yaml_item *map, const char *key)
{
	for (size_t i = 0; i < map->n; i++)
		if (streq(map->entries[i].key, key))
			return &map->entries[i];
	return NULL;
}

static bool has_nul(const yaml_event_t *event)
{
	return memchr(event->data.scalar.value, 0, event->data.scalar.length) != NULL;
}

/* A key's text; NULL with a problem when it is no key. Takes the event. */
static char *read_key(struct reader *r, const struct yaml_item *map, yaml_event_t *event)
{
	const struct yaml_entry *twin;
	char *key;

	if (event->type == YAML_MAPPING_START_EVENT) {
		problem_at(
			r, &event->start_mark,
			"a map cannot be a key; a reference is written in quotes: \"{{ name }}\"");
		yaml_event_delete(event);
		return NULL;
	}
	if (event->type != YAML_SCALAR_EVENT || has_nul(event)) {
		problem_at(r, &event->start_mark, "a key is a plain word");
		yaml_event_delete(event);
		return NULL;
	}
	key = xstrdup((const char *)event->data.scalar.value);
	twin = find(map, key);
	if (twin) {
		_cleanup_(freep) char *shown = printable_text(key, strnlen(key, 40));
		_cleanup_(freep) char *text =
			xasprintf("the key \"%s\" stands already in line %u; remove one of the two",
				  shown, twin->line);

		problem_at(r, &event->start_mark, text);
		free(key);
		key = NULL;
	}
	yaml_event_delete(event);
	return key;
}

/* Room doubles, so that a long list costs no more than its length. */
static struct yaml_entry *add_entry(struct yaml_item *item)
{
	if (!(item->n & (item->n - 1)))
		item->entries =
			xrealloc(item->entries, item->n ? 2 * item->n : 1, sizeof(*item->entries));
	item->entries[item->n] = (struct yaml_entry){0};
	return &item->entries[item->n++];
}

/* Reads up to the event that ends the collection. */
static bool read_entries(struct reader *r, struct yaml_item *item)
{
	for (;;) {
		struct yaml_entry *e;
		yaml_event_t event;
		char *key = NULL;
		yaml_mark_t mark;

		if (!next(r, &event))
			return false;
		mark = event.start_mark;
		if (event.type == YAML_MAPPING_END_EVENT || event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			return true;
		}
		if (item->kind == YAML_MAP) {
			if (item->n >= LIMIT_YAML_KEYS) {
				problem_at(r, &mark, "one map has too many keys");
				yaml_event_delete(&event);
				return false;
			}
			key = read_key(r, item, &event);
			if (!key)
				return false;
			if (!next(r, &event)) {
				free(key);
				return false;
			}
		}
		e = add_entry(item);
		e->key = key;
		e->line = (unsigned int)mark.line + 1;
		e->column = (unsigned int)mark.column + 1;
		e->value = read_item(r, &event);
		if (!e->value)
			return false;
	}
}

/* Why this event is no part of a document that is taken, or NULL. */
static const char *refusal(struct reader *r, const yaml_event_t *event)
{
	bool scalar = event->type == YAML_SCALAR_EVENT;

	if (event->type == YAML_ALIAS_EVENT)
		return "aliases (*name) are not taken here; write the value out";
	if (++r->items > LIMIT_YAML_NODES)
		return "the file has too many values";
	if (r->depth >= LIMIT_YAML_DEPTH)
		return "the file is nested too deeply";
	if (scalar ? event->data.scalar.anchor != NULL : event->data.mapping_start.anchor != NULL)
		return "anchors (&name) are not taken here; write the value out";
	if (scalar ? event->data.scalar.tag != NULL : event->data.mapping_start.tag != NULL)
		return "tags (!name) are not taken here; remove it";
	if (scalar && has_nul(event))
		return "a text with a NUL byte";
	return NULL;
}

/* Takes the event; NULL with a problem added when it begins nothing that is taken. */
static struct yaml_item *read_item(struct reader *r, yaml_event_t *event)
{
	_cleanup_(yaml_item_freep) struct yaml_item *item = NULL;
	const char *why = refusal(r, event);

	if (why) {
		problem_at(r, &event->start_mark, why);
		yaml_event_delete(event);
		return NULL;
	}
	item = item_new(event->type == YAML_SCALAR_EVENT          ? YAML_TEXT
			: event->type == YAML_MAPPING_START_EVENT ? YAML_MAP
								  : YAML_LIST,
			&event->start_mark);
	if (item->kind == YAML_TEXT) {
		yaml_scalar_style_t style = event->data.scalar.style;

		item->text = xstrdup((const char *)event->data.scalar.value);
		item->style = style == YAML_PLAIN_SCALAR_STYLE ? YAML_PLAIN
			      : style == YAML_SINGLE_QUOTED_SCALAR_STYLE ||
					      style == YAML_DOUBLE_QUOTED_SCALAR_STYLE
				      ? YAML_QUOTED
				      : YAML_BLOCK;
		yaml_event_delete(event);
		return TAKE_PTR(item);
	}
	yaml_event_delete(event);
	r->depth++;
	if (!read_entries(r, item))
		return NULL;
	r->depth--;
	return TAKE_PTR(item);
}

/* From the start of the stream to its end, which has to follow the first document. */
static struct yaml_item *read_document(struct reader *r)
{
	_cleanup_(yaml_item_freep) struct yaml_item *item = NULL;
	yaml_event_t event;

	for (;;) {
		yaml_event_type_t type;

		if (!next(r, &event))
			return NULL;
		type = event.type;
		if (item && type == YAML_DOCUMENT_START_EVENT) {
			problem_at(r, &event.start_mark,
				   "a second document begins here; one file has one");
			yaml_event_delete(&event);
			return NULL;
		}
		if (type == YAML_STREAM_END_EVENT) {
			if (!item)
				item = item_new(YAML_MAP, &event.start_mark);
			yaml_event_delete(&event);
			return TAKE_PTR(item);
		}
		if (type == YAML_STREAM_START_EVENT || type == YAML_DOCUMENT_START_EVENT ||
		    type == YAML_DOCUMENT_END_EVENT) {
			yaml_event_delete(&event);
			continue;
		}
		item = read_item(r, &event);
		if (!item)
			return NULL;
	}
}

struct yaml_item *yaml_parse(const char *text, size_t len, const char *file, struct problems *ps)
{
	struct reader r = {.text = text, .len = len, .file = file, .ps = ps};
	struct yaml_item *item;

	if (len > LIMIT_YAML_BYTES) {
		problems_add(ps, file, 0, 0, "the file has more than %d bytes; move data out of it",
			     LIMIT_YAML_BYTES);
		return NULL;
	}
	if (!yaml_parser_initialize(&r.parser))
		BUG("yaml_parser_initialize");
	yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
	item = read_document(&r);
	yaml_parser_delete(&r.parser);
	if (item && yaml_is_null(item)) {
		yaml_item_free(item);
		item = yaml_map_new();
	}
	return item;
}

bool yaml_is_null(const struct yaml_item *item)
{
	return item->kind == YAML_TEXT && item->style == YAML_PLAIN &&
	       (!*item->text || streq(item->text, "~") || streq(item->text, "null"));
}

struct yaml_entry *yaml_take(struct yaml_item *map, const char *key)
{
	struct yaml_entry *e = (struct yaml_entry *)find(map, key);

	*ARRAY_APPEND(map->asked, map->n_asked) = key;
	if (!e)
		return NULL;
	e->used = true;
	return yaml_is_null(e->value) ? NULL : e;
}

static void note(struct yaml_item *map, const char *key, const char *where)
{
	for (size_t i = 0; i < map->n_below; i++)
		if (streq(map->below[i].key, key) && streq(map->below[i].where, where))
			return;
	*ARRAY_APPEND(map->below, map->n_below) = (struct yaml_below){key, where};
}

void yaml_note_below(struct yaml_item *map, const char *where, const struct yaml_item *child)
{
	for (size_t i = 0; i < child->n_asked; i++)
		note(map, child->asked[i], where);
	for (size_t i = 0; i < child->n_below; i++)
		note(map, child->below[i].key, child->below[i].where);
}

/* "; it belongs under A or B", "; did you mean "C"?" or "; remove it". Caller frees. */
static char *advice(const struct yaml_item *map, const char *key)
{
	const char *near = nearest_name(key, map->asked, map->n_asked);
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < map->n_below; i++)
		if (streq(map->below[i].key, key))
			buf_addf(&b, "%s%s", b.len ? " or " : "; it belongs under ",
				 map->below[i].where);
	if (!b.len && near)
		buf_addf(&b, "; did you mean \"%s\"?", near);
	if (!b.len)
		buf_adds(&b, "; remove it");
	return buf_take(&b);
}

void yaml_leftover(const struct yaml_item *map, const char *file, struct problems *ps)
{
	for (size_t i = 0; i < map->n; i++) {
		const struct yaml_entry *e = &map->entries[i];
		_cleanup_(freep) char *shown = NULL, *what = NULL;

		if (e->used)
			continue;
		shown = printable_text(e->key, strnlen(e->key, 60));
		what = advice(map, e->key);
		problems_add(ps, file, e->line, e->column, "unknown key \"%s\"%s", shown, what);
	}
}
