/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <openssl/evp.h>

#include "base64.h"
#include "request_sign.h"

/* RFC 8032 section 7.1, TEST 1's key */
static const uint8_t secret_key[32] = {0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60,
				       0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4,
				       0x44, 0x49, 0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19,
				       0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60};
static const char public_key[] = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
/* sha256 of "{}" */
#define EMPTY_OBJECT "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

static char *sign(const char *said)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret_key, 32);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	uint8_t signature[64];
	size_t n = sizeof(signature);

	assert_int_equal(EVP_DigestSignInit(ctx, NULL, NULL, NULL, key), 1);
	assert_int_equal(EVP_DigestSign(ctx, signature, &n, (const uint8_t *)said, strlen(said)),
			 1);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
	return base64_encode(signature, n);
}

static struct signed_request a_request(const char *signature)
{
	return (struct signed_request){"POST",    "/v1/claim", public_key, "1000000",
				       signature, "{}",        2};
}

static void a_good_one_gives_the_key(void **state)
{
	_cleanup_(freep) char *signature = sign("POST\n/v1/claim\n1000000\n" EMPTY_OBJECT);
	struct signed_request r = a_request(signature);
	struct err err = ERR_INIT;
	uint8_t key[32];

	(void)state;
	assert_ok(request_verify(&r, 1000500, key, &err), &err);
	assert_int_equal(key[0], 0xd7);
	assert_int_equal(key[31], 0x1a);
}

static void every_part_is_covered(void **state)
{
	_cleanup_(freep) char *signature = sign("POST\n/v1/claim\n1000000\n" EMPTY_OBJECT);
	struct signed_request good = a_request(signature), r;
	struct err err = ERR_INIT;
	uint8_t key[32];

	(void)state;
	r = good;
	r.method = "GET";
	assert_fails(request_verify(&r, 1000000, key, &err), &err, ERR_VERIFY, "does not match");
	r = good;
	r.path = "/v1/events";
	assert_fails(request_verify(&r, 1000000, key, &err), &err, ERR_VERIFY, "does not match");
	r = good;
	r.time = "1000001";
	assert_fails(request_verify(&r, 1000000, key, &err), &err, ERR_VERIFY, "does not match");
	r = good;
	r.body = "[]";
	assert_fails(request_verify(&r, 1000000, key, &err), &err, ERR_VERIFY, "does not match");
	r = good;
	r.key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	assert_fails(request_verify(&r, 1000000, key, &err), &err, ERR_VERIFY, "does not match");
}

static void headers_are_checked_one_by_one(void **state)
{
	_cleanup_(freep) char *signature = sign("POST\n/v1/claim\n1000000\n" EMPTY_OBJECT);
	struct signed_request good = a_request(signature), r;
	struct err err = ERR_INIT;
	uint8_t key[32];

	(void)state;
	r = good;
	r.key = NULL;
	assert_fails(request_verify(&r, 1000000, key, &err), &err, ERR_VERIFY, "not signed");
	r = good;
	r.key = "abcd";
	assert_fails(request_verify(&r, 1000000, key, &err), &err, ERR_VERIFY, "Provision-Key");
	r = good;
	r.signature = "abcd";
	assert_fails(request_verify(&r, 1000000, key, &err), &err, ERR_VERIFY,
		     "Provision-Signature");
	r = good;
	r.time = "soon";
	assert_fails(request_verify(&r, 1000000, key, &err), &err, ERR_VERIFY, "Provision-Time");
}

static void clocks_may_differ_by_ten_minutes(void **state)
{
	_cleanup_(freep) char *signature = sign("POST\n/v1/claim\n1000000\n" EMPTY_OBJECT);
	struct signed_request r = a_request(signature);
	struct err err = ERR_INIT;
	uint8_t key[32];

	(void)state;
	assert_ok(request_verify(&r, 1600000, key, &err), &err);
	assert_fails(request_verify(&r, 1600001, key, &err), &err, ERR_VERIFY, "-600 s off");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_one_gives_the_key),
		cmocka_unit_test(every_part_is_covered),
		cmocka_unit_test(headers_are_checked_one_by_one),
		cmocka_unit_test(clocks_may_differ_by_ten_minutes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
