/* SPDX-License-Identifier: Apache-2.0 */
#include "config_merge.h"

#include <string.h>

/* What tells elements of a list apart; NULL: nothing does. */
static const char *identity_of(const char *list)
{
	static const struct {
		const char *list, *key;
	} rows[] = {
		{"files", "path"},  {"directories", "path"},  {"links", "path"},
		{"units", "name"},  {"dropins", "name"},      {"users", "name"},
		{"groups", "name"}, {"http_headers", "name"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (streq_null(list, rows[i].list))
			return rows[i].key;
	return NULL;
}

static bool equal(const struct config_item *a, const struct config_item *b)
{
	if (a->kind != b->kind || a->n != b->n)
		return false;
	if (a->kind == CONFIG_VALUE)
		return a->value && b->value && json_equal(a->value, b->value);
	for (size_t i = 0; i < a->n; i++) {
		const struct config_item *other =
			a->kind == CONFIG_MAP ? config_item_get(b, a->items[i]->key) : b->items[i];

		if (!other || !equal(a->items[i], other))
			return false;
	}
	return true;
}

static struct config_item *find_twin(const struct config_item *list, const struct config_item *item,
				     const char *identity)
{
	const char *id = identity && item->kind == CONFIG_MAP
				 ? config_item_text(config_item_get(item, identity))
				 : NULL;

	for (size_t i = 0; i < list->n; i++) {
		const char *other =
			id && list->items[i]->kind == CONFIG_MAP
				? config_item_text(config_item_get(list->items[i], identity))
				: NULL;

		if (id ? streq_null(id, other) : equal(item, list->items[i]))
			return list->items[i];
	}
	return NULL;
}

static void merge_lists(struct config_item *base, struct config_item *over)
{
	const char *identity = identity_of(base->key);

	for (size_t i = 0; i < over->n; i++) {
		struct config_item *item = over->items[i];
		struct config_item *twin = find_twin(base, item, identity);

		over->items[i] = NULL;
		if (!twin)
			config_item_append(base, item);
		else if (twin->kind == CONFIG_MAP && item->kind == CONFIG_MAP)
			config_merge(twin, item);
		else
			config_item_free(item);
	}
	config_item_free(over);
}

/* Contents of a file or unit have one origin: a later one leaves nothing of the former. */
static bool says_whence(const struct config_item *map)
{
	return config_item_get(map, "inline") || config_item_get(map, "local") ||
	       config_item_get(map, "source");
}

static void drop(struct config_item *map, const char *key)
{
	for (size_t i = 0; i < map->n; i++) {
		if (!streq(map->items[i]->key, key))
			continue;
		config_item_free(map->items[i]);
		memmove(&map->items[i], &map->items[i + 1],
			(map->n - i - 1) * sizeof(struct config_item *));
		map->n--;
		return;
	}
}

void config_merge(struct config_item *base, struct config_item *over)
{
	for (size_t i = 0; i < over->n; i++) {
		struct config_item *item = over->items[i];
		struct config_item *old;

		over->items[i] = NULL;
		if (streq(item->key, "contents") && item->kind == CONFIG_VALUE)
			drop(base, "contents_local");
		if (streq(item->key, "contents_local"))
			drop(base, "contents");
		old = config_item_get(base, item->key);
		if (old && old->kind == CONFIG_MAP && item->kind == CONFIG_MAP &&
		    !says_whence(item)) {
			config_merge(old, item);
		} else if (old && old->kind == CONFIG_LIST && item->kind == CONFIG_LIST) {
			merge_lists(old, item);
		} else if (config_item_is_null(item)) {
			drop(base, item->key);
			config_item_free(item);
		} else {
			config_item_set(base, item->key, item->key_at, item);
		}
	}
	config_item_free(over);
}
