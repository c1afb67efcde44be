/* SPDX-License-Identifier: Apache-2.0 */
#include "node_texts.h"

#include "fsio.h"
#include "limits.h"
#include "parse.h"
#include "reference.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define FOR_ALL "default"

static const struct {
	const char *folder, *suffix;
} kinds[NODE_TEXT_KIND_MAX] = {
	[NODE_TEXT_GENERIC] = {"generic", ".txt"},
	[NODE_TEXT_CLOUD] = {"cloud", ".yaml"},
};

struct node_text {
	enum node_text_kind kind;
	char *name; /* without its suffix */
	char *file; /* below the configuration directory */
	char *text;
};

struct node_texts {
	struct node_text *v;
	size_t n;
};

const char *node_text_folder(enum node_text_kind kind)
{
	if ((unsigned int)kind >= NODE_TEXT_KIND_MAX)
		BUG("kind of a node's text out of range");
	return kinds[kind].folder;
}

struct node_texts *node_texts_free(struct node_texts *t)
{
	if (!t)
		return NULL;
	for (size_t i = 0; i < t->n; i++) {
		free(t->v[i].name);
		free(t->v[i].file);
		free(t->v[i].text);
	}
	free(t->v);
	free(t);
	return NULL;
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

static void check_syntax(const struct node_text *t, struct problems *ps)
{
	const char *p = t->text, *at;
	struct reference_piece piece;
	unsigned int line, column;
	enum reference_end end;

	do {
		at = p;
		end = reference_next(&p, &piece);
	} while (end == REFERENCE_PIECE);
	if (end != REFERENCE_BAD)
		return;
	place_of(t->text, at, &line, &column);
	problems_add(ps, t->file, line, column,
		     "a reference is written {{ name }}; a literal \"{{\" is \"{{{{\"");
}

static void add_file(struct node_texts *t, enum node_text_kind kind, int dir, const char *entry,
		     struct problems *ps)
{
	struct node_text *text = ARRAY_APPEND(t->v, t->n);
	struct err err = ERR_INIT;
	size_t len = 0;

	text->kind = kind;
	text->name = xstrndup(entry, strlen(entry) - strlen(kinds[kind].suffix));
	text->file = xasprintf("%s/%s", kinds[kind].folder, entry);
	if (file_read(dir, entry, LIMIT_YAML_BYTES, &text->text, &len, &err) < 0) {
		problems_add(ps, text->file, 0, 0, "%s", err_text(&err));
		err_release(&err);
		text->text = xstrdup("");
		return;
	}
	if (strlen(text->text) != len)
		problems_add(ps, text->file, 0, 0, "it holds a NUL byte and is no text");
	else
		check_syntax(text, ps);
}

static void load_folder(struct node_texts *t, enum node_text_kind kind, const char *config_dir,
			struct problems *ps)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", config_dir, kinds[kind].folder);
	DIR *dir = opendir(path);
	struct dirent *e;

	if (!dir) {
		if (errno != ENOENT)
			problems_add(ps, kinds[kind].folder, 0, 0, "cannot be opened: %s",
				     strerror(errno));
		return;
	}
	while ((e = readdir(dir)))
		if (e->d_name[0] != '.' && endswith(e->d_name, kinds[kind].suffix) &&
		    t->n < LIMIT_NODES)
			add_file(t, kind, dirfd(dir), e->d_name, ps);
	closedir(dir);
}

static int by_kind_and_name(const void *a, const void *b)
{
	const struct node_text *x = a, *y = b;

	return x->kind != y->kind ? (x->kind < y->kind ? -1 : 1) : strcmp(x->name, y->name);
}

int node_texts_load(const char *config_dir, struct node_texts **ret, struct problems *ps)
{
	struct node_texts *t = xcalloc(1, sizeof(*t));
	const size_t before = ps->n;

	for (int k = 0; k < NODE_TEXT_KIND_MAX; k++)
		load_folder(t, (enum node_text_kind)k, config_dir, ps);
	if (ps->n > before) {
		node_texts_free(t);
		return -1;
	}
	if (t->n)
		qsort(t->v, t->n, sizeof(*t->v), by_kind_and_name);
	*ret = t;
	return 0;
}

static const struct node_text *find(const struct node_texts *t, enum node_text_kind kind,
				    const char *name)
{
	const struct node_text wanted = {.kind = kind, .name = (char *)name};

	return t->n ? bsearch(&wanted, t->v, t->n, sizeof(*t->v), by_kind_and_name) : NULL;
}

static const char *nearest_key(const json_t *object, const char *word)
{
	const char *names[LIMIT_METADATA], *key;
	size_t n = 0;
	json_t *v;

	json_object_foreach ((json_t *)object, key, v)
		if (n < ARRAY_SIZE(names))
			names[n++] = key;
	return nearest_name(word, names, n);
}

static int unknown_name(const struct node_text *t, const char *at, const char *name,
			const json_t *level, const char *word, struct err *err)
{
	const char *near = level ? nearest_key(level, word) : NULL;
	unsigned int line, column;

	place_of(t->text, at, &line, &column);
	return err_set(err, ERR_CONFIG, "%s:%u:%u: unknown name \"%.120s\"%s%s%s", t->file, line,
		       column, name, near ? "; did you mean \"" : "", near ? near : "",
		       near ? "\"?" : "");
}

static int add_value(const struct node_text *t, const char *at, const struct reference_piece *piece,
		     const json_t *values, struct buf *out, struct err *err)
{
	_cleanup_(freep) char *name = xstrndup(piece->text, piece->len), *rest = xstrdup(name);
	const json_t *v = values, *level;
	char *save = NULL;
	unsigned int line, column;

	for (char *word = strtok_r(rest, ".", &save); word; word = strtok_r(NULL, ".", &save)) {
		level = v;
		v = json_object_get(level, word);
		if (!v)
			return unknown_name(t, at, name, level, word, err);
	}
	if (!json_is_string(v)) {
		place_of(t->text, at, &line, &column);
		return err_set(err, ERR_CONFIG, "%s:%u:%u: {{ %.120s }} is no single text", t->file,
			       line, column, name);
	}
	buf_adds(out, json_string_value(v));
	return 0;
}

int node_texts_render(const struct node_texts *t, enum node_text_kind kind, const char *node,
		      const json_t *values, struct buf *out, struct err *err)
{
	const struct node_text *text = find(t, kind, node);
	struct reference_piece piece;
	const char *p, *at;

	if (!text)
		text = find(t, kind, FOR_ALL);
	if (!text)
		return err_set(err, ERR_NOT_FOUND,
			       "there is neither %s/%s%s nor %s/" FOR_ALL
			       "%s in the configuration directory",
			       kinds[kind].folder, node, kinds[kind].suffix, kinds[kind].folder,
			       kinds[kind].suffix);
	for (p = at = text->text; reference_next(&p, &piece) == REFERENCE_PIECE; at = p) {
		if (!piece.is_reference)
			buf_add(out, piece.text, piece.len);
		else if (add_value(text, at, &piece, values, out, err) < 0)
			return -1;
	}
	return 0;
}
