/* SPDX-License-Identifier: Apache-2.0 */
#include "butane_contents.h"

#include "base64.h"
#include "fill.h"
#include "parse.h"

#include <string.h>

#define DATA_URL "data:;base64,"

static void tell(const struct butane *b, struct origin at, const char *text)
{
	problems_add(b->ps, at.file, at.line, at.column, "%s", text);
}

/* The file that a text names; NULL with a problem, or without one where it is still open. */
static const struct local_file *find(const struct butane *b, const struct config_item *item)
{
	const char *path = config_item_text(item), *near;
	_cleanup_(freep) char *text = NULL, *shown = NULL;
	const struct local_file *f;

	if (config_item_is_open(item))
		return NULL;
	if (!path || !*path) {
		tell(b, item->at, "the name of a file below " LOCAL_FOLDER "/ is wanted");
		return NULL;
	}
	f = local_files_find(b->files, path);
	if (f && f->data)
		return f;
	shown = printable_text(path, strnlen(path, 200));
	near = f ? NULL : local_files_nearest(b->files, path);
	if (f)
		text = xasprintf(LOCAL_FOLDER "/%s: %s", f->path, f->problem);
	else if (*path == '/' || strstr(path, ".."))
		text = xasprintf("\"%s\" is no path below " LOCAL_FOLDER
				 "/ of the configuration directory",
				 shown);
	else
		text = xasprintf("there is no " LOCAL_FOLDER "/%s%s%s%s", shown,
				 near ? "; did you mean \"" : "", near ? near : "",
				 near ? "\"?" : "");
	tell(b, item->at, text);
	return NULL;
}

static char *data_url(const char *data, size_t len)
{
	_cleanup_(freep) char *text = base64_encode(data, len);

	return xasprintf(DATA_URL "%s", text);
}

static void mark_file(struct config_item *item, const struct local_file *f)
{
	_cleanup_(freep) char *name = xasprintf(LOCAL_FOLDER "/%s", f->path);

	config_item_mark(item, VIA_FILE, name);
}

static void set_source(struct config_item *out, const struct config_item *leaf, const char *data,
		       size_t len)
{
	_cleanup_(freep) char *url = data_url(data, len);
	struct config_item *source = config_value_new(json_string(url), leaf->at);

	config_item_mark(source, leaf->via, leaf->source);
	config_item_set(out, "source", leaf->key_at, source);
}

static void add_inline(const struct butane *b, const struct config_item *leaf, bool templated,
		       struct config_item *out)
{
	const char *text = config_item_text(leaf);
	_cleanup_(freep) char *filled = NULL, *names = NULL;

	if (config_item_is_open(leaf))
		return;
	if (!text) {
		tell(b, leaf->at, "inline: a text is wanted");
		return;
	}
	/* in a quoted text it has been done */
	if (templated && leaf->verbatim) {
		filled = fill_lines(text, leaf->at, false, b->values, &names, b->ps);
		if (!filled)
			return;
		text = filled;
	}
	set_source(out, leaf, text, strlen(text));
	if (names && *names)
		config_item_mark(config_item_get(out, "source"), VIA_REFERENCE, names);
}

static void add_local(const struct butane *b, const struct config_item *leaf, bool templated,
		      struct config_item *out)
{
	const struct local_file *f = find(b, leaf);
	_cleanup_(freep) char *filled = NULL, *names = NULL, *shown = NULL;
	const char *data;
	size_t len;

	if (!f)
		return;
	data = f->data;
	len = f->len;
	shown = xasprintf(LOCAL_FOLDER "/%s", f->path);
	if (templated && memchr(data, 0, len)) {
		tell(b, leaf->at, "template: the file has NUL bytes; it is no text");
		return;
	}
	if (templated) {
		filled = fill_lines(data, (struct origin){shown, 1, 1}, true, b->values, &names,
				    b->ps);
		if (!filled)
			return;
		data = filled;
		len = strlen(filled);
	}
	set_source(out, leaf, data, len);
	mark_file(config_item_get(out, "source"), f);
	if (names)
		config_item_mark_names(config_item_get(out, "source"), names);
}

void butane_add_source(const struct butane *b, const struct config_item *in,
		       struct config_item *out)
{
	static const char *const keys[] = {"inline", "local", "source"};
	const struct config_item *template = config_item_get(in, "template");
	const struct config_item *found = NULL;
	bool templated = template && json_is_true(template->value);

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const struct config_item *leaf = config_item_get(in, keys[i]);

		if (!leaf || config_item_is_null(leaf))
			continue;
		if (found) {
			_cleanup_(freep) char *text =
				xasprintf("\"%s\" stands beside \"%s\"; contents come from one of "
					  "inline, local and source",
					  keys[i], found->key);

			tell(b, leaf->key_at, text);
			return;
		}
		found = leaf;
	}
	if (template && template->value && !json_is_boolean(template->value))
		tell(b, template->at, "template: true or false is wanted");
	if (templated && found && streq(found->key, "source"))
		tell(b, template->key_at,
		     "template: what is fetched by the node is not templated; use inline or local");
	if (found && streq(found->key, "inline"))
		add_inline(b, found, templated, out);
	else if (found && streq(found->key, "local"))
		add_local(b, found, templated, out);
}

/* A file's bytes as a JSON text; NULL with a problem when they are none. */
static json_t *text_of(const struct butane *b, const struct config_item *leaf,
		       const struct local_file *f)
{
	json_t *j = memchr(f->data, 0, f->len) ? NULL : json_stringn(f->data, f->len);
	_cleanup_(freep) char *text = NULL;

	if (j)
		return j;
	text = xasprintf(LOCAL_FOLDER "/%s is no text in UTF-8", f->path);
	tell(b, leaf->at, text);
	return NULL;
}

void butane_add_contents(const struct butane *b, const struct config_item *in,
			 struct config_item *out)
{
	const struct config_item *leaf = config_item_get(in, "contents_local");
	const struct local_file *f;
	struct config_item *contents;
	json_t *j;

	if (!leaf || config_item_is_null(leaf))
		return;
	if (config_item_get(out, "contents")) {
		tell(b, leaf->key_at,
		     "\"contents_local\" stands beside \"contents\"; write one of them");
		return;
	}
	f = find(b, leaf);
	j = f ? text_of(b, leaf, f) : NULL;
	if (!j)
		return;
	contents = config_value_new(j, leaf->at);
	mark_file(contents, f);
	config_item_set(out, "contents", leaf->key_at, contents);
}

/* Each line that is neither empty nor a comment. */
static void add_lines(const char *text, const struct config_item *leaf, const struct local_file *f,
		      struct config_item *list)
{
	while (*text) {
		size_t len = strcspn(text, "\r\n");
		struct config_item *key;

		if (len && *text != '#') {
			key = config_value_new(json_stringn(text, len), leaf->at);
			mark_file(key, f);
			config_item_append(list, key);
		}
		text += len;
		text += strspn(text, "\r\n");
	}
}

void butane_add_keys(const struct butane *b, const struct config_item *in, struct config_item *out)
{
	const struct config_item *files = config_item_get(in, "ssh_authorized_keys_local");

	for (size_t i = 0; files && i < files->n; i++) {
		const struct config_item *leaf = files->items[i];
		const struct local_file *f = find(b, leaf);
		_cleanup_(json_decrefp) json_t *text = f ? text_of(b, leaf, f) : NULL;

		if (text)
			add_lines(json_string_value(text), leaf, f,
				  config_item_need(out, "sshAuthorizedKeys", CONFIG_LIST,
						   files->key_at));
	}
}

static struct config_item *by_path(const struct config_item *storage, const char *list,
				   const char *path)
{
	const struct config_item *items = config_item_get(storage, list);

	for (size_t i = 0; items && i < items->n; i++)
		if (streq_null(config_item_text(config_item_get(items->items[i], "path")), path))
			return items->items[i];
	return NULL;
}

static void set(struct config_item *map, const char *key, json_t *value,
		const struct config_item *leaf, const struct local_file *f)
{
	struct config_item *item = config_value_new(value, leaf->at);

	mark_file(item, f);
	config_item_set(map, key, leaf->key_at, item);
}

/* An entry of that path to complete, or a new one; NULL with a problem when it has contents. */
static struct config_item *tree_entry(const struct butane *b, struct config_item *storage,
				      const char *list, const char *says, const char *path,
				      const struct config_item *leaf, const struct local_file *f)
{
	struct config_item *entry = by_path(storage, list, path);

	if (entry && config_item_get(entry, says)) {
		_cleanup_(freep) char *text =
			xasprintf("trees: " LOCAL_FOLDER "/%s becomes %s, which has its own %s in "
				  "%s:%u",
				  f->path, path, says, entry->at.file, entry->at.line);

		tell(b, leaf->at, text);
		return NULL;
	}
	if (entry)
		return entry;
	entry = config_item_new(CONFIG_MAP, leaf->at);
	config_item_append(config_item_need(storage, list, CONFIG_LIST, leaf->at), entry);
	set(entry, "path", json_string(path), leaf, f);
	set(entry, "overwrite", json_true(), leaf, f);
	return entry;
}

static void tree_file(const struct butane *b, const struct local_file *f, const char *path,
		      const struct config_item *leaf, struct config_item *storage)
{
	struct config_item *entry, *contents;
	_cleanup_(freep) char *url = NULL;

	if (f->link) {
		entry = tree_entry(b, storage, "links", "target", path, leaf, f);
		if (entry)
			set(entry, "target", json_string(f->link), leaf, f);
		return;
	}
	if (!f->data) {
		_cleanup_(freep) char *text =
			xasprintf("trees: " LOCAL_FOLDER "/%s %s", f->path, f->problem);

		tell(b, leaf->at, text);
		return;
	}
	entry = tree_entry(b, storage, "files", "contents", path, leaf, f);
	if (!entry)
		return;
	url = data_url(f->data, f->len);
	contents = config_item_new(CONFIG_MAP, leaf->at);
	set(contents, "source", json_string(url), leaf, f);
	config_item_set(entry, "contents", leaf->key_at, contents);
	if (!config_item_get(entry, "mode"))
		set(entry, "mode", json_integer(f->executable ? 0755 : 0644), leaf, f);
	if (!config_item_get(entry, "overwrite"))
		set(entry, "overwrite", json_true(), leaf, f);
}

static void add_tree(const struct butane *b, const struct config_item *tree,
		     struct config_item *storage)
{
	const struct config_item *local = config_item_get(tree, "local");
	const struct config_item *path = config_item_get(tree, "path");
	const char *folder = config_item_text(local), *top = path ? config_item_text(path) : "/";
	_cleanup_(freep) char *clean = NULL;
	bool found = false;

	if ((local && config_item_is_open(local)) || (path && config_item_is_open(path)))
		return;
	if (!local || !folder || !top) {
		tell(b, tree->at, "trees: local: FOLDER and path: /PATH are wanted");
		return;
	}
	clean = local_path_clean(folder);
	for (size_t i = 0; i < b->files->n; i++) {
		const struct local_file *f = &b->files->f[i];
		const char *name = local_file_below(f, clean);
		_cleanup_(freep) char *to = NULL;

		if (!name)
			continue;
		found = true;
		to = xasprintf("%s%s%s", top, endswith(top, "/") ? "" : "/", name);
		tree_file(b, f, to, local, storage);
	}
	if (!found) {
		_cleanup_(freep) char *shown = printable_text(clean, strnlen(clean, 200));
		_cleanup_(freep) char *text = xasprintf(
			"trees: no file lies in a folder " LOCAL_FOLDER "/%s of the configuration "
			"directory",
			shown);

		tell(b, local->at, text);
	}
}

void butane_add_trees(const struct butane *b, const struct config_item *in, struct config_item *out)
{
	const struct config_item *trees = config_item_get(in, "trees");

	for (size_t i = 0; trees && i < trees->n; i++)
		if (trees->items[i]->kind == CONFIG_MAP)
			add_tree(b, trees->items[i], out);
}
