/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "secret.h"
#include "sha256.h"

/* FIPS 180-4's own examples */
#define SHA_ABC   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define SHA_EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static void digests_as_the_standard_says(void **state)
{
	struct sha256_ctx *ctx = sha256_new();
	char text[SHA256_TEXT_SIZE];
	struct sha256 d;

	(void)state;
	d = sha256_of("abc", 3);
	assert_string_equal(sha256_format(&d, text), SHA_ABC);
	d = sha256_of(NULL, 0);
	assert_string_equal(sha256_format(&d, text), SHA_EMPTY);
	sha256_add(ctx, "a", 1);
	sha256_add(ctx, "bc", 2);
	d = sha256_end(ctx);
	assert_string_equal(sha256_format(&d, text), SHA_ABC);
	d = sha256_end(ctx); /* anew */
	assert_string_equal(sha256_format(&d, text), SHA_EMPTY);
	sha256_free(ctx);
}

static void parses_what_it_formats(void **state)
{
	struct sha256 a = sha256_of("x", 1), b;
	struct err err = ERR_INIT;
	char text[SHA256_TEXT_SIZE];

	(void)state;
	assert_ok(sha256_parse(sha256_format(&a, text), &b, &err), &err);
	assert_true(sha256_equal(&a, &b));
	text[63] = '\0';
	assert_fails(sha256_parse(text, &b, &err), &err, ERR_USAGE, "64");
}

static void makes_uuids_of_version_5(void **state)
{
	/* RFC 9562 appendix A.4: the DNS name space and www.example.com */
	struct sha256 space = {{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00,
				0xc0, 0x4f, 0xd4, 0x30, 0xc8}};
	char text[UUID_TEXT_SIZE];

	(void)state;
	assert_string_equal(uuid_v5(&space, "www.example.com", text),
			    "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

static void keeps_a_secret(void **state)
{
	struct secret s = SECRET_INIT;

	(void)state;
	assert_string_equal(secret_reveal(&s), "");
	secret_set(&s, "token", 5);
	assert_string_equal(secret_reveal(&s), "token");
	secret_set(&s, secret_reveal(&s) + 2, 3); /* of its own bytes */
	assert_string_equal(secret_reveal(&s), "ken");
	assert_int_equal(secret_length(&s), 3);
	secret_release(&s);
	assert_int_equal(secret_length(&s), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digests_as_the_standard_says),
		cmocka_unit_test(parses_what_it_formats),
		cmocka_unit_test(makes_uuids_of_version_5),
		cmocka_unit_test(keeps_a_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
