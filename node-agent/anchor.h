/* SPDX-License-Identifier: Apache-2.0 */
/* The provisioner's CA: fetched over plain HTTP, believed because its digest came with the kernel.
 */
#ifndef PROVISION_ANCHOR_H
#define PROVISION_ANCHOR_H

#include "sha256.h"

/* The first certificate of a PEM text must have this sha256 of its DER: ERR_VERIFY otherwise.
 * *ret_pem becomes that certificate alone, as PEM; caller frees. */
int anchor_check(const char *pem, size_t len, const struct sha256 *want, char **ret_pem,
		 struct err *err) _must_check_ _nonnull_;
/* GET base/ca.crt and anchor_check. base: "http://10.0.0.1:8080". */
int anchor_fetch(const char *base, const struct sha256 *want, char **ret_pem,
		 struct err *err) _must_check_ _nonnull_;

#endif
