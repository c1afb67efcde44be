/* SPDX-License-Identifier: Apache-2.0 */
#include "nonce.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "limits.h"
#include "parse.h"

#define NONCE_SIZE 16
#define TIME_SIZE  4

static void digest(const uint8_t key[NONCE_KEY_SIZE], const struct mac *mac,
		   uint8_t nonce[NONCE_SIZE])
{
	uint8_t said[TIME_SIZE + sizeof(mac->b)], out[EVP_MAX_MD_SIZE];

	memcpy(said, nonce, TIME_SIZE);
	memcpy(said + TIME_SIZE, mac->b, sizeof(mac->b));
	if (!HMAC(EVP_sha256(), key, NONCE_KEY_SIZE, said, sizeof(said), out, NULL))
		BUG("no HMAC");
	memcpy(nonce + TIME_SIZE, out, NONCE_SIZE - TIME_SIZE);
}

const char *nonce_make(const uint8_t key[NONCE_KEY_SIZE], const struct mac *mac, int64_t now,
		       char text[NONCE_TEXT_SIZE])
{
	uint8_t nonce[NONCE_SIZE];

	for (int i = 0; i < TIME_SIZE; i++)
		nonce[i] = (uint8_t)((uint64_t)now >> (8 * (TIME_SIZE - 1 - i)));
	digest(key, mac, nonce);
	return format_hex(nonce, sizeof(nonce), text);
}

bool nonce_is_good(const uint8_t key[NONCE_KEY_SIZE], const struct mac *mac, int64_t now,
		   const char *text)
{
	return nonce_is_fresh(key, mac, now, INTENT_LIFETIME_S, text);
}

bool nonce_is_fresh(const uint8_t key[NONCE_KEY_SIZE], const struct mac *mac, int64_t now,
		    uint32_t max_age_s, const char *text)
{
	_cleanup_(err_release) struct err ignored = ERR_INIT;
	uint8_t given[NONCE_SIZE], good[NONCE_SIZE];
	uint32_t made = 0, age;

	if (parse_hex(text, given, sizeof(given), &ignored) < 0)
		return false;
	for (int i = 0; i < TIME_SIZE; i++)
		made = made << 8 | given[i];
	age = (uint32_t)now - made; /* the counter of seconds may wrap in 2106 */
	memcpy(good, given, sizeof(good));
	digest(key, mac, good);
	return CRYPTO_memcmp(given, good, sizeof(good)) == 0 && age <= max_age_s;
}
