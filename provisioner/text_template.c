/* SPDX-License-Identifier: Apache-2.0 */
#include "text_template.h"

#include "parse.h"
#include "reference.h"

#include <string.h>

struct piece {
	size_t at, len; /* literal bytes of text */
	int value;      /* index of the name, or -1 for the literal */
};

struct text_template {
	char *text;
	struct piece *pieces;
	size_t n;
};

struct text_template *text_template_free(struct text_template *t)
{
	if (!t)
		return NULL;
	free(t->text);
	free(t->pieces);
	free(t);
	return NULL;
}

static void free_template(struct text_template **t)
{
	text_template_free(*t);
}

static int find(const char *const *names, size_t n, const char *name, size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0)
			return (int)i;
	return -1;
}

/* Line and column of p in text, from 1. */
static void place_of(const char *text, const char *p, unsigned int *line, unsigned int *column)
{
	const char *start = text;

	*line = 1;
	for (const char *s = text; s < p; s++) {
		if (*s == '\n') {
			++*line;
			start = s + 1;
		}
	}
	*column = (unsigned int)(p - start) + 1;
}

int text_template_parse(const char *text, const char *file, const char *const *names, size_t n,
			struct text_template **ret, struct err *err)
{
	_cleanup_(free_template) struct text_template *t = xcalloc(1, sizeof(*t));
	unsigned int line = 0, column = 0;
	struct reference_piece piece;
	const char *p, *at;

	t->text = xstrdup(text);
	for (p = t->text;;) {
		enum reference_end end;
		int value = -1;

		at = p;
		end = reference_next(&p, &piece);
		if (end == REFERENCE_END)
			break;
		place_of(t->text, at, &line, &column);
		if (end == REFERENCE_BAD)
			return err_set(err, ERR_CONFIG,
				       "%s:%u:%u: a reference is written {{ name }}; a literal "
				       "\"{{\" is \"{{{{\"",
				       file, line, column);
		if (piece.is_reference) {
			value = find(names, n, piece.text, piece.len);
			if (value < 0) {
				_cleanup_(freep) char *name = xstrndup(piece.text, piece.len);
				const char *near = nearest_name(name, names, n);

				return err_set(err, ERR_CONFIG,
					       "%s:%u:%u: unknown name \"%.60s\"%s%s%s", file, line,
					       column, name, near ? "; did you mean \"" : "",
					       near ? near : "", near ? "\"?" : "");
			}
		}
		*ARRAY_APPEND(t->pieces, t->n) =
			(struct piece){(size_t)(piece.text - t->text), piece.len, value};
	}
	*ret = TAKE_PTR(t);
	return 0;
}

void text_template_render(const struct text_template *t, const char *const *values, struct buf *out)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct piece *p = &t->pieces[i];

		if (p->value < 0)
			buf_add(out, t->text + p->at, p->len);
		else if (values[p->value])
			buf_adds(out, values[p->value]);
	}
}
