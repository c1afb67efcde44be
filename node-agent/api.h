/* SPDX-License-Identifier: Apache-2.0 */
/* Signed JSON requests to the provisioner over HTTPS, with its CA as the only trust. */
#ifndef PROVISION_API_H
#define PROVISION_API_H

#include "identity.h"
#include "jsonx.h"

struct api; /* heap */

/* url: "https://10.0.0.1:8443"; both are copied. id is borrowed. */
struct api *api_new(const char *url, const char *ca_pem, const struct identity *id) _nonnull_;
struct api *api_free(struct api *a);
static inline void api_freep(struct api **a)
{
	api_free(*a);
}

/*
 * POSTs body (borrowed) to path ("/v1/claim"). *ret_status is the HTTP status (2xx) and *ret_reply
 * the parsed answer of at most max bytes, a new reference. A refusal has the kind and the sentence
 * that the provisioner gave; ERR_BUSY (429 and 5xx) and ERR_NETWORK are worth trying again.
 */
int api_post(struct api *a, const char *path, const json_t *body, size_t max, long *ret_status,
	     json_t **ret_reply, struct err *err) _must_check_ _nonnull_;
/* The error that an answer of this status and body means. Sets err, returns -1. Pure. */
int api_refusal(long status, const char *body, size_t len, struct err *err) _nonnull_;

#endif
