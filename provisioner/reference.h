/* SPDX-License-Identifier: Apache-2.0 */
/* The references "{{ name }}" in a text, and the literal "{{{{". Pure. */
#ifndef PROVISION_REFERENCE_H
#define PROVISION_REFERENCE_H

#include "base.h"

/* One piece of a text: something literal, or a reference. Borrows from the text. */
struct reference_piece {
	bool is_reference;
	const char *text; /* the literal bytes, or the name without its spaces */
	size_t len;
};

enum reference_end { REFERENCE_PIECE, REFERENCE_END, REFERENCE_BAD };

/* Takes the next piece off *p. REFERENCE_BAD: a "{{" that has no "}}" on its line, or a name of
 * other characters than [A-Za-z0-9._]; *p then stands at it. */
enum reference_end reference_next(const char **p, struct reference_piece *ret) _nonnull_;

#endif
