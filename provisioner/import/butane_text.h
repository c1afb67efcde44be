/* SPDX-License-Identifier: Apache-2.0 */
/* The YAML text of a template. Pure. */
#ifndef PROVISION_BUTANE_TEXT_H
#define PROVISION_BUTANE_TEXT_H

#include "buf.h"
#include "jsonx.h"

/* Writes the members of config, an object. Modes are written in octal; texts of several lines as
 * blocks; a mark of go_template.h becomes a reference, and "{{" that stands in a text is kept
 * from being one. */
void butane_text_add(struct buf *b, const json_t *config) _nonnull_;
/* A text with its marks as references, and a literal "{{" as "{{{{". Caller frees. */
char *butane_text_references(const char *text) _must_check_ _nonnull_;
/* A text in double quotes, as JSON and YAML read it; "{{" is not touched. */
void butane_text_quote(struct buf *b, const char *text) _nonnull_;

#endif
