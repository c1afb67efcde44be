/* SPDX-License-Identifier: Apache-2.0 */
/*
 * data: URLs (RFC 2397), base64 (RFC 4648 section 4, padded) or percent-encoded. The media type is
 * held to its grammar and otherwise passed over. Pure.
 */
#ifndef PROVISION_DATA_URL_H
#define PROVISION_DATA_URL_H

#include "err.h"

bool data_url_is(const char *url) _nonnull_;
/* What the URL holds, NUL-terminated past its length; caller frees. A text past LIMIT_DATA_URL and
 * whatever breaks the grammar is ERR_CONFIG; the message never shows the content, which may be a
 * secret. */
int data_url_decode(const char *url, char **ret, size_t *ret_len,
		    struct err *err) _must_check_ _nonnull_;

#endif
