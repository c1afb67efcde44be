/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Templates in YAML, in Butane's vocabulary. "{{ name }}" is replaced after the YAML is parsed, in
 * quoted texts only; a text that is nothing but one reference takes the value's type, also a list
 * or a map; a value never becomes a key or syntax. "{{{{" is a literal "{{". An unquoted reference
 * is refused with the quoted form; an unknown name with the nearest known one.
 */
#ifndef PROVISION_TEMPLATE_H
#define PROVISION_TEMPLATE_H

#include "jsonx.h"
#include "yaml_tree.h"

/* All templates by file name ("base.yaml"), parsed and checked for syntax. */
struct templates;

/* Reads DATA/ignition-templates/ *.yaml, and CONFIG/templates/ *.yaml over them (a file there takes
 * the place of the one of the same name). 0, or -1 with problems added. */
int templates_load(const char *data_dir, const char *config_dir, struct templates **ret,
		   struct problems *ps) _must_check_ _nonnull_;
struct templates *templates_new(void);
/* Adds, or replaces, one by its text. file is the name in problems; its last part is the template's
 * name. */
int templates_add(struct templates *t, const char *file, const char *text, size_t len,
		  struct problems *ps) _must_check_ _nonnull_;
/* NULL-safe; gives NULL. */
struct templates *templates_free(struct templates *t);
static inline void templates_freep(struct templates **t)
{
	templates_free(*t);
}

bool templates_have(const struct templates *t, const char *name) _nonnull_;
/* Fills in one template: `values` is an object, "a.b" names a member of a member. New reference.
 * ERR_CONFIG names file, line and column. */
int templates_fill(const struct templates *t, const char *name, const json_t *values, json_t **ret,
		   struct err *err) _must_check_ _nonnull_;
/* Lays `over` on `base` (changed): maps by key; lists of maps by their "path" or "name"; other
 * lists one after the other without repeating an element; anything else is replaced. */
void template_merge(json_t *base, const json_t *over) _nonnull_;

#endif
