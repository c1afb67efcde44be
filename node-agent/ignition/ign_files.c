/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_files.h"

#include <string.h>

#include "ign_node.h"

struct list {
	struct ign_node *nodes;
	size_t n;
};

static void list_release(struct list *l)
{
	for (size_t i = 0; i < l->n; i++)
		ign_node_release(&l->nodes[i]);
	free(l->nodes);
}

static const char *const sections[IGN_NODE_MAX] = {
	[IGN_DIRECTORY] = "directories",
	[IGN_FILE] = "files",
	[IGN_LINK] = "links",
};

static int add(struct list *l, const struct ign_root *r, enum ign_node_kind kind, size_t i,
	       const json_t *j, struct err *err)
{
	struct ign_node *n = ARRAY_APPEND(l->nodes, l->n);

	n->kind = kind;
	n->index = l->n;
	n->j = j;
	n->at = xasprintf("$.storage.%s[%zu]", sections[kind], i);
	n->path = json_string_value(json_object_get(j, "path"));
	n->overwrite = json_is_true(json_object_get(j, "overwrite"));
	n->keeps_folders = r->installed && kind != IGN_DIRECTORY;
	n->may_replace = r->installed && kind != IGN_DIRECTORY &&
			 !json_is_false(json_object_get(j, "overwrite"));
	if (ign_root_resolve(r, n->path, &n->real, err) < 0)
		return err_wrap(err, "%s", n->at);
	if (streq(n->real, "/") && (kind != IGN_DIRECTORY || n->overwrite))
		return err_set(err, ERR_REFUSED,
			       "%s: %s is the root itself, which nothing replaces", n->at, n->path);
	return 0;
}

static int by_path(const void *a, const void *b)
{
	const struct ign_node *x = a, *y = b;

	return strcmp(x->real, y->real);
}

static int check_unique(struct list *l, struct err *err)
{
	if (l->n)
		qsort(l->nodes, l->n, sizeof(*l->nodes), by_path);
	for (size_t i = 1; i < l->n; i++) {
		const struct ign_node *a = &l->nodes[i - 1], *b = &l->nodes[i];

		if (streq(a->real, b->real))
			return err_set(err, ERR_CONFIG,
				       "%s.path: %s and %s (%s) are both %s once the links of "
				       "their folders are followed; keep one",
				       b->at, b->path, a->path, a->at, b->real);
	}
	return 0;
}

static bool is_hard(const struct ign_node *n)
{
	return json_is_true(json_object_get(n->j, "hard"));
}

static size_t depth(const struct ign_node *n)
{
	size_t parts = 0;

	for (const char *c = n->real; c[0] && c[1]; c++)
		parts += *c == '/';
	return parts;
}

static int by_depth(const void *a, const void *b)
{
	const struct ign_node *x = a, *y = b;

	if (is_hard(x) != is_hard(y))
		return is_hard(x) ? 1 : -1;
	if (!is_hard(x) && depth(x) != depth(y))
		return depth(x) < depth(y) ? -1 : 1;
	return x->index < y->index ? -1 : 1;
}

static int read_list(const struct ign_root *r, const json_t *config, struct list *ret,
		     struct err *err)
{
	const json_t *storage = json_object_get(config, "storage");
	const json_t *j;
	size_t i;

	for (enum ign_node_kind k = 0; k < IGN_NODE_MAX; k++)
		json_array_foreach (json_object_get(storage, sections[k]), i, j)
			if (add(ret, r, k, i, j, err) < 0)
				return -1;
	return check_unique(ret, err);
}

static int make(const struct ign_root *r, struct ign_fetch *f, const struct ign_node *n,
		struct err *err)
{
	switch (n->kind) {
	case IGN_DIRECTORY:
		return ign_directory_make(r, n, err);
	case IGN_FILE:
		return ign_file_make(r, f, n, err);
	default:
		return ign_link_make(r, n, err);
	}
}

int ign_files_check(const struct ign_root *r, const json_t *config, struct err *err)
{
	_cleanup_(list_release) struct list list = {0};

	return read_list(r, config, &list, err);
}

int ign_files_make(const struct ign_root *r, struct ign_fetch *f, const json_t *config,
		   struct err *err)
{
	_cleanup_(list_release) struct list list = {0};

	if (read_list(r, config, &list, err) < 0)
		return -1;
	if (list.n)
		qsort(list.nodes, list.n, sizeof(*list.nodes), by_depth);
	for (size_t i = 0; i < list.n; i++)
		if (make(r, f, &list.nodes[i], err) < 0)
			return err_wrap(err, "%s: %s", list.nodes[i].at, list.nodes[i].path);
	return 0;
}
