/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys and certificates of the provisioner and of the cluster it makes, in STATE/secrets (0700):
 *
 *   tls-ca.crt tls-ca.key          the CA (ECDSA P-256) that nodes are told to trust
 *   manifest.key                   ed25519, signs the asset manifest
 *   pki/{ca,etcd/ca,front-proxy-ca}.{crt,key}  pki/sa.{key,pub}   the kubeadm cluster's (RSA 2048)
 *   k3s-token                      the k3s server's token
 *
 * What everybody may know stands in STATE/public (0755): ca.crt and manifest.pub.
 */
#ifndef PROVISION_SECRETS_H
#define PROVISION_SECRETS_H

#include "err.h"
#include "secret.h"
#include "sha256.h"

#define ED25519_KEY_SIZE       32
#define ED25519_SIGNATURE_SIZE 64

/* Makes all of them, or none, when STATE/secrets is not there; what is there is neither replaced
 * nor completed. Then as secrets_check. Needs write access to the state directory, which is made
 * when absent. */
int secrets_init(const char *state_dir, struct err *err) _must_check_ _nonnull_;
/* All keys are there; what is public of them is written anew where it differs. ERR_NOT_FOUND says
 * what to do. */
int secrets_check(const char *state_dir, struct err *err) _must_check_ _nonnull_;
/* The same, but nothing is written. */
int secrets_whole(const char *state_dir, struct err *err) _must_check_ _nonnull_;
/* There is a STATE/secrets; it takes no rights to know. */
bool secrets_exist(const char *state_dir) _must_check_ _nonnull_;
/* STATE/secrets, opened; the caller closes. ERR_NOT_FOUND when it is not there, ERR_REFUSED when it
 * is not the caller's alone (0700). */
int secrets_open(const char *state_dir, struct err *err) _must_check_ _nonnull_;

/* ---- public half, readable without rights ---- */

/* The CA certificate as PEM; caller frees. */
int secrets_ca_pem(const char *state_dir, char **ret_pem, struct err *err) _must_check_ _nonnull_;
/* SHA-256 of a PEM certificate's DER: provision.ca= of the kernel command line. */
int secrets_cert_digest(const char *pem, struct sha256 *ret,
			struct err *err) _must_check_ _nonnull_;
/* The key that verifies the manifest's signature. */
int secrets_manifest_public(const char *state_dir, uint8_t ret_key[ED25519_KEY_SIZE],
			    struct err *err) _must_check_ _nonnull_;
/* 0 when signature is key's over the n bytes at p; ERR_VERIFY otherwise. */
int ed25519_verify(const uint8_t key[ED25519_KEY_SIZE], const void *p, size_t n,
		   const uint8_t signature[ED25519_SIGNATURE_SIZE],
		   struct err *err) _must_check_ _nonnull_;

/* ---- from here on the secrets directory is opened ---- */

/* Signs n bytes (the manifest) with manifest.key. */
int secrets_manifest_sign(const char *state_dir, const void *p, size_t n,
			  uint8_t ret_signature[ED25519_SIGNATURE_SIZE],
			  struct err *err) _must_check_ _nonnull_;
/* A TLS server certificate for these names and addresses (dotted quads become IP entries), signed
 * by the CA, valid from an hour ago for 825 days, with a fresh P-256 key. Caller frees the PEM and
 * releases the key. */
int secrets_tls_leaf(const char *state_dir, const struct strv *names, char **ret_cert_pem,
		     struct secret *ret_key_pem, struct err *err) _must_check_ _nonnull_;

/* One file of the cluster's pki, as kubeadm names it below /etc/kubernetes/pki. */
struct pki_file {
	const char *name; /* "ca.crt", "etcd/ca.key", "sa.pub"... */
	bool secret;      /* a private key: mode 0600, else 0644 */
};
/* The eight files that a control plane needs, in a fixed order. */
extern const struct pki_file pki_files[];
extern const size_t n_pki_files;
/* Reads one of them. */
int secrets_pki_read(const char *state_dir, const char *name, struct secret *ret,
		     struct err *err) _must_check_ _nonnull_;
/* "sha256:<hex>" over the cluster CA's SubjectPublicKeyInfo, as kubeadm's caCertHashes wants it;
 * from a PEM certificate. Caller frees. */
int secrets_spki_hash(const char *cert_pem, char **ret, struct err *err) _must_check_ _nonnull_;
/* A client certificate (RSA 2048) of the cluster's CA: CN and one organisation, days of validity.
 */
int secrets_client_cert(const char *state_dir, const char *cn, const char *organisation,
			unsigned int days, char **ret_cert_pem, struct secret *ret_key_pem,
			struct err *err) _must_check_ _nonnull_;
/* The short k3s token, made at init. */
int secrets_k3s_token(const char *state_dir, struct secret *ret,
		      struct err *err) _must_check_ _nonnull_;

#endif
