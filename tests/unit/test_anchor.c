/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "anchor.h"

/* A self-signed certificate as PEM, and the digest of its DER. */
static char *make(struct sha256 *ret_digest)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	X509 *cert = X509_new();
	BIO *bio = BIO_new(BIO_s_mem());
	unsigned char *der = NULL;
	char *data, *pem;
	int n;

	ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
	X509_gmtime_adj(X509_getm_notBefore(cert), 0);
	X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
	X509_set_pubkey(cert, key);
	assert_true(X509_sign(cert, key, NULL) > 0);
	n = i2d_X509(cert, &der);
	*ret_digest = sha256_of(der, (size_t)n);
	OPENSSL_free(der);
	PEM_write_bio_X509(bio, cert);
	n = (int)BIO_get_mem_data(bio, &data);
	pem = xstrndup(data, (size_t)n);
	BIO_free(bio);
	X509_free(cert);
	EVP_PKEY_free(key);
	return pem;
}

static void test_check(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	struct sha256 digest, other;
	_cleanup_(freep) char *pem = make(&digest), *second = make(&other);
	_cleanup_(freep) char *both = xasprintf("%s%s", pem, second), *got = NULL;

	(void)state;
	/* Only the certificate whose digest was told is trusted, not one that follows it. */
	assert_ok(anchor_check(both, strlen(both), &digest, &got, &err), &err);
	assert_string_equal(got, pem);
	assert_fails(anchor_check(pem, strlen(pem), &other, &got, &err), &err, ERR_VERIFY,
		     "not the one this machine was started with");
	assert_fails(anchor_check("x", 1, &digest, &got, &err), &err, ERR_VERIFY, "no PEM");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
