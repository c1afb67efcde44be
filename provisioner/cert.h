/* SPDX-License-Identifier: Apache-2.0 */
/* X.509 certificates (RFC 5280) and their keys, by OpenSSL. */
#ifndef PROVISION_CERT_H
#define PROVISION_CERT_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "err.h"
#include "secret.h"

static inline void pkey_freep(EVP_PKEY **k)
{
	EVP_PKEY_free(*k);
}

static inline void x509_freep(X509 **c)
{
	X509_free(*c);
}
#define _cleanup_pkey_ _cleanup_(pkey_freep)
#define _cleanup_x509_ _cleanup_(x509_freep)

enum key_kind { KEY_P256, KEY_RSA2048, KEY_ED25519 };

enum cert_use { CERT_CA, CERT_SERVER, CERT_CLIENT };

struct cert_wish {
	const char *cn;
	const char *organisation; /* or NULL */
	enum cert_use use;
	unsigned int days;        /* of validity, from an hour ago */
	const struct strv *names; /* alternative names: dotted quads become IP entries; or NULL */
};

/* A fresh key; aborts when the machine has no random numbers. Free with EVP_PKEY_free. */
EVP_PKEY *key_make(enum key_kind kind);
/* A certificate for key; issuer NULL: signed by itself. Free with X509_free. */
int cert_make(const struct cert_wish *wish, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
	      X509 **ret, struct err *err) _must_check_ __attribute__((nonnull(1, 2, 4, 5, 6)));

/* PEM. RSA and EC keys in the traditional form that every Kubernetes reads. */
char *cert_to_pem(X509 *cert) _nonnull_;
void key_to_pem(EVP_PKEY *key, struct secret *ret) _nonnull_;
char *key_public_to_pem(EVP_PKEY *key) _nonnull_;
int cert_from_pem(const char *pem, X509 **ret, struct err *err) _must_check_ _nonnull_;
int key_from_pem(const struct secret *pem, EVP_PKEY **ret, struct err *err) _must_check_ _nonnull_;

#endif
