/* SPDX-License-Identifier: Apache-2.0 */
#include "anchor.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "fetch.h"

/* A certificate of one CA. */
#define LIMIT_CA_PEM 65536

static char *to_pem(X509 *cert)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data, *pem;
	long len;

	if (!bio || !PEM_write_bio_X509(bio, cert))
		BUG("libcrypto writes no certificate");
	len = BIO_get_mem_data(bio, &data);
	pem = xstrndup(data, (size_t)len);
	BIO_free(bio);
	return pem;
}

int anchor_check(const char *pem, size_t len, const struct sha256 *want, char **ret_pem,
		 struct err *err)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
	unsigned char *der = NULL;
	struct sha256 got;
	int n;

	BIO_free(bio);
	if (!cert)
		return err_set(err, ERR_VERIFY, "the provisioner's CA is no PEM certificate");
	n = i2d_X509(cert, &der);
	if (n <= 0)
		BUG("a certificate without DER");
	got = sha256_of(der, (size_t)n);
	OPENSSL_free(der);
	if (!sha256_equal(&got, want)) {
		char text[SHA256_TEXT_SIZE];

		X509_free(cert);
		return err_set(err, ERR_VERIFY,
			       "the provisioner's CA has sha256 %s, not the one this machine was "
			       "started with; restart the machine, and when it stays, look for a "
			       "second provisioner on this network",
			       sha256_format(&got, text));
	}
	*ret_pem = to_pem(cert);
	X509_free(cert);
	return 0;
}

static void fetch_freep(struct fetch **f)
{
	fetch_free(*f);
}

int anchor_fetch(const char *base, const struct sha256 *want, char **ret_pem, struct err *err)
{
	_cleanup_(fetch_freep) struct fetch *f = fetch_new(NULL);
	_cleanup_(freep) char *url = xasprintf("%s/ca.crt", base);
	_cleanup_(fetch_answer_release) struct fetch_answer answer = {0};
	struct fetch_request req = {.url = url, .max = LIMIT_CA_PEM};

	if (fetch_do(f, &req, &answer, err) < 0)
		return -1;
	if (answer.status != 200)
		return err_set(err, ERR_NETWORK, "%s: HTTP status %ld", url, answer.status);
	return anchor_check(answer.body, answer.len, want, ret_pem, err);
}
