/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same references in plain text, for ipxe-scripts/: parsed once, rendered many times. iPXE's
 * own ${ } is left alone.
 */
#ifndef PROVISION_TEXT_TEMPLATE_H
#define PROVISION_TEXT_TEMPLATE_H

#include "buf.h"
#include "err.h"

struct text_template;

/* names[0..n): all that may be referred to. ERR_CONFIG names file, line and column. */
int text_template_parse(const char *text, const char *file, const char *const *names, size_t n,
			struct text_template **ret, struct err *err) _must_check_ _nonnull_;
struct text_template *text_template_free(struct text_template *t);
/* values[i] belongs to names[i]; NULL is "". */
void text_template_render(const struct text_template *t, const char *const *values,
			  struct buf *out) _nonnull_;

#endif
