/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <openssl/x509v3.h>

#include "cert.h"
#include "fsio.h"
#include "secrets.h"

static char dir[64];

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

/* Once for all tests: RSA keys take their time. */
static int setup(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	memcpy(dir, "/tmp/test_secrets.XXXXXX", sizeof("/tmp/test_secrets.XXXXXX"));
	return mkdtemp(dir) ? secrets_init(dir, &err) : -1;
}

static int teardown(void **state)
{
	(void)state;
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void the_directory_is_closed_to_others(void **state)
{
	_cleanup_(freep) char *path = xasprintf("%s/secrets", dir),
			      *key = xasprintf("%s/secrets/tls-ca.key", dir);
	struct stat st;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	assert_int_equal(stat(key, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void init_again_replaces_nothing(void **state)
{
	_cleanup_(secret_release) struct secret a = SECRET_INIT, b = SECRET_INIT, k = SECRET_INIT,
						l = SECRET_INIT;
	_cleanup_(freep) char *ca = NULL, *again = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(secrets_pki_read(dir, "ca.key", &a, &err), &err);
	assert_ok(secrets_k3s_token(dir, &k, &err), &err);
	assert_ok(secrets_ca_pem(dir, &ca, &err), &err);
	assert_ok(secrets_init(dir, &err), &err);
	assert_ok(secrets_pki_read(dir, "ca.key", &b, &err), &err);
	assert_ok(secrets_k3s_token(dir, &l, &err), &err);
	assert_ok(secrets_ca_pem(dir, &again, &err), &err);
	assert_string_equal(secret_reveal(&a), secret_reveal(&b));
	assert_string_equal(secret_reveal(&k), secret_reveal(&l));
	assert_string_equal(ca, again);
}

static void the_public_half_follows_restored_keys(void **state)
{
	_cleanup_(freep) char *crt = xasprintf("%s/public/ca.crt", dir),
			      *pub = xasprintf("%s/public/manifest.pub", dir), *before = NULL,
			      *after = NULL;
	uint8_t key[ED25519_KEY_SIZE], again[ED25519_KEY_SIZE];
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(secrets_ca_pem(dir, &before, &err), &err);
	assert_ok(secrets_manifest_public(dir, key, &err), &err);
	assert_ok(file_write(AT_FDCWD, crt, "another", 7, 0644, &err), &err);
	assert_ok(file_write(AT_FDCWD, pub, "another", 7, 0644, &err), &err);
	assert_ok(secrets_check(dir, &err), &err);
	assert_ok(secrets_ca_pem(dir, &after, &err), &err);
	assert_ok(secrets_manifest_public(dir, again, &err), &err);
	assert_string_equal(before, after);
	assert_memory_equal(key, again, sizeof(key));
}

static void keys_in_a_directory_open_to_others_are_not_taken(void **state)
{
	_cleanup_(freep) char *path = xasprintf("%s/secrets", dir);
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(chmod(path, 0750), 0);
	assert_fails(secrets_check(dir, &err), &err, ERR_REFUSED, "0700");
	assert_int_equal(chmod(path, 0700), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 65534, 65534), 0);
		assert_fails(secrets_check(dir, &err), &err, ERR_REFUSED, "chown");
		assert_int_equal(chown(path, 0, 0), 0);
	}
	assert_ok(secrets_check(dir, &err), &err);
}

static void every_pki_file_is_there(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < n_pki_files; i++) {
		_cleanup_(secret_release) struct secret s = SECRET_INIT;

		assert_ok(secrets_pki_read(dir, pki_files[i].name, &s, &err), &err);
		assert_non_null(strstr(secret_reveal(&s), "-----BEGIN "));
		assert_int_equal(pki_files[i].secret,
				 strstr(secret_reveal(&s), "PRIVATE KEY") != NULL);
	}
}

static void the_leaf_is_for_its_address_and_by_the_ca(void **state)
{
	_cleanup_(secret_release) struct secret key = SECRET_INIT;
	_cleanup_(freep) char *leaf_pem = NULL, *ca_pem = NULL;
	_cleanup_x509_ X509 *leaf = NULL, *ca = NULL;
	_cleanup_pkey_ EVP_PKEY *pkey = NULL;
	char *v[] = {(char[]){"10.0.0.1"}, (char[]){"boot.lan"}};
	struct strv names = {v, 2};
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(secrets_tls_leaf(dir, &names, &leaf_pem, &key, &err), &err);
	assert_ok(secrets_ca_pem(dir, &ca_pem, &err), &err);
	assert_ok(cert_from_pem(leaf_pem, &leaf, &err), &err);
	assert_ok(cert_from_pem(ca_pem, &ca, &err), &err);
	assert_ok(key_from_pem(&key, &pkey, &err), &err);
	assert_int_equal(X509_verify(leaf, X509_get0_pubkey(ca)), 1);
	assert_int_equal(X509_check_private_key(leaf, pkey), 1);
	assert_int_equal(X509_check_ip_asc(leaf, "10.0.0.1", 0), 1);
	assert_int_equal(X509_check_ip_asc(leaf, "10.0.0.2", 0), 0);
	assert_int_equal(X509_check_host(leaf, "boot.lan", 0, 0, NULL), 1);
	assert_int_equal(X509_check_ca(ca), 1);
	assert_int_equal(X509_check_ca(leaf), 0);
}

static void a_manifest_signature_verifies(void **state)
{
	uint8_t signature[ED25519_SIGNATURE_SIZE], key[ED25519_KEY_SIZE];
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(secrets_manifest_sign(dir, "hello", 5, signature, &err), &err);
	assert_ok(secrets_manifest_public(dir, key, &err), &err);
	assert_ok(ed25519_verify(key, "hello", 5, signature, &err), &err);
	assert_fails(ed25519_verify(key, "hallo", 5, signature, &err), &err, ERR_VERIFY,
		     "signature");
	signature[3] ^= 1;
	assert_fails(ed25519_verify(key, "hello", 5, signature, &err), &err, ERR_VERIFY,
		     "signature");
}

static void the_spki_hash_is_kubeadms(void **state)
{
	_cleanup_(secret_release) struct secret ca = SECRET_INIT;
	_cleanup_(freep) char *hash = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(secrets_pki_read(dir, "ca.crt", &ca, &err), &err);
	assert_ok(secrets_spki_hash(secret_reveal(&ca), &hash, &err), &err);
	assert_int_equal(strlen(hash), strlen("sha256:") + 64);
	assert_memory_equal(hash, "sha256:", 7);
	free(TAKE_PTR(hash));
	assert_fails(secrets_spki_hash("no certificate", &hash, &err), &err, ERR_CONFIG,
		     "certificate");
}

static void a_client_certificate_names_its_group(void **state)
{
	_cleanup_(secret_release) struct secret key = SECRET_INIT, ca_pem = SECRET_INIT;
	_cleanup_x509_ X509 *cert = NULL, *ca = NULL;
	_cleanup_(freep) char *pem = NULL;
	char text[64];
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(secrets_client_cert(dir, "kubernetes-admin", "system:masters", 365, &pem, &key,
				      &err),
		  &err);
	assert_ok(cert_from_pem(pem, &cert, &err), &err);
	assert_ok(secrets_pki_read(dir, "ca.crt", &ca_pem, &err), &err);
	assert_ok(cert_from_pem(secret_reveal(&ca_pem), &ca, &err), &err);
	assert_int_equal(X509_verify(cert, X509_get0_pubkey(ca)), 1);
	X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_organizationName, text,
				  sizeof(text));
	assert_string_equal(text, "system:masters");
}

static void without_init_the_fix_is_named(void **state)
{
	_cleanup_(secret_release) struct secret s = SECRET_INIT;
	struct err err = ERR_INIT;

	(void)state;
	assert_fails(secrets_k3s_token("/nonexistent", &s, &err), &err, ERR_NOT_FOUND,
		     "provision init");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_directory_is_closed_to_others),
		cmocka_unit_test(init_again_replaces_nothing),
		cmocka_unit_test(the_public_half_follows_restored_keys),
		cmocka_unit_test(keys_in_a_directory_open_to_others_are_not_taken),
		cmocka_unit_test(every_pki_file_is_there),
		cmocka_unit_test(the_leaf_is_for_its_address_and_by_the_ca),
		cmocka_unit_test(a_manifest_signature_verifies),
		cmocka_unit_test(the_spki_hash_is_kubeadms),
		cmocka_unit_test(a_client_certificate_names_its_group),
		cmocka_unit_test(without_init_the_fix_is_named),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
