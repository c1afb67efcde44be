/* SPDX-License-Identifier: Apache-2.0 */
#include "reference.h"

#include <string.h>

static enum reference_end literal(const char **p, size_t len, size_t skip,
				  struct reference_piece *ret)
{
	*ret = (struct reference_piece){false, *p, len};
	*p += len + skip;
	return REFERENCE_PIECE;
}

enum reference_end reference_next(const char **p, struct reference_piece *ret)
{
	static const char name_letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
	const char *open = strstr(*p, "{{"), *name;
	size_t len, after;

	if (!**p)
		return REFERENCE_END;
	if (!open)
		return literal(p, strlen(*p), 0, ret);
	if (startswith(open, "{{{{")) /* up to and with the first pair; the second is skipped */
		return literal(p, (size_t)(open - *p) + 2, 2, ret);
	if (open > *p)
		return literal(p, (size_t)(open - *p), 0, ret);
	name = open + 2 + strspn(open + 2, " ");
	len = strspn(name, name_letters);
	after = strspn(name + len, " ");
	if (!len || !startswith(name + len + after, "}}"))
		return REFERENCE_BAD;
	*ret = (struct reference_piece){true, name, len};
	*p = name + len + after + 2;
	return REFERENCE_PIECE;
}
