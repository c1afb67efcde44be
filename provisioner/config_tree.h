/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A config on its way from templates to Ignition: JSON's values, each with the place in the
 * operator's files that it came from. Pure.
 */
#ifndef PROVISION_CONFIG_TREE_H
#define PROVISION_CONFIG_TREE_H

#include "jsonx.h"

/* File names are borrowed of the templates. */
struct origin {
	const char *file;
	unsigned int line, column; /* from 1; 0: the file as a whole */
};

enum config_kind { CONFIG_VALUE, CONFIG_MAP, CONFIG_LIST };

/* How a value got to its place, beside standing there. */
enum config_via {
	VIA_TEXT,      /* it was written there */
	VIA_REFERENCE, /* in part or whole by "{{ source }}" */
	VIA_FILE,      /* contents of the operator's file `source` */
	VIA_DEFAULT,   /* nobody wrote it; the place is what it was added to */
	VIA_MAX
};

struct config_item {
	enum config_kind kind;
	struct origin at;
	char *key; /* in a map */
	struct origin key_at;
	json_t *value; /* of a CONFIG_VALUE; NULL: references that nobody has replaced yet */
	bool verbatim; /* a block text, in which references stand for themselves */
	enum config_via via;
	char *source;
	char *names; /* VIA_FILE: what the file refers to, "a, b"; NULL or "": nothing */
	struct config_item **items;
	size_t n;
};

struct config_item *config_item_new(enum config_kind kind, struct origin at);
/* A value; takes the reference over. */
struct config_item *config_value_new(json_t *value, struct origin at);
/* NULL-safe; gives NULL. */
struct config_item *config_item_free(struct config_item *item);
static inline void config_item_freep(struct config_item **item)
{
	config_item_free(*item);
}
#define _cleanup_config_ _cleanup_(config_item_freep)

struct config_item *config_item_copy(const struct config_item *item) _nonnull_;
/* All of j, with one place. */
struct config_item *config_item_from_json(const json_t *j, struct origin at);
/* Says of an item and all below it how it came; source is copied, NULL: nothing has a name there.
 */
void config_item_mark(struct config_item *item, enum config_via via, const char *source)
	__attribute__((nonnull(1)));
/* Says of an item that came of a file what that referred to; names is copied. */
void config_item_mark_names(struct config_item *item, const char *names) _nonnull_;
/* New reference; nothing in it may be waiting for its references. */
json_t *config_item_to_json(const struct config_item *item) _nonnull_;

/* A member of a map; NULL when absent, or map is none. */
struct config_item *config_item_get(const struct config_item *map, const char *key) _nonnull_;
/* The string of a value; NULL for anything else. Borrowed. */
const char *config_item_text(const struct config_item *item);
/* A value whose references wait. */
bool config_item_is_open(const struct config_item *item) _nonnull_;
bool config_item_is_null(const struct config_item *item) _nonnull_;
/* Puts item, which the map then owns, where the member of that key is or at the end. */
void config_item_set(struct config_item *map, const char *key, struct origin key_at,
		     struct config_item *item) _nonnull_;
void config_item_append(struct config_item *list, struct config_item *item) _nonnull_;
/* The member as a map or list, made at `at` when it is absent. Borrowed. */
struct config_item *config_item_need(struct config_item *map, const char *key,
				     enum config_kind kind, struct origin at) _nonnull_;
/* What a JSON path ("$.storage.files[0].mode: ...", up to the first character that cannot be of
 * one) leads to, or comes nearest to. Borrowed. */
const struct config_item *config_item_find(const struct config_item *root,
					   const char *path) _nonnull_;

#endif
