/* SPDX-License-Identifier: Apache-2.0 */
#include "identity.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#include "fsio.h"
#include "sha256.h"

#define KEY_SIZE       32
#define SIGNATURE_SIZE 64

struct identity {
	EVP_PKEY *key;
};

static struct identity *wrap(EVP_PKEY *key)
{
	struct identity *id = xcalloc(1, sizeof(*id));

	id->key = key;
	return id;
}

struct identity *identity_new(void)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	if (!key)
		BUG("libcrypto makes no ed25519 key");
	return wrap(key);
}

struct identity *identity_free(struct identity *id)
{
	if (!id)
		return NULL;
	EVP_PKEY_free(id->key);
	free(id);
	return NULL;
}

int identity_load(int dirfd, const char *path, struct identity **ret, struct err *err)
{
	char *pem;
	size_t len;
	BIO *bio;
	EVP_PKEY *key;

	if (file_read(dirfd, path, 4096, &pem, &len, err) < 0)
		return -1;
	bio = BIO_new_mem_buf(pem, (int)len);
	key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
	BIO_free(bio);
	explicit_bzero(pem, len);
	free(pem);
	if (!key || EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) {
		EVP_PKEY_free(key);
		return err_set(err, ERR_VERIFY, "%s: holds no ed25519 key", path);
	}
	*ret = wrap(key);
	return 0;
}

int identity_save(const struct identity *id, int dirfd, const char *path, struct err *err)
{
	BIO *bio = BIO_new(BIO_s_secmem());
	char *pem;
	long len;
	int r;

	if (!bio || !PEM_write_bio_PKCS8PrivateKey(bio, id->key, NULL, NULL, 0, NULL, NULL))
		BUG("libcrypto writes no key");
	len = BIO_get_mem_data(bio, &pem);
	r = file_write(dirfd, path, pem, (size_t)len, 0600, err);
	BIO_free(bio);
	return r;
}

static char *base64(const uint8_t *p, size_t n)
{
	char *text = xcalloc(n * 4 / 3 + 5, 1);

	EVP_EncodeBlock((unsigned char *)text, p, (int)n);
	return text;
}

char *identity_public(const struct identity *id)
{
	uint8_t raw[KEY_SIZE];
	size_t len = sizeof(raw);

	if (EVP_PKEY_get_raw_public_key(id->key, raw, &len) != 1 || len != KEY_SIZE)
		BUG("libcrypto gives no public key");
	return base64(raw, len);
}

void identity_sign(const struct identity *id, const char *method, const char *path, int64_t time_ms,
		   const void *body, size_t len, struct strv *ret_headers)
{
	struct sha256 digest = sha256_of(body, len);
	char hex[SHA256_TEXT_SIZE];
	_cleanup_(freep) char *message = xasprintf("%s\n%s\n%lld\n%s", method, path,
						   (long long)time_ms, sha256_format(&digest, hex));
	_cleanup_(freep) char *public = identity_public(id), *signature = NULL;
	uint8_t raw[SIGNATURE_SIZE];
	size_t raw_len = sizeof(raw);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (!ctx || EVP_DigestSignInit(ctx, NULL, NULL, NULL, id->key) != 1 ||
	    EVP_DigestSign(ctx, raw, &raw_len, (const uint8_t *)message, strlen(message)) != 1)
		BUG("libcrypto does not sign");
	EVP_MD_CTX_free(ctx);
	signature = base64(raw, raw_len);
	strv_take(ret_headers, xasprintf("Provision-Key: %s", public));
	strv_take(ret_headers, xasprintf("Provision-Time: %lld", (long long)time_ms));
	strv_take(ret_headers, xasprintf("Provision-Signature: %s", signature));
}
