/* SPDX-License-Identifier: Apache-2.0 */
#include "config_tree.h"

#include <string.h>

struct config_item *config_item_new(enum config_kind kind, struct origin at)
{
	struct config_item *item = xcalloc(1, sizeof(*item));

	item->kind = kind;
	item->at = at;
	return item;
}

struct config_item *config_value_new(json_t *value, struct origin at)
{
	struct config_item *item = config_item_new(CONFIG_VALUE, at);

	item->value = value;
	return item;
}

struct config_item *config_item_free(struct config_item *item)
{
	if (!item)
		return NULL;
	for (size_t i = 0; i < item->n; i++)
		config_item_free(item->items[i]);
	free(item->items);
	free(item->key);
	free(item->source);
	free(item->names);
	json_decref(item->value);
	free(item);
	return NULL;
}

/* Room doubles, so that a long list costs no more than its length. */
static void add(struct config_item *item, struct config_item *child)
{
	if (!(item->n & (item->n - 1)))
		item->items = xrealloc(item->items, item->n ? 2 * item->n : 1,
				       sizeof(struct config_item *));
	item->items[item->n++] = child;
}

struct config_item *config_item_copy(const struct config_item *item)
{
	struct config_item *copy = config_item_new(item->kind, item->at);

	copy->key = xstrdup(item->key);
	copy->key_at = item->key_at;
	copy->value = json_incref(item->value);
	copy->verbatim = item->verbatim;
	copy->via = item->via;
	copy->source = xstrdup(item->source);
	copy->names = xstrdup(item->names);
	for (size_t i = 0; i < item->n; i++)
		add(copy, config_item_copy(item->items[i]));
	return copy;
}

struct config_item *config_item_from_json(const json_t *j, struct origin at)
{
	struct config_item *item;
	const char *key;
	json_t *member;
	size_t i;

	if (!json_is_object(j) && !json_is_array(j))
		return config_value_new(json_incref((json_t *)j), at);
	item = config_item_new(json_is_object(j) ? CONFIG_MAP : CONFIG_LIST, at);
	json_object_foreach ((json_t *)j, key, member)
		config_item_set(item, key, at, config_item_from_json(member, at));
	json_array_foreach ((json_t *)j, i, member)
		add(item, config_item_from_json(member, at));
	return item;
}

void config_item_mark(struct config_item *item, enum config_via via, const char *source)
{
	item->via = via;
	free(item->source);
	item->source = xstrdup(source);
	for (size_t i = 0; i < item->n; i++)
		config_item_mark(item->items[i], via, source);
}

void config_item_mark_names(struct config_item *item, const char *names)
{
	free(item->names);
	item->names = xstrdup(names);
}

json_t *config_item_to_json(const struct config_item *item)
{
	json_t *j;

	if (item->kind == CONFIG_VALUE && !item->value)
		BUG("a reference was not replaced");
	if (item->kind == CONFIG_VALUE)
		return json_incref(item->value);
	j = item->kind == CONFIG_MAP ? json_object() : json_array();
	for (size_t i = 0; i < item->n; i++) {
		json_t *value = config_item_to_json(item->items[i]);

		if (item->kind == CONFIG_MAP)
			json_object_set_new(j, item->items[i]->key, value);
		else
			json_array_append_new(j, value);
	}
	return j;
}

struct config_item *config_item_get(const struct config_item *map, const char *key)
{
	for (size_t i = 0; map->kind == CONFIG_MAP && i < map->n; i++)
		if (streq(map->items[i]->key, key))
			return map->items[i];
	return NULL;
}

const char *config_item_text(const struct config_item *item)
{
	return item ? json_string_value(item->value) : NULL;
}

bool config_item_is_open(const struct config_item *item)
{
	return item->kind == CONFIG_VALUE && !item->value;
}

bool config_item_is_null(const struct config_item *item)
{
	return json_is_null(item->value);
}

void config_item_set(struct config_item *map, const char *key, struct origin key_at,
		     struct config_item *item)
{
	char *copy = xstrdup(key);

	free(item->key);
	item->key = copy;
	item->key_at = key_at;
	for (size_t i = 0; i < map->n; i++) {
		if (!streq(map->items[i]->key, copy))
			continue;
		config_item_free(map->items[i]);
		map->items[i] = item;
		return;
	}
	add(map, item);
}

void config_item_append(struct config_item *list, struct config_item *item)
{
	add(list, item);
}

struct config_item *config_item_need(struct config_item *map, const char *key,
				     enum config_kind kind, struct origin at)
{
	struct config_item *member = config_item_get(map, key);

	if (member && member->kind == kind)
		return member;
	member = config_item_new(kind, at);
	member->via = VIA_DEFAULT;
	config_item_set(map, key, at, member);
	return member;
}

static const struct config_item *step(const struct config_item *item, const char *name, size_t len)
{
	for (size_t i = 0; item->kind == CONFIG_MAP && i < item->n; i++)
		if (strlen(item->items[i]->key) == len &&
		    strncmp(item->items[i]->key, name, len) == 0)
			return item->items[i];
	return NULL;
}

const struct config_item *config_item_find(const struct config_item *root, const char *path)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
	const struct config_item *item = root, *next;
	const char *p = path + (*path == '$');

	for (;; item = next) {
		size_t len;

		if (*p == '.') {
			len = strspn(++p, letters);
			next = step(item, p, len);
			p += len;
		} else if (*p == '[') {
			size_t i = strtoul(p + 1, NULL, 10);

			len = strspn(p + 1, "0123456789");
			next = item->kind == CONFIG_LIST && i < item->n ? item->items[i] : NULL;
			p += len + 1;
			p += *p == ']';
		} else {
			return item;
		}
		if (!next)
			return item;
	}
}
