/* SPDX-License-Identifier: Apache-2.0 */
#include "secrets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/pem.h>
#include <openssl/rand.h>

#include "cert.h"
#include "fsio.h"

#define SECRET_FILE_MAX (64 * 1024)
#define CA_DAYS         3650
/* the longest that every TLS client takes */
#define LEAF_DAYS 825

const struct pki_file pki_files[] = {
	{"ca.crt", false},
	{"ca.key", true},
	{"etcd/ca.crt", false},
	{"etcd/ca.key", true},
	{"front-proxy-ca.crt", false},
	{"front-proxy-ca.key", true},
	{"sa.pub", false},
	{"sa.key", true},
};
const size_t n_pki_files = ARRAY_SIZE(pki_files);

/* What STATE/secrets holds beside pki_files. */
static const char *const own_files[] = {"tls-ca.crt", "tls-ca.key", "manifest.key", "k3s-token"};

/* A directory that somebody else may write to is somebody else's keys. */
static int check_owner(int dir, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(dir, &st) < 0)
		return err_errno(err, ERR_IO, errno, "%s", path);
	if (st.st_uid != geteuid() || (st.st_mode & 077))
		return err_set(err, ERR_REFUSED,
			       "%s is not its owner's alone: if the keys in it are the right ones, "
			       "chown -R root: and chmod 0700 it",
			       path);
	return 0;
}

int secrets_open(const char *state_dir, struct err *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/secrets", state_dir);
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 && errno == ENOENT)
		return err_set(err, ERR_NOT_FOUND,
			       "there are no keys in %s: restore the backup of %s, or `provision "
			       "init --keys` makes new ones",
			       path, state_dir);
	if (fd < 0 && errno == EACCES)
		return err_set(err, ERR_REFUSED, "%s is root's alone: do it as root", path);
	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "%s", path);
	return check_owner(fd, path, err) < 0 ? -1 : TAKE_FD(fd);
}

bool secrets_exist(const char *state_dir)
{
	_cleanup_(freep) char *path = xasprintf("%s/secrets", state_dir);

	return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool exists(int dirfd, const char *name)
{
	return faccessat(dirfd, name, F_OK, AT_EACCESS) == 0;
}

static int write_secret(int dirfd, const char *name, const struct secret *s, struct err *err)
{
	return file_write(dirfd, name, secret_reveal(s), secret_length(s), 0600, err);
}

static int read_secret(int dirfd, const char *name, struct secret *ret, struct err *err)
{
	_cleanup_(freep) char *data = NULL;
	size_t len;

	if (file_read(dirfd, name, SECRET_FILE_MAX, &data, &len, err) < 0)
		return err_wrap(err, "secrets");
	secret_set(ret, data, len);
	explicit_bzero(data, len);
	return 0;
}

/* NAME.key and NAME.crt of a CA. The certificate is written last: it is what says that both are
 * there, so a cut between the two makes a new pair that nobody has seen yet. */
static int make_ca(int dirfd, const char *name, const char *cn, enum key_kind kind, struct err *err)
{
	_cleanup_(freep) char *crt = xasprintf("%s.crt", name), *key = xasprintf("%s.key", name);
	_cleanup_(secret_release) struct secret pem = SECRET_INIT;
	_cleanup_(freep) char *cert_pem = NULL;
	_cleanup_pkey_ EVP_PKEY *pkey = NULL;
	_cleanup_x509_ X509 *cert = NULL;
	const struct cert_wish wish = {.cn = cn, .use = CERT_CA, .days = CA_DAYS};

	if (exists(dirfd, crt))
		return 0;
	pkey = key_make(kind);
	if (cert_make(&wish, pkey, NULL, pkey, &cert, err) < 0)
		return -1;
	key_to_pem(pkey, &pem);
	cert_pem = cert_to_pem(cert);
	return write_secret(dirfd, key, &pem, err) < 0
		       ? -1
		       : file_write(dirfd, crt, cert_pem, strlen(cert_pem), 0600, err);
}

/* The service accounts' key pair: no certificate; the public half is written last. */
static int make_service_account(int dirfd, struct err *err)
{
	_cleanup_(secret_release) struct secret pem = SECRET_INIT;
	_cleanup_(freep) char *public = NULL;
	_cleanup_pkey_ EVP_PKEY *pkey = NULL;

	if (exists(dirfd, "pki/sa.pub"))
		return 0;
	pkey = key_make(KEY_RSA2048);
	key_to_pem(pkey, &pem);
	public = key_public_to_pem(pkey);
	return write_secret(dirfd, "pki/sa.key", &pem, err) < 0
		       ? -1
		       : file_write(dirfd, "pki/sa.pub", public, strlen(public), 0600, err);
}

static int make_manifest_key(int dirfd, struct err *err)
{
	_cleanup_(secret_release) struct secret pem = SECRET_INIT;
	_cleanup_pkey_ EVP_PKEY *pkey = NULL;

	if (exists(dirfd, "manifest.key"))
		return 0;
	pkey = key_make(KEY_ED25519);
	key_to_pem(pkey, &pem);
	return write_secret(dirfd, "manifest.key", &pem, err);
}

static int make_k3s_token(int dirfd, struct err *err)
{
	_cleanup_(secret_release) struct secret s = SECRET_INIT;
	uint8_t bytes[32];
	char text[2 * sizeof(bytes) + 1];

	if (exists(dirfd, "k3s-token"))
		return 0;
	if (RAND_bytes(bytes, sizeof(bytes)) != 1)
		BUG("no random numbers");
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	secret_set(&s, text, sizeof(text) - 1);
	explicit_bzero(bytes, sizeof(bytes));
	explicit_bzero(text, sizeof(text));
	return write_secret(dirfd, "k3s-token", &s, err);
}

static int load_key(int dirfd, const char *name, EVP_PKEY **ret, struct err *err)
{
	_cleanup_(secret_release) struct secret pem = SECRET_INIT;

	if (read_secret(dirfd, name, &pem, err) < 0)
		return -1;
	return key_from_pem(&pem, ret, err) < 0 ? err_wrap(err, "secrets/%s", name) : 0;
}

static int load_cert(int dirfd, const char *name, X509 **ret, struct err *err)
{
	_cleanup_(freep) char *pem = NULL;
	size_t len;

	if (file_read(dirfd, name, SECRET_FILE_MAX, &pem, &len, err) < 0)
		return err_wrap(err, "secrets");
	return cert_from_pem(pem, ret, err) < 0 ? err_wrap(err, "secrets/%s", name) : 0;
}

static int publish_file(int state, const char *name, const char *text, struct err *err)
{
	_cleanup_(err_release) struct err unreadable = ERR_INIT;
	_cleanup_(freep) char *there = NULL;
	size_t len;

	if (file_read(state, name, SECRET_FILE_MAX, &there, &len, &unreadable) == 0 &&
	    streq(there, text))
		return 0;
	return file_write(state, name, text, strlen(text), 0644, err);
}

/* STATE/public: what readers without rights need. Follows the secrets, which may be those of a
 * backup. */
static int publish(const char *state_dir, int secrets, struct err *err)
{
	_cleanup_(closep) int state = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(freep) char *ca = NULL;
	_cleanup_pkey_ EVP_PKEY *key = NULL;
	uint8_t raw[ED25519_KEY_SIZE];
	char text[4 * ((ED25519_KEY_SIZE + 2) / 3) + 1];
	size_t len, n = sizeof(raw);

	if (state < 0)
		return err_errno(err, ERR_IO, errno, "%s", state_dir);
	if (file_read(secrets, "tls-ca.crt", SECRET_FILE_MAX, &ca, &len, err) < 0 ||
	    load_key(secrets, "manifest.key", &key, err) < 0)
		return -1;
	if (EVP_PKEY_get_raw_public_key(key, raw, &n) != 1 || n != sizeof(raw))
		return err_set(err, ERR_CONFIG, "secrets/manifest.key is no ed25519 key");
	EVP_EncodeBlock((unsigned char *)text, raw, sizeof(raw));
	if (dir_make(state, "public", 0755, err) < 0 ||
	    publish_file(state, "public/ca.crt", ca, err) < 0)
		return -1;
	return publish_file(state, "public/manifest.pub", text, err);
}

static int make_all(const char *state_dir, int dir, struct err *err)
{
	if (check_owner(dir, "secrets.new", err) < 0 || dir_make(dir, "pki/etcd", 0700, err) < 0 ||
	    make_ca(dir, "tls-ca", "provision", KEY_P256, err) < 0 ||
	    make_manifest_key(dir, err) < 0 ||
	    make_ca(dir, "pki/ca", "kubernetes", KEY_RSA2048, err) < 0 ||
	    make_ca(dir, "pki/etcd/ca", "etcd-ca", KEY_RSA2048, err) < 0 ||
	    make_ca(dir, "pki/front-proxy-ca", "front-proxy-ca", KEY_RSA2048, err) < 0 ||
	    make_service_account(dir, err) < 0 || make_k3s_token(dir, err) < 0)
		return err_wrap(err, "%s", state_dir);
	return 0;
}

/* All of them or none: the directory gets its name when it is complete. What a power cut left of an
 * earlier attempt is gone on with. */
static int make_directory(const char *state_dir, struct err *err)
{
	_cleanup_(closep) int state = -1, dir = -1;

	if (dir_make(AT_FDCWD, state_dir, 0755, err) < 0)
		return -1;
	state = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (state < 0)
		return err_errno(err, ERR_IO, errno, "%s", state_dir);
	if (dir_make(state, "secrets.new", 0700, err) < 0)
		return -1;
	dir = openat(state, "secrets.new", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir < 0)
		return err_errno(err, ERR_IO, errno, "%s/secrets.new", state_dir);
	if (make_all(state_dir, dir, err) < 0)
		return -1;
	if (renameat2(state, "secrets.new", state, "secrets", RENAME_NOREPLACE) < 0 ||
	    fsync(state) < 0)
		return err_errno(err, ERR_IO, errno, "%s/secrets", state_dir);
	return 0;
}

int secrets_init(const char *state_dir, struct err *err)
{
	if (!secrets_exist(state_dir) && make_directory(state_dir, err) < 0)
		return -1;
	return secrets_check(state_dir, err);
}

/* Every key is there. */
static int check_whole(const char *state_dir, int dir, struct err *err)
{
	const char *missing = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(own_files); i++)
		if (!exists(dir, own_files[i]))
			missing = own_files[i];
	for (size_t i = 0; i < ARRAY_SIZE(pki_files); i++) {
		_cleanup_(freep) char *path = xasprintf("pki/%s", pki_files[i].name);

		if (!exists(dir, path))
			missing = pki_files[i].name;
	}
	return missing ? err_set(err, ERR_NOT_FOUND,
				 "%s/secrets lacks its %s: restore the backup of %s", state_dir,
				 missing, state_dir)
		       : 0;
}

int secrets_whole(const char *state_dir, struct err *err)
{
	_cleanup_(closep) int dir = secrets_open(state_dir, err);

	return dir < 0 ? -1 : check_whole(state_dir, dir, err);
}

int secrets_check(const char *state_dir, struct err *err)
{
	_cleanup_(closep) int dir = secrets_open(state_dir, err);

	if (dir < 0 || check_whole(state_dir, dir, err) < 0)
		return -1;
	return publish(state_dir, dir, err);
}

int secrets_ca_pem(const char *state_dir, char **ret_pem, struct err *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/public/ca.crt", state_dir);
	size_t len;

	return file_read(AT_FDCWD, path, SECRET_FILE_MAX, ret_pem, &len, err);
}

int secrets_cert_digest(const char *pem, struct sha256 *ret, struct err *err)
{
	_cleanup_x509_ X509 *cert = NULL;
	unsigned char *der = NULL;
	int n;

	if (cert_from_pem(pem, &cert, err) < 0)
		return -1;
	n = i2d_X509(cert, &der);
	if (n < 0)
		BUG("a certificate that cannot be written");
	*ret = sha256_of(der, (size_t)n);
	OPENSSL_free(der);
	return 0;
}

int secrets_manifest_public(const char *state_dir, uint8_t ret_key[ED25519_KEY_SIZE],
			    struct err *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/public/manifest.pub", state_dir), *text = NULL;
	uint8_t raw[ED25519_KEY_SIZE + 4];
	size_t len;

	if (file_read(AT_FDCWD, path, 256, &text, &len, err) < 0)
		return -1;
	/* 32 bytes are 44 characters of base64, one of them padding */
	if (len != 44 || EVP_DecodeBlock(raw, (const unsigned char *)text, 44) != 33)
		return err_set(err, ERR_CONFIG, "%s is no ed25519 key in base64", path);
	memcpy(ret_key, raw, ED25519_KEY_SIZE);
	return 0;
}

int ed25519_verify(const uint8_t key[ED25519_KEY_SIZE], const void *p, size_t n,
		   const uint8_t signature[ED25519_SIGNATURE_SIZE], struct err *err)
{
	_cleanup_pkey_ EVP_PKEY *pkey =
		EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, ED25519_KEY_SIZE);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good;

	if (!ctx)
		BUG("out of memory");
	good = pkey && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
	       EVP_DigestVerify(ctx, signature, ED25519_SIGNATURE_SIZE, p, n) == 1;
	EVP_MD_CTX_free(ctx);
	return good ? 0 : err_set(err, ERR_VERIFY, "the signature does not match");
}

int secrets_manifest_sign(const char *state_dir, const void *p, size_t n,
			  uint8_t ret_signature[ED25519_SIGNATURE_SIZE], struct err *err)
{
	_cleanup_(closep) int dir = secrets_open(state_dir, err);
	_cleanup_pkey_ EVP_PKEY *key = NULL;
	size_t len = ED25519_SIGNATURE_SIZE;
	EVP_MD_CTX *ctx;
	bool good;

	if (dir < 0 || load_key(dir, "manifest.key", &key, err) < 0)
		return -1;
	ctx = EVP_MD_CTX_new();
	if (!ctx)
		BUG("out of memory");
	good = EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
	       EVP_DigestSign(ctx, ret_signature, &len, p, n) == 1;
	EVP_MD_CTX_free(ctx);
	return good ? 0 : err_set(err, ERR_INTERNAL, "secrets/manifest.key cannot sign");
}

/* A certificate for a fresh key, signed by the CA NAME.crt, NAME.key. */
static int issue(const char *state_dir, const char *name, const struct cert_wish *wish,
		 enum key_kind kind, char **ret_cert_pem, struct secret *ret_key_pem,
		 struct err *err)
{
	_cleanup_(closep) int dir = secrets_open(state_dir, err);
	_cleanup_(freep) char *crt = xasprintf("%s.crt", name), *key = xasprintf("%s.key", name);
	_cleanup_pkey_ EVP_PKEY *ca_key = NULL, *pkey = NULL;
	_cleanup_x509_ X509 *ca = NULL, *cert = NULL;

	if (dir < 0 || load_cert(dir, crt, &ca, err) < 0 || load_key(dir, key, &ca_key, err) < 0)
		return -1;
	pkey = key_make(kind);
	if (cert_make(wish, pkey, ca, ca_key, &cert, err) < 0)
		return -1;
	*ret_cert_pem = cert_to_pem(cert);
	key_to_pem(pkey, ret_key_pem);
	return 0;
}

int secrets_tls_leaf(const char *state_dir, const struct strv *names, char **ret_cert_pem,
		     struct secret *ret_key_pem, struct err *err)
{
	const struct cert_wish wish = {
		.cn = "provisiond", .use = CERT_SERVER, .days = LEAF_DAYS, .names = names};

	return issue(state_dir, "tls-ca", &wish, KEY_P256, ret_cert_pem, ret_key_pem, err);
}

int secrets_pki_read(const char *state_dir, const char *name, struct secret *ret, struct err *err)
{
	_cleanup_(closep) int dir = secrets_open(state_dir, err);
	_cleanup_(freep) char *path = xasprintf("pki/%s", name);

	return dir < 0 ? -1 : read_secret(dir, path, ret, err);
}

int secrets_spki_hash(const char *cert_pem, char **ret, struct err *err)
{
	_cleanup_x509_ X509 *cert = NULL;
	char text[SHA256_TEXT_SIZE];
	unsigned char *der = NULL;
	struct sha256 digest;
	int n;

	if (cert_from_pem(cert_pem, &cert, err) < 0)
		return -1;
	n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
	if (n < 0)
		BUG("a public key that cannot be written");
	digest = sha256_of(der, (size_t)n);
	OPENSSL_free(der);
	*ret = xasprintf("sha256:%s", sha256_format(&digest, text));
	return 0;
}

int secrets_client_cert(const char *state_dir, const char *cn, const char *organisation,
			unsigned int days, char **ret_cert_pem, struct secret *ret_key_pem,
			struct err *err)
{
	const struct cert_wish wish = {
		.cn = cn, .organisation = organisation, .use = CERT_CLIENT, .days = days};

	return issue(state_dir, "pki/ca", &wish, KEY_RSA2048, ret_cert_pem, ret_key_pem, err);
}

int secrets_k3s_token(const char *state_dir, struct secret *ret, struct err *err)
{
	_cleanup_(closep) int dir = secrets_open(state_dir, err);

	return dir < 0 ? -1 : read_secret(dir, "k3s-token", ret, err);
}
