/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who sent a request: ed25519 (RFC 8032) over "METHOD\nPATH\nTIME\nHEX", where HEX is the sha256 of
 * the body, by the key that the install made for itself.
 */
#ifndef PROVISION_REQUEST_SIGN_H
#define PROVISION_REQUEST_SIGN_H

#include "secrets.h"

/* How far a machine's clock may be off ours, in ms: it was set from the boot script. */
#define REQUEST_CLOCK_TOLERANCE_MS (10 * 60 * 1000)

struct signed_request {
	const char *method, *path;
	const char *key, *time, *signature; /* the headers Provision-*; NULL when absent */
	const void *body;
	size_t body_len;
};

/* ret_key: the sender's. ERR_VERIFY says which header is missing or wrong. */
int request_verify(const struct signed_request *r, int64_t now_ms,
		   uint8_t ret_key[ED25519_KEY_SIZE], struct err *err) _must_check_ _nonnull_;

#endif
