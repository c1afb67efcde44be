/* SPDX-License-Identifier: Apache-2.0 */
/* Replacing "{{ name }}" by values, after the YAML is parsed. Pure. */
#ifndef PROVISION_FILL_H
#define PROVISION_FILL_H

#include "config_tree.h"
#include "problems.h"

/*
 * A quoted text at its place. One that is nothing but one reference becomes the value itself, also
 * a list or map; in others values are texts. "a.b" names a member of a member of `values`, an
 * object; NULL: nothing is known yet, and a text with references stays open. NULL with a problem
 * added for an unknown name. Owned by the caller.
 */
struct config_item *fill_quoted(const char *text, struct origin at, const json_t *values,
				struct problems *ps) __attribute__((nonnull(1, 4)));
/*
 * A text of many lines that asked for it. own: its lines are those of the file `at` (a local
 * file); else it stands as a block in one. ret_names gets what was referred to ("a, b", "" of
 * none); the caller frees both. NULL with problems added; values NULL: only the syntax is looked
 * at, and a copy of the text is given.
 */
char *fill_lines(const char *text, struct origin at, bool own, const json_t *values,
		 char **ret_names, struct problems *ps) __attribute__((nonnull(1, 5, 6)));

#endif
