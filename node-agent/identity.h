/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ed25519 key of one installation (RFC 8032): made at the first claim, it signs every later
 * request of that installation, and moves onto the new disk with it.
 */
#ifndef PROVISION_IDENTITY_H
#define PROVISION_IDENTITY_H

#include "err.h"

struct identity; /* heap */

/* A fresh key. */
struct identity *identity_new(void);
struct identity *identity_free(struct identity *id);
static inline void identity_freep(struct identity **id)
{
	identity_free(*id);
}

/* Reads a PKCS#8 PEM file; ERR_NOT_FOUND when there is none, ERR_VERIFY when it is no ed25519 key.
 */
int identity_load(int dirfd, const char *path, struct identity **ret,
		  struct err *err) _must_check_ _nonnull_;
/* Writes it with mode 0600, durable. */
int identity_save(const struct identity *id, int dirfd, const char *path,
		  struct err *err) _must_check_ _nonnull_;
/* Base64 of the 32 bytes of the public key. Caller frees. */
char *identity_public(const struct identity *id) _nonnull_;
/*
 * The three headers of a signed request ("Provision-Key: ...", "Provision-Time: ...",
 * "Provision-Signature: ..."): the signature is over "METHOD\nPATH\nTIME\nHEX", HEX the sha256 of
 * the body. time_ms is Unix time in ms.
 */
void identity_sign(const struct identity *id, const char *method, const char *path, int64_t time_ms,
		   const void *body, size_t len, struct strv *ret_headers)
	__attribute__((nonnull(1, 2, 3, 7)));

#endif
