/* SPDX-License-Identifier: Apache-2.0 */
#include "token.h"

#include <string.h>
#include <time.h>

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789";

/* The largest multiple of the alphabet's 36 letters in a byte: what is above would favour some. */
#define FAIR (256 / 36 * 36)

bool token_from_random(const uint8_t bytes[TOKEN_RANDOM], struct token *ret)
{
	char text[TOKEN_ID_SIZE - 1 + TOKEN_SECRET_SIZE - 1];
	size_t n = 0;

	for (size_t i = 0; i < TOKEN_RANDOM && n < sizeof(text); i++)
		if (bytes[i] < FAIR)
			text[n++] = alphabet[bytes[i] % 36];
	if (n < sizeof(text))
		return false;
	*ret = (struct token){0};
	memcpy(ret->id, text, TOKEN_ID_SIZE - 1);
	memcpy(ret->secret, text + TOKEN_ID_SIZE - 1, TOKEN_SECRET_SIZE - 1);
	explicit_bzero(text, sizeof(text));
	return true;
}

bool token_id_is_valid(const char *id)
{
	return strlen(id) == TOKEN_ID_SIZE - 1 && strspn(id, alphabet) == TOKEN_ID_SIZE - 1;
}

json_t *token_to_secret(const struct token *t, int64_t expires_s, const char *groups,
			const char *description)
{
	_cleanup_(freep) char *name = xasprintf("bootstrap-token-%s", t->id);
	time_t at = (time_t)expires_s;
	char expiration[32];
	struct tm tm;
	json_t *j;

	gmtime_r(&at, &tm);
	strftime(expiration, sizeof(expiration), "%Y-%m-%dT%H:%M:%SZ", &tm);
	j = json_pack("{s:s, s:s, s:{s:s, s:s}, s:s, s:{s:s, s:s, s:s, s:s, s:s, s:s, s:s}}",
		      "apiVersion", "v1", "kind", "Secret", "metadata", "name", name, "namespace",
		      "kube-system", "type", "bootstrap.kubernetes.io/token", "stringData",
		      "token-id", t->id, "token-secret", t->secret, "expiration", expiration,
		      "usage-bootstrap-authentication", "true", "usage-bootstrap-signing", "true",
		      "auth-extra-groups", groups, "description", description);
	if (!j)
		BUG("a token that is not JSON");
	return j;
}
