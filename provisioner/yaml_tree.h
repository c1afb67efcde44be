/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One YAML document (YAML 1.1 as libyaml reads it) as a tree with the place of everything. Refused:
 * more than LIMIT_YAML_*, anchors and aliases, tags, a key twice, a second document.
 */
#ifndef PROVISION_YAML_TREE_H
#define PROVISION_YAML_TREE_H

#include "problems.h"

enum yaml_kind { YAML_TEXT, YAML_MAP, YAML_LIST };

/* How a text was written. Only a plain one may be a number, true, false or nothing. */
enum yaml_style { YAML_PLAIN, YAML_QUOTED, YAML_BLOCK };

struct yaml_entry;

struct yaml_item {
	enum yaml_kind kind;
	enum yaml_style style;     /* of a text */
	unsigned int line, column; /* from 1 */
	char *text;
	struct yaml_entry *entries; /* of a map or list */
	size_t n;
	const char **asked; /* keys that yaml_take was asked for, for the nearest one; borrowed */
	size_t n_asked;
	struct yaml_below *below; /* keys that belong deeper down; borrowed */
	size_t n_below;
};

struct yaml_below {
	const char *key, *where;
};

struct yaml_entry {
	char *key; /* NULL in a list */
	unsigned int line, column;
	bool used;
	struct yaml_item *value;
};

/* Reads len bytes. NULL, with at least one problem added, when it is no such document. An empty
 * document is an empty map. `file` is the name for problems. */
struct yaml_item *yaml_parse(const char *text, size_t len, const char *file, struct problems *ps)
	__attribute__((nonnull(1, 3, 4)));
/* An empty map at line 1, column 1: what a section that is absent is read from. */
struct yaml_item *yaml_map_new(void);
/* NULL-safe; gives NULL. */
struct yaml_item *yaml_item_free(struct yaml_item *item);
static inline void yaml_item_freep(struct yaml_item **item)
{
	yaml_item_free(*item);
}

/* A plain "", "~" or "null": the key is there and says nothing. */
bool yaml_is_null(const struct yaml_item *item) _nonnull_;
/* Consumes a key of a map: its entry, or NULL when it is absent or null. `key` must be a literal:
 * it is remembered for the suggestions of yaml_leftover. */
struct yaml_entry *yaml_take(struct yaml_item *map, const char *key) _nonnull_;
/* What was asked of child, which stands under `where` (a literal, from the top of the file), is
 * known there: yaml_leftover of map tells so of a key that was written too high. */
void yaml_note_below(struct yaml_item *map, const char *where,
		     const struct yaml_item *child) _nonnull_;
/* A problem for every key that nobody took, with where it belongs or the nearest one that was asked
 * for. */
void yaml_leftover(const struct yaml_item *map, const char *file, struct problems *ps) _nonnull_;

#endif
