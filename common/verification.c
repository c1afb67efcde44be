/* SPDX-License-Identifier: Apache-2.0 */
#include "verification.h"

#include "parse.h"

#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

struct verification {
	EVP_MD_CTX *ctx;
	const char *name;
	size_t size;
	uint8_t wanted[EVP_MAX_MD_SIZE];
};

static const struct {
	const char *name;
	const EVP_MD *(*md)(void);
} kinds[] = {{"sha256", EVP_sha256}, {"sha512", EVP_sha512}};

int verification_new(const char *text, struct verification **ret, struct err *err)
{
	const char *dash = strchr(text, '-');

	for (size_t i = 0; dash && i < ARRAY_SIZE(kinds); i++) {
		struct verification *v;
		size_t n = strlen(kinds[i].name);

		if ((size_t)(dash - text) != n || strncmp(text, kinds[i].name, n) != 0)
			continue;
		v = xcalloc(1, sizeof(*v));
		v->name = kinds[i].name;
		v->size = (size_t)EVP_MD_get_size(kinds[i].md());
		v->ctx = EVP_MD_CTX_new();
		if (!v->ctx || EVP_DigestInit_ex(v->ctx, kinds[i].md(), NULL) != 1)
			BUG("OpenSSL has no SHA-2");
		if (parse_hex(dash + 1, v->wanted, v->size, err) == 0) {
			*ret = v;
			return 0;
		}
		verification_free(v);
		return err_set(err, ERR_CONFIG, "%s- is followed by %zu hex digits", kinds[i].name,
			       2 * (size_t)EVP_MD_get_size(kinds[i].md()));
	}
	return err_set(err, ERR_CONFIG, "neither sha256-<hex digits> nor sha512-<hex digits>");
}

struct verification *verification_free(struct verification *v)
{
	if (!v)
		return NULL;
	EVP_MD_CTX_free(v->ctx);
	free(v);
	return NULL;
}

void verification_add(struct verification *v, const void *p, size_t n)
{
	if (EVP_DigestUpdate(v->ctx, p, n) != 1)
		BUG("EVP_DigestUpdate");
}

int verification_end(struct verification *v, struct err *err)
{
	uint8_t is[EVP_MAX_MD_SIZE];
	char wanted_text[2 * EVP_MAX_MD_SIZE + 1], is_text[2 * EVP_MAX_MD_SIZE + 1];

	if (EVP_DigestFinal_ex(v->ctx, is, NULL) != 1)
		BUG("EVP_DigestFinal_ex");
	if (memcmp(is, v->wanted, v->size) == 0)
		return 0;
	return err_set(err, ERR_VERIFY, "the content is %s-%s, not %s-%s", v->name,
		       format_hex(is, v->size, is_text), v->name,
		       format_hex(v->wanted, v->size, wanted_text));
}
