/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One template in YAML, in Butane's vocabulary. "{{ name }}" is replaced after the YAML is parsed,
 * in quoted texts only; a text that is nothing but one reference takes the value's type, also a
 * list or a map; a value never becomes a key or syntax. "{{{{" is a literal "{{". An unquoted
 * reference is refused with the quoted form.
 *
 * At the top beside Butane's keys: "match" (template_match.h), and "variant" and "version" as a
 * file written for Butane has them; both are looked at and then left out.
 */
#ifndef PROVISION_TEMPLATE_H
#define PROVISION_TEMPLATE_H

#include "config_tree.h"
#include "template_match.h"

struct template
{
	char *name; /* "base.yaml" */
	char *file; /* for errors: "templates/base.yaml" */
	struct yaml_item *root;
	struct template_match match;
	bool is_override; /* the operator's */
};

/* Parses one by its text and looks at the syntax of every reference; file is the name in problems,
 * its last part the template's name. NULL with problems added. */
struct template *template_parse(const char *file, const char *text, size_t len,
				struct problems *ps) _nonnull_;
/* NULL-safe; gives NULL. */
struct template *template_free(struct template *t);
static inline void template_freep(struct template **t)
{
	template_free(*t);
}

/* Its config, the references replaced by values (an object; NULL: they stay open). Borrows the
 * names of files. NULL with problems added for every unknown name. */
struct config_item *template_fill(const struct template *t, const json_t *values,
				  struct problems *ps) __attribute__((nonnull(1, 3)));

#endif
