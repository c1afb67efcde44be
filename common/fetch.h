/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP(S) client by libcurl: protocols restricted to http and https, size and stall limits, resume
 * by Range (RFC 9110 section 14), one trust anchor when `ca_pem` is given (nothing else is trusted
 * then).
 */
#ifndef PROVISION_FETCH_H
#define PROVISION_FETCH_H

#include "err.h"
#include "secret.h"

struct fetch; /* a connection that is used again for the next request; heap */

/* ca_pem: the only CA that https trusts (copied), or NULL for the system's. */
struct fetch *fetch_new(const char *ca_pem);
struct fetch *fetch_free(struct fetch *f);
/* Trusts these certificates (PEM, copied; NULL: none) beside the system's. */
void fetch_trust_also(struct fetch *f, const char *ca_pem) __attribute__((nonnull(1)));
/* Shows this client certificate (PEM, with its key) to servers that ask for one; both are copied.
 */
void fetch_set_client(struct fetch *f, const char *cert_pem,
		      const struct secret *key_pem) _nonnull_;

struct fetch_request {
	const char *url;
	const char *method; /* NULL: GET, or POST when body is given */
	const void *body;
	size_t body_len;
	const char *const *headers; /* NULL-terminated "Name: value", or NULL */
	size_t max;                 /* ceiling of the answer's body, in bytes */
	unsigned int stall_s;       /* fail after this long below 1 byte/s; 0: 30 */
	unsigned int answer_s; /* fail when the answer has not begun this long after the request was
				  sent; 0: only stall_s */
	uint64_t total_ms;     /* fail after this long in all; 0: no limit */
	/* The proxy's URL; "" for none, NULL for what the environment says. */
	const char *proxy;
	bool no_redirect; /* a redirect is an answer, with its location */
	uint64_t offset; /* ask for the bytes from here on; an answer that starts elsewhere fails */
	/* Receives the body of a 2xx answer as it comes; return false to stop (ERR_IO "stopped").
	 * Any other status keeps its body (up to 64 KiB) in the answer, as all do when this is
	 * NULL. */
	bool (*on_data)(const void *p, size_t n, void *arg);
	void *arg;
};

struct fetch_answer {
	long status; /* HTTP status */
	char *body;  /* NUL-terminated, never NULL but when on_data took it */
	size_t len;
	uint64_t total; /* size of the whole file as far as the server told (Content-Length or
			   -Range), else 0 */
	char *location; /* with no_redirect: the absolute URL that the answer leads to, or NULL */
};

/* The URL as messages show it: without a user and password, and without its query, where signed
 * URLs and tokens have theirs. Caller frees. */
char *fetch_shown_url(const char *url) _nonnull_;
void fetch_answer_release(struct fetch_answer *a) _nonnull_;
/* Does the request. GET follows up to 5 redirects, never from https to http. A body without a
 * Content-Type header is sent as application/json. A status of 400 and above is an answer, not an
 * error; no connection or a stall is ERR_NETWORK, an answer over max ERR_PROTOCOL (as soon as its
 * length is told), a bad certificate ERR_VERIFY.
 */
int fetch_do(struct fetch *f, const struct fetch_request *req, struct fetch_answer *ret,
	     struct err *err) _must_check_ _nonnull_;

#endif
