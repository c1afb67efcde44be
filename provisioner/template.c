/* SPDX-License-Identifier: Apache-2.0 */
#include "template.h"

#include "buf.h"
#include "fsio.h"
#include "limits.h"
#include "parse.h"
#include "reference.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

struct template
{
	char *name; /* "base.yaml" */
	char *file; /* for errors */
	struct yaml_item *root;
};

struct templates {
	struct template *t;
	size_t n;
};

struct templates *templates_new(void)
{
	return xcalloc(1, sizeof(struct templates));
}

static void release(struct template *t)
{
	free(t->name);
	free(t->file);
	yaml_item_free(t->root);
}

struct templates *templates_free(struct templates *t)
{
	if (!t)
		return NULL;
	for (size_t i = 0; i < t->n; i++)
		release(&t->t[i]);
	free(t->t);
	free(t);
	return NULL;
}

static struct template *find(const struct templates *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++)
		if (streq(t->t[i].name, name))
			return &t->t[i];
	return NULL;
}

bool templates_have(const struct templates *t, const char *name)
{
	return find(t, name) != NULL;
}

static void check_text(const struct yaml_item *item, const char *file, struct problems *ps)
{
	struct reference_piece piece;
	enum reference_end end;
	const char *p = item->text;

	if (item->style == YAML_BLOCK)
		return;
	if (item->style == YAML_PLAIN) {
		if (strstr(item->text, "{{"))
			problems_add(ps, file, item->line, item->column,
				     "a reference is written in quotes: \"%.60s\"", item->text);
		return;
	}
	while ((end = reference_next(&p, &piece)) == REFERENCE_PIECE)
		;
	if (end == REFERENCE_BAD)
		problems_add(ps, file, item->line, item->column,
			     "a reference is written \"{{ name }}\"; a literal \"{{\" is \"{{{{\"");
}

/* The syntax of every reference; names are checked when values are known. */
static void check(const struct yaml_item *item, const char *file, struct problems *ps)
{
	if (item->kind == YAML_TEXT)
		check_text(item, file, ps);
	for (size_t i = 0; i < item->n; i++) {
		const struct yaml_entry *e = &item->entries[i];

		if (e->key && strstr(e->key, "{{"))
			problems_add(ps, file, e->line, e->column,
				     "a key is never replaced; put the reference into its value");
		check(e->value, file, ps);
	}
}

int templates_add(struct templates *t, const char *file, const char *text, size_t len,
		  struct problems *ps)
{
	const char *slash = strrchr(file, '/'), *name = slash ? slash + 1 : file;
	struct yaml_item *root = yaml_parse(text, len, file, ps);
	struct template *slot;
	size_t before = ps->n;

	if (!root)
		return -1;
	if (root->kind != YAML_MAP)
		problems_add(ps, file, root->line, root->column,
			     "keys such as \"storage:\" are wanted here");
	check(root, file, ps);
	if (ps->n > before) {
		yaml_item_free(root);
		return -1;
	}
	slot = find(t, name);
	if (slot)
		release(slot);
	else
		slot = ARRAY_APPEND(t->t, t->n);
	*slot = (struct template){xstrdup(name), xstrdup(file), root};
	return 0;
}

static void load_file(struct templates *t, int dir, const char *file, const char *shown,
		      struct problems *ps)
{
	_cleanup_(freep) char *text = NULL;
	struct err err = ERR_INIT;
	size_t len = 0;

	if (file_read(dir, file, LIMIT_YAML_BYTES, &text, &len, &err) < 0) {
		problems_add(ps, shown, 0, 0, "%s", err_text(&err));
		err_release(&err);
	} else if (templates_add(t, shown, text, len, ps) < 0) {
		return; /* told in ps */
	}
}

/* Every *.yaml of a folder; an absent one only matters when it is needed. */
static void load_folder(struct templates *t, const char *top, const char *folder, bool needed,
			struct problems *ps)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", top, folder);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e;

	if (!d) {
		if (needed || errno != ENOENT)
			problems_add(ps, path, 0, 0, "the folder cannot be read: %s",
				     strerror(errno));
		closep(&fd);
		return;
	}
	while ((e = readdir(d))) {
		_cleanup_(freep) char *shown = xasprintf("%s/%s", folder, e->d_name);

		if (e->d_name[0] != '.' && endswith(e->d_name, ".yaml"))
			load_file(t, fd, e->d_name, shown, ps);
	}
	closedir(d);
}

int templates_load(const char *data_dir, const char *config_dir, struct templates **ret,
		   struct problems *ps)
{
	_cleanup_(templates_freep) struct templates *t = templates_new();
	size_t before = ps->n;

	load_folder(t, data_dir, "ignition-templates", true, ps);
	load_folder(t, config_dir, "templates", false, ps);
	if (ps->n > before)
		return -1;
	*ret = TAKE_PTR(t);
	return 0;
}

struct filler {
	const char *file;
	const json_t *values;
	struct err *err;
};

static int unknown_name(const struct filler *f, const struct yaml_item *item, const json_t *where,
			const char *prefix, const char *name)
{
	const char *names[LIMIT_POOLS];
	const char *key, *near;
	size_t n = 0;
	json_t *j;

	json_object_foreach ((json_t *)where, key, j) {
		if (n < ARRAY_SIZE(names))
			names[n++] = key;
	}
	near = nearest_name(name, names, n);
	return err_set(f->err, ERR_CONFIG, "%s:%u:%u: unknown name \"%s%.60s\"%s%s%s%s", f->file,
		       item->line, item->column, prefix, name, near ? "; did you mean \"" : "",
		       near ? prefix : "", near ? near : "", near ? "\"?" : "");
}

/* "a.b.c" to a member of a member of values; NULL with err set. Borrowed. */
static const json_t *look_up(const struct filler *f, const struct yaml_item *item, const char *text,
			     size_t len)
{
	const json_t *j = f->values;
	size_t at = 0;

	while (at < len) {
		const char *dot = memchr(text + at, '.', len - at);
		size_t part = dot ? (size_t)(dot - text) - at : len - at;
		_cleanup_(freep) char *name = xstrndup(text + at, part);
		_cleanup_(freep) char *prefix = xstrndup(text, at);
		const json_t *member = json_object_get(j, name);

		if (!member) {
			unknown_name(f, item, j, prefix, name);
			return NULL;
		}
		j = member;
		at += part + (dot ? 1 : 0);
	}
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

static json_t *fill_quoted(const struct filler *f, const struct yaml_item *item)
{
	struct reference_piece piece;
	const char *p = item->text;
	const json_t *value;
	json_t *result;
	struct buf b;

	/* nothing but one reference: the value itself */
	if (startswith(p, "{{") && reference_next(&p, &piece) == REFERENCE_PIECE &&
	    piece.is_reference && !*p) {
		value = look_up(f, item, piece.text, piece.len);
		return value ? json_deep_copy(value) : NULL;
	}
	buf_init(&b, LIMIT_PLAN_BYTES);
	for (p = item->text; reference_next(&p, &piece) == REFERENCE_PIECE;) {
		if (!piece.is_reference) {
			buf_add(&b, piece.text, piece.len);
			continue;
		}
		value = look_up(f, item, piece.text, piece.len);
		if (value && !add_value(&b, value))
			err_set(f->err, ERR_CONFIG,
				"%s:%u:%u: \"%.*s\" is a list or a map; it has to stand alone",
				f->file, item->line, item->column, (int)piece.len, piece.text);
		if (!value || f->err->kind != ERR_NONE) {
			buf_release(&b);
			return NULL;
		}
	}
	if (b.overflow) {
		err_set(f->err, ERR_CONFIG, "%s:%u:%u: the text grows too long", f->file,
			item->line, item->column);
		buf_release(&b);
		return NULL;
	}
	result = json_stringn(b.data ? b.data : "", b.len);
	buf_release(&b);
	return result ? result : json_string("");
}

/* Plain texts are typed as YAML 1.1 does where it matters here: 0755 is octal. */
static json_t *typed(const char *text)
{
	size_t len = strlen(text);

	if (!len || streq(text, "~") || streq(text, "null"))
		return json_null();
	if (streq(text, "true") || streq(text, "false"))
		return json_boolean(streq(text, "true"));
	if (strspn(text, "0123456789") == len && len < 18) {
		bool octal = len > 1 && text[0] == '0' && strspn(text, "01234567") == len;

		return json_integer(strtoll(text, NULL, octal ? 8 : 10));
	}
	return json_string(text);
}

static json_t *fill(const struct filler *f, const struct yaml_item *item)
{
	_cleanup_(json_decrefp) json_t *j = NULL;

	if (item->kind == YAML_TEXT) {
		if (item->style == YAML_QUOTED)
			return fill_quoted(f, item);
		return item->style == YAML_PLAIN ? typed(item->text) : json_string(item->text);
	}
	j = item->kind == YAML_MAP ? json_object() : json_array();
	for (size_t i = 0; i < item->n; i++) {
		json_t *value = fill(f, item->entries[i].value);

		if (!value)
			return NULL;
		if (item->kind == YAML_MAP)
			json_object_set_new(j, item->entries[i].key, value);
		else
			json_array_append_new(j, value);
	}
	return TAKE_PTR(j);
}

int templates_fill(const struct templates *t, const char *name, const json_t *values, json_t **ret,
		   struct err *err)
{
	const struct template *found = find(t, name);
	struct err why = ERR_INIT;
	struct filler f = {found ? found->file : name, values, &why};
	json_t *j;

	if (!found)
		return err_set(err, ERR_CONFIG, "there is no template %s", name);
	j = fill(&f, found->root);
	if (!j) {
		if (why.kind == ERR_NONE)
			BUG("a template failed without a word");
		err_move(err, &why);
		return -1;
	}
	*ret = j;
	return 0;
}

/* What tells elements of a list apart: Butane lists files by path, units and users by name. */
static const char *identity(const json_t *j)
{
	const char *path = json_string_value(json_object_get(j, "path"));

	return path ? path : json_string_value(json_object_get(j, "name"));
}

static void merge_lists(json_t *base, const json_t *over)
{
	json_t *j, *old;
	size_t i, k;

	json_array_foreach ((json_t *)over, i, j) {
		const char *id = identity(j);
		bool found = false;

		json_array_foreach (base, k, old) {
			const char *old_id = identity(old);

			if (id && old_id && streq(id, old_id)) {
				template_merge(old, j);
				found = true;
			} else if (!id && json_equal(old, j)) {
				found = true;
			}
		}
		if (!found)
			json_array_append_new(base, json_deep_copy(j));
	}
}

void template_merge(json_t *base, const json_t *over)
{
	const char *key;
	json_t *j;

	json_object_foreach ((json_t *)over, key, j) {
		json_t *old = json_object_get(base, key);

		if (json_is_object(old) && json_is_object(j))
			template_merge(old, j);
		else if (json_is_array(old) && json_is_array(j))
			merge_lists(old, j);
		else
			json_object_set_new(base, key, json_deep_copy(j));
	}
}
