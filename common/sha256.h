/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4) by OpenSSL's EVP; UUIDs of version 5 (RFC 9562 section 5.5). */
#ifndef PROVISION_SHA256_H
#define PROVISION_SHA256_H

#include "err.h"

#define SHA256_SIZE      32
#define SHA256_TEXT_SIZE 65
#define UUID_TEXT_SIZE   37

struct sha256 {
	uint8_t b[SHA256_SIZE];
};

struct sha256_ctx; /* a digest in progress; heap */

struct sha256_ctx *sha256_new(void);
void sha256_add(struct sha256_ctx *ctx, const void *p, size_t n) __attribute__((nonnull(1)));
/* Finishes, and starts ctx anew. */
struct sha256 sha256_end(struct sha256_ctx *ctx) _nonnull_;
struct sha256_ctx *sha256_free(struct sha256_ctx *ctx);

struct sha256 sha256_of(const void *p, size_t n);
bool sha256_equal(const struct sha256 *a, const struct sha256 *b) _nonnull_;
/* 64 lower-case hex digits. */
const char *sha256_format(const struct sha256 *d, char text[SHA256_TEXT_SIZE]) _nonnull_;
int sha256_parse(const char *text, struct sha256 *ret, struct err *err) _must_check_ _nonnull_;

/* The version 5 UUID of `name` in the name space that is the first 16 bytes of space. */
const char *uuid_v5(const struct sha256 *space, const char *name,
		    char text[UUID_TEXT_SIZE]) _nonnull_;

#endif
