/* SPDX-License-Identifier: Apache-2.0 */
#include "cert.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "ipv4.h"

static void bio_freep(BIO **b)
{
	BIO_free(*b);
}
#define _cleanup_bio_ _cleanup_(bio_freep)

/* OpenSSL's own reason, which it keeps per thread. */
static int ssl_error(struct err *err, enum err_kind kind, const char *doing)
{
	char text[256] = "unknown reason";
	unsigned long code = ERR_get_error();

	if (code)
		ERR_error_string_n(code, text, sizeof(text));
	ERR_clear_error();
	return err_set(err, kind, "%s: %s", doing, text);
}

EVP_PKEY *key_make(enum key_kind kind)
{
	EVP_PKEY *key = NULL;

	switch (kind) {
	case KEY_P256:
		key = EVP_EC_gen("P-256");
		break;
	case KEY_RSA2048:
		key = EVP_RSA_gen(2048);
		break;
	case KEY_ED25519:
		key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		break;
	}
	if (!key)
		BUG("OpenSSL cannot make a key");
	return key;
}

static bool set_name(X509_NAME *name, const char *field, const char *value)
{
	return !value || X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
						    (const unsigned char *)value, -1, -1, 0);
}

static bool add_extension(X509 *cert, X509V3_CTX *ctx, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
	bool ok = ext && X509_add_ext(cert, ext, -1);

	X509_EXTENSION_free(ext);
	return ok;
}

/* "IP:10.0.0.1,DNS:host"; names were checked to hold no comma. */
static char *alternative_names(const struct strv *names)
{
	char *all = NULL;

	for (size_t i = 0; i < names->n; i++) {
		_cleanup_(err_release) struct err ignored = ERR_INIT;
		_cleanup_(freep) char *before = all;
		struct ipv4 ip;

		all = xasprintf("%s%s%s:%s", before ? before : "", before ? "," : "",
				ipv4_parse(names->v[i], &ip, &ignored) == 0 ? "IP" : "DNS",
				names->v[i]);
	}
	return all;
}

static bool set_extensions(const struct cert_wish *wish, X509 *cert, X509 *issuer)
{
	_cleanup_(freep) char *names =
		wish->names && wish->names->n ? alternative_names(wish->names) : NULL;
	const bool ca = wish->use == CERT_CA;
	X509V3_CTX ctx;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer ? issuer : cert, cert, NULL, NULL, 0);
	if (!add_extension(cert, &ctx, NID_basic_constraints,
			   ca ? "critical,CA:TRUE" : "critical,CA:FALSE") ||
	    !add_extension(cert, &ctx, NID_key_usage,
			   ca ? "critical,digitalSignature,keyEncipherment,keyCertSign,cRLSign"
			      : "critical,digitalSignature,keyEncipherment") ||
	    !add_extension(cert, &ctx, NID_subject_key_identifier, "hash"))
		return false;
	/* the issuer's identifier can only be copied once its own is there */
	if (!add_extension(cert, &ctx, NID_authority_key_identifier, "keyid"))
		return false;
	if (!ca && !add_extension(cert, &ctx, NID_ext_key_usage,
				  wish->use == CERT_SERVER ? "serverAuth" : "clientAuth"))
		return false;
	return !names || add_extension(cert, &ctx, NID_subject_alt_name, names);
}

static bool set_serial(X509 *cert)
{
	unsigned char bytes[16];
	BIGNUM *n;
	bool ok;

	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		return false;
	bytes[0] = (bytes[0] & 0x7f) | 0x40; /* positive and of one length (RFC 5280 4.1.2.2) */
	n = BN_bin2bn(bytes, sizeof(bytes), NULL);
	ok = n && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert));
	BN_free(n);
	return ok;
}

int cert_make(const struct cert_wish *wish, EVP_PKEY *key, X509 *issuer, EVP_PKEY *issuer_key,
	      X509 **ret, struct err *err)
{
	_cleanup_x509_ X509 *cert = X509_new();
	X509_NAME *name;

	if (!cert)
		BUG("out of memory");
	for (size_t i = 0; wish->names && i < wish->names->n; i++)
		if (strpbrk(wish->names->v[i], ",\n"))
			return err_set(err, ERR_USAGE, "certificate name \"%s\" has a comma",
				       wish->names->v[i]);
	name = X509_get_subject_name(cert);
	if (!X509_set_version(cert, X509_VERSION_3) || !set_serial(cert) ||
	    !X509_gmtime_adj(X509_getm_notBefore(cert), -3600) ||
	    !X509_time_adj_ex(X509_getm_notAfter(cert), (int)wish->days, 0, NULL) ||
	    !set_name(name, "O", wish->organisation) || !set_name(name, "CN", wish->cn) ||
	    !X509_set_issuer_name(cert, issuer ? X509_get_subject_name(issuer) : name) ||
	    !X509_set_pubkey(cert, key) || !set_extensions(wish, cert, issuer) ||
	    !X509_sign(cert, issuer_key, EVP_sha256()))
		return ssl_error(err, ERR_INTERNAL, "cannot make a certificate");
	*ret = TAKE_PTR(cert);
	return 0;
}

static char *bio_text(BIO *b)
{
	char *data;
	long n = BIO_get_mem_data(b, &data);

	return xstrndup(data, (size_t)n);
}

char *cert_to_pem(X509 *cert)
{
	_cleanup_bio_ BIO *b = BIO_new(BIO_s_mem());

	if (!b || !PEM_write_bio_X509(b, cert))
		BUG("a certificate that cannot be written");
	return bio_text(b);
}

void key_to_pem(EVP_PKEY *key, struct secret *ret)
{
	_cleanup_bio_ BIO *b = BIO_new(BIO_s_secmem());
	char *data;
	long n;
	int ok;

	if (!b)
		BUG("out of memory");
	ok = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519
		     ? PEM_write_bio_PrivateKey(b, key, NULL, NULL, 0, NULL, NULL)
		     : PEM_write_bio_PrivateKey_traditional(b, key, NULL, NULL, 0, NULL, NULL);
	if (!ok)
		BUG("a key that cannot be written");
	n = BIO_get_mem_data(b, &data);
	secret_set(ret, data, (size_t)n);
}

char *key_public_to_pem(EVP_PKEY *key)
{
	_cleanup_bio_ BIO *b = BIO_new(BIO_s_mem());

	if (!b || !PEM_write_bio_PUBKEY(b, key))
		BUG("a key that cannot be written");
	return bio_text(b);
}

int cert_from_pem(const char *pem, X509 **ret, struct err *err)
{
	_cleanup_bio_ BIO *b = BIO_new_mem_buf(pem, -1);
	X509 *cert = b ? PEM_read_bio_X509(b, NULL, NULL, NULL) : NULL;

	if (!cert)
		return ssl_error(err, ERR_CONFIG, "no certificate in PEM form");
	*ret = cert;
	return 0;
}

int key_from_pem(const struct secret *pem, EVP_PKEY **ret, struct err *err)
{
	_cleanup_bio_ BIO *b = BIO_new_mem_buf(secret_reveal(pem), (int)secret_length(pem));
	EVP_PKEY *key = b ? PEM_read_bio_PrivateKey(b, NULL, NULL, NULL) : NULL;

	if (!key)
		return ssl_error(err, ERR_CONFIG, "no private key in PEM form");
	*ret = key;
	return 0;
}
