/* SPDX-License-Identifier: Apache-2.0 */
#include "sha256.h"

#include "parse.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

struct sha256_ctx {
	EVP_MD_CTX *evp;
};

static void start(struct sha256_ctx *ctx)
{
	if (EVP_DigestInit_ex(ctx->evp, EVP_sha256(), NULL) != 1)
		BUG("no SHA-256 in libcrypto");
}

struct sha256_ctx *sha256_new(void)
{
	struct sha256_ctx *ctx = xcalloc(1, sizeof(*ctx));

	ctx->evp = EVP_MD_CTX_new();
	if (!ctx->evp)
		BUG("EVP_MD_CTX_new");
	start(ctx);
	return ctx;
}

void sha256_add(struct sha256_ctx *ctx, const void *p, size_t n)
{
	if (n && EVP_DigestUpdate(ctx->evp, p, n) != 1)
		BUG("EVP_DigestUpdate");
}

struct sha256 sha256_end(struct sha256_ctx *ctx)
{
	struct sha256 d;

	if (EVP_DigestFinal_ex(ctx->evp, d.b, NULL) != 1)
		BUG("EVP_DigestFinal_ex");
	start(ctx);
	return d;
}

struct sha256_ctx *sha256_free(struct sha256_ctx *ctx)
{
	if (ctx)
		EVP_MD_CTX_free(ctx->evp);
	free(ctx);
	return NULL;
}

struct sha256 sha256_of(const void *p, size_t n)
{
	struct sha256 d;

	if (EVP_Digest(n ? p : "", n, d.b, NULL, EVP_sha256(), NULL) != 1)
		BUG("no SHA-256 in libcrypto");
	return d;
}

bool sha256_equal(const struct sha256 *a, const struct sha256 *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

const char *sha256_format(const struct sha256 *d, char text[SHA256_TEXT_SIZE])
{
	return format_hex(d->b, sizeof(d->b), text);
}

int sha256_parse(const char *text, struct sha256 *ret, struct err *err)
{
	return parse_hex(text, ret->b, sizeof(ret->b), err);
}

const char *uuid_v5(const struct sha256 *space, const char *name, char text[UUID_TEXT_SIZE])
{
	size_t len = strlen(name);
	_cleanup_(freep) uint8_t *input = xmalloc(16 + len);
	uint8_t sum[EVP_MAX_MD_SIZE];
	char hex[33];

	memcpy(input, space->b, 16);
	memcpy(input + 16, name, len);
	if (EVP_Digest(input, 16 + len, sum, NULL, EVP_sha1(), NULL) != 1)
		BUG("no SHA-1 in libcrypto");
	sum[6] = (uint8_t)((sum[6] & 0x0f) | 0x50);
	sum[8] = (uint8_t)((sum[8] & 0x3f) | 0x80);
	format_hex(sum, 16, hex);
	snprintf(text, UUID_TEXT_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12,
		 hex + 16, hex + 20);
	return text;
}
