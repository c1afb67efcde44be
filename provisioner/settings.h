/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typed values out of a YAML tree, consumed key by key. A getter leaves ret as it is when the key
 * is absent or wrong; what is wrong becomes a problem with its place, so that all of them are told.
 */
#ifndef PROVISION_SETTINGS_H
#define PROVISION_SETTINGS_H

#include "ipv4.h"
#include "node.h"
#include "yaml_tree.h"

struct settings {
	const char *file; /* for problems, and kept in struct place; borrowed */
	struct problems *problems;
};

/* The place of an entry. */
struct place settings_place(const struct settings *s, const struct yaml_entry *e) _nonnull_;
/* A problem at this entry. */
void settings_problem(const struct settings *s, const struct yaml_entry *e, const char *fmt, ...)
	_printf_(3, 4);
/* The text of a scalar entry, NULL with a problem when it is a map or a list. Borrowed. */
const char *settings_text(const struct settings *s, const struct yaml_entry *e) _nonnull_;

/* An absent key gives NULL in all of these. The entry is given back so that a caller can judge the
 * value further, at its place. */
struct yaml_entry *settings_string(const struct settings *s, struct yaml_item *map, const char *key,
				   char **ret) _nonnull_;
/* A map or a list; NULL also when it is something else. */
struct yaml_item *settings_map(const struct settings *s, struct yaml_item *map,
			       const char *key) _nonnull_;
struct yaml_item *settings_list(const struct settings *s, struct yaml_item *map,
				const char *key) _nonnull_;
/* One text or a list of texts. */
struct yaml_entry *settings_strings(const struct settings *s, struct yaml_item *map,
				    const char *key, struct strv *ret) _nonnull_;
struct yaml_entry *settings_bool(const struct settings *s, struct yaml_item *map, const char *key,
				 bool *ret) _nonnull_;
struct yaml_entry *settings_port(const struct settings *s, struct yaml_item *map, const char *key,
				 uint16_t *ret) _nonnull_;
struct yaml_entry *settings_duration(const struct settings *s, struct yaml_item *map,
				     const char *key, uint32_t *ret) _nonnull_;
struct yaml_entry *settings_ipv4(const struct settings *s, struct yaml_item *map, const char *key,
				 struct ipv4 *ret) _nonnull_;
struct yaml_entry *settings_net(const struct settings *s, struct yaml_item *map, const char *key,
				struct ipv4_net *ret) _nonnull_;
/* A word of names[0..n), which has no holes, to its index; the problem lists them all. */
struct yaml_entry *settings_word(const struct settings *s, struct yaml_item *map, const char *key,
				 const char *const *names, size_t n, int *ret) _nonnull_;

#endif
