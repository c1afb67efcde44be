/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A secret: a type of its own, so that no printf format takes it by accident. The bytes are wiped
 * when it is released.
 */
#ifndef PROVISION_SECRET_H
#define PROVISION_SECRET_H

#include "base.h"

struct secret {
	struct {
		uint8_t *bytes;
		size_t len;
	} hidden;
};

#define SECRET_INIT ((struct secret){.hidden = {NULL, 0}})

/* Copies n bytes; what s held before is wiped. */
void secret_set(struct secret *s, const void *bytes, size_t n) __attribute__((nonnull(1)));
/* The text as a NUL-terminated string owned by s; "" when empty. Name the use at the call. */
const char *secret_reveal(const struct secret *s) _nonnull_;
size_t secret_length(const struct secret *s) _nonnull_;
void secret_release(struct secret *s) _nonnull_;

#endif
