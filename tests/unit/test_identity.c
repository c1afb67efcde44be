/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <sys/stat.h>

#include "identity.h"

static const char *after(const char *text, const char *prefix)
{
	assert_true(startswith(text, prefix));
	return text + strlen(prefix);
}

static size_t from_base64(const char *text, uint8_t *ret)
{
	int n = EVP_DecodeBlock(ret, (const uint8_t *)text, (int)strlen(text));

	assert_true(n > 0);
	return (size_t)n;
}

static void test_sign(void **state)
{
	_cleanup_(identity_freep) struct identity *id = identity_new();
	_cleanup_(strv_release) struct strv headers = {0};
	/* sha256 of "{}" */
	static const char message[] =
		"POST\n/v1/claim\n1760000000123\n"
		"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
	uint8_t public[64], signature[128];
	EVP_PKEY *key;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	(void)state;
	identity_sign(id, "POST", "/v1/claim", 1760000000123, "{}", 2, &headers);
	assert_int_equal(headers.n, 3);
	from_base64(after(headers.v[0], "Provision-Key: "), public);
	assert_string_equal(headers.v[1], "Provision-Time: 1760000000123");
	from_base64(after(headers.v[2], "Provision-Signature: "), signature);
	key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public, 32);
	assert_non_null(key);
	assert_int_equal(EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key), 1);
	assert_int_equal(
		EVP_DigestVerify(ctx, signature, 64, (const uint8_t *)message, sizeof(message) - 1),
		1);
	assert_int_not_equal(
		EVP_DigestVerify(ctx, signature, 64, (const uint8_t *)message, sizeof(message) - 2),
		1);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(key);
}

static void test_file(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(identity_freep) struct identity *id = identity_new(), *back = NULL;
	_cleanup_(freep) char *a = identity_public(id), *b = NULL;
	char dir[] = "/tmp/test-identity-XXXXXX";
	_cleanup_(freep) char *path = NULL;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	path = xasprintf("%s/key", dir);
	assert_fails(identity_load(AT_FDCWD, path, &back, &err), &err, ERR_NOT_FOUND, "key");
	assert_ok(identity_save(id, AT_FDCWD, path, &err), &err);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_ok(identity_load(AT_FDCWD, path, &back, &err), &err);
	b = identity_public(back);
	assert_string_equal(a, b);
	assert_int_equal(truncate(path, 20), 0);
	assert_fails(identity_load(AT_FDCWD, path, &back, &err), &err, ERR_VERIFY, "no ed25519");
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sign),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
