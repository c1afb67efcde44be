/* SPDX-License-Identifier: Apache-2.0 */
/* "sha256-<hex>" and "sha512-<hex>", Ignition's verification.hash: the digest that a content must
 * have, and the check of it while the content passes. By OpenSSL's EVP. */
#ifndef PROVISION_VERIFICATION_H
#define PROVISION_VERIFICATION_H

#include "err.h"

struct verification; /* a check in progress; heap */

/* ERR_CONFIG when text is none of the two forms. */
int verification_new(const char *text, struct verification **ret,
		     struct err *err) _must_check_ _nonnull_;
struct verification *verification_free(struct verification *v);
void verification_add(struct verification *v, const void *p, size_t n) __attribute__((nonnull(1)));
/* ERR_VERIFY, with both digests, when what was added is not what text says. Once. */
int verification_end(struct verification *v, struct err *err) _must_check_ _nonnull_;

#endif
