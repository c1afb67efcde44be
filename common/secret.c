/* SPDX-License-Identifier: Apache-2.0 */
#include "secret.h"

#include <string.h>

void secret_set(struct secret *s, const void *bytes, size_t n)
{
	uint8_t *copy = xmalloc(n + 1);

	/* copied first: bytes may point into what is wiped */
	if (n)
		memcpy(copy, bytes, n);
	copy[n] = '\0';
	secret_release(s);
	s->hidden.bytes = copy;
	s->hidden.len = n;
}

const char *secret_reveal(const struct secret *s)
{
	return s->hidden.bytes ? (const char *)s->hidden.bytes : "";
}

size_t secret_length(const struct secret *s)
{
	return s->hidden.len;
}

void secret_release(struct secret *s)
{
	if (s->hidden.bytes)
		explicit_bzero(s->hidden.bytes, s->hidden.len);
	free(s->hidden.bytes);
	s->hidden.bytes = NULL;
	s->hidden.len = 0;
}
