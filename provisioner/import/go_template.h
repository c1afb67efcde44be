/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Go's text/template as far as Matchbox's users write it: {{.a.b}}, {{if index . "a"}}, {{if .a}},
 * {{else}}, {{range $x := .a}}, {{range .a}}, {{end}}, comments, and "-" that trims. Anything else
 * is refused by its line, for a guess would be served to a machine. Pure.
 */
#ifndef PROVISION_GO_TEMPLATE_H
#define PROVISION_GO_TEMPLATE_H

#include "buf.h"
#include "jsonx.h"

/* What stands in the output where {{.name}} was, for a name that stays a reference: GO_MARK_BEGIN
 * REFERENCE GO_MARK_END. They are noncharacters of Unicode, which no text may hold. */
#define GO_MARK_BEGIN "\xef\xb7\x90"
#define GO_MARK_END   "\xef\xb7\x91"
/* A REFERENCE that begins so is of a secret, and in no file in the end. */
#define GO_MARK_SECRET "secret."

struct go_template {
	const json_t *values; /* an object; borrowed */
	/* an object: what a name is called in the reference that it stays; the other names are
	 * replaced by their values. Borrowed. */
	const json_t *references;
};

/* A number of JSON, which is a float64 in Go, as it prints that; NULL when it has an exponent then
 * (1e+06). Caller frees. */
char *go_number_text(double number);

/* Writes the text with its actions done to out. -1 with the place (from 1) of what is refused,
 * ERR_CONFIG. */
int go_template_fill(const struct go_template *t, const char *text, size_t len, struct buf *out,
		     unsigned int *ret_line, unsigned int *ret_column,
		     struct err *err) _must_check_ _nonnull_;

#endif
