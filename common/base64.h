/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 (RFC 4648 section 4), padded, as keys and certificates travel in JSON and headers. */
#ifndef PROVISION_BASE64_H
#define PROVISION_BASE64_H

#include "err.h"

/* Caller frees; wipe it when p was a secret. */
char *base64_encode(const void *p, size_t n);
/* White space between the characters is passed over. The result is NUL-terminated past its length.
 * Caller frees. */
int base64_decode(const char *text, uint8_t **ret, size_t *ret_len,
		  struct err *err) _must_check_ _nonnull_;
/* Exactly n bytes, strict. */
int base64_decode_exact(const char *text, uint8_t *ret, size_t n,
			struct err *err) _must_check_ _nonnull_;

#endif
