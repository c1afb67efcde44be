/* SPDX-License-Identifier: Apache-2.0 */
#include "fill.h"

#include "buf.h"
#include "limits.h"
#include "parse.h"
#include "reference.h"

#include <string.h>

struct filler {
	const json_t *values;
	struct problems *ps;
	struct origin at;
	struct strv names;
	struct buf out;
};

static void tell(const struct filler *f, const char *text)
{
	problems_add(f->ps, f->at.file, f->at.line, f->at.column, "%s", text);
}

static void unknown_name(const struct filler *f, const json_t *where, const char *prefix,
			 const char *name)
{
	_cleanup_(freep) const char **names = xcalloc(json_object_size(where) + 1, sizeof(*names));
	_cleanup_(freep) char *text = NULL;
	const char *key, *near;
	size_t n = 0;
	json_t *j;

	json_object_foreach ((json_t *)where, key, j)
		names[n++] = key;
	near = nearest_name(name, names, n);
	text = xasprintf("unknown name \"%s%.60s\"%s%s%s%s", prefix, name,
			 near ? "; did you mean \"" : "", near ? prefix : "", near ? near : "",
			 near ? "\"?" : "");
	tell(f, text);
}

/* "a.b.c" to a member of a member of values; NULL with a problem added. Borrowed. */
static const json_t *look_up(struct filler *f, const char *text, size_t len)
{
	_cleanup_(freep) char *whole = xstrndup(text, len);
	const json_t *j = f->values;
	size_t at = 0;

	while (at < len) {
		const char *dot = memchr(text + at, '.', len - at);
		size_t part = dot ? (size_t)(dot - text) - at : len - at;
		_cleanup_(freep) char *name = xstrndup(text + at, part);
		_cleanup_(freep) char *prefix = xstrndup(text, at);
		const json_t *member = json_object_get(j, name);

		if (!member) {
			unknown_name(f, j, prefix, name);
			return NULL;
		}
		j = member;
		at += part + (dot ? 1 : 0);
	}
	if (!strv_has(&f->names, whole))
		strv_add(&f->names, whole);
	return j;
}

static bool add_value(struct buf *b, const json_t *j)
{
	if (json_is_string(j))
		buf_add(b, json_string_value(j), json_string_length(j));
	else if (json_is_integer(j))
		buf_addf(b, "%" JSON_INTEGER_FORMAT, json_integer_value(j));
	else if (json_is_boolean(j))
		buf_adds(b, json_is_true(j) ? "true" : "false");
	else
		return json_is_null(j);
	return true;
}

static bool add_piece(struct filler *f, const struct reference_piece *piece)
{
	_cleanup_(freep) char *text = NULL;
	const json_t *value;

	if (!piece->is_reference) {
		buf_add(&f->out, piece->text, piece->len);
		return true;
	}
	value = look_up(f, piece->text, piece->len);
	if (!value)
		return false;
	if (add_value(&f->out, value))
		return true;
	text = xasprintf("\"%.*s\" is a list or a map; it has to stand alone", (int)piece->len,
			 piece->text);
	tell(f, text);
	return false;
}

static struct filler filler_new(struct origin at, const json_t *values, struct problems *ps)
{
	struct filler f = {.values = values, .ps = ps, .at = at};

	buf_init(&f.out, LIMIT_PLAN_BYTES);
	return f;
}

/* The text; NULL with a problem when it grew too long. */
static char *take(struct filler *f)
{
	if (f->out.overflow) {
		tell(f, "the text grows too long");
		return NULL;
	}
	return buf_take(&f->out);
}

static void release(struct filler *f)
{
	buf_release(&f->out);
	strv_release(&f->names);
}

static struct config_item *mark(struct filler *f, struct config_item *item)
{
	_cleanup_(freep) char *names = strv_join(&f->names, ", ");

	if (item && f->names.n)
		config_item_mark(item, VIA_REFERENCE, names);
	return item;
}

static bool has_reference(const char *text)
{
	struct reference_piece piece;

	while (reference_next(&text, &piece) == REFERENCE_PIECE)
		if (piece.is_reference)
			return true;
	return false;
}

struct config_item *fill_quoted(const char *text, struct origin at, const json_t *values,
				struct problems *ps)
{
	_cleanup_(release) struct filler f = filler_new(at, values, ps);
	_cleanup_(freep) char *whole = NULL;
	struct reference_piece piece;
	const char *p = text;
	const json_t *value;

	if (!values && has_reference(text))
		return config_value_new(NULL, at);
	/* nothing but one reference: the value itself */
	if (startswith(p, "{{") && reference_next(&p, &piece) == REFERENCE_PIECE &&
	    piece.is_reference && !*p) {
		value = look_up(&f, piece.text, piece.len);
		return value ? mark(&f, config_item_from_json(value, at)) : NULL;
	}
	for (p = text; reference_next(&p, &piece) == REFERENCE_PIECE;)
		if (!add_piece(&f, &piece))
			return NULL;
	whole = take(&f);
	return whole ? mark(&f, config_value_new(json_string(whole), at)) : NULL;
}

/* The place in `whole` that p points to, seen from where it begins. */
static struct origin place_of(const char *whole, const char *p, struct origin start, bool own)
{
	const char *line = whole;
	struct origin at = start;

	/* a block's own indentation is not known any more; its text begins in the next line */
	at.line = own ? 1 : start.line + 1;
	for (const char *nl; (nl = memchr(line, '\n', (size_t)(p - line))); line = nl + 1)
		at.line++;
	at.column = own ? (unsigned int)(p - line) + 1 : start.column;
	return at;
}

char *fill_lines(const char *text, struct origin at, bool own, const json_t *values,
		 char **ret_names, struct problems *ps)
{
	_cleanup_(release) struct filler f = filler_new(at, values, ps);
	struct reference_piece piece;
	const char *p = text, *from = text;
	enum reference_end end;
	bool good = true;
	char *whole;

	while ((end = reference_next(&p, &piece)) == REFERENCE_PIECE) {
		f.at = place_of(text, from, at, own);
		if (values)
			good = add_piece(&f, &piece) && good;
		from = p;
	}
	if (end == REFERENCE_BAD) {
		f.at = place_of(text, from, at, own);
		tell(&f, "a reference is written {{ name }}; a literal \"{{\" is \"{{{{\"");
		good = false;
	}
	if (!good)
		return NULL;
	whole = values ? take(&f) : xstrdup(text);
	if (whole)
		*ret_names = strv_join(&f.names, ", ");
	return whole;
}
