/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP/1.1 server (RFC 9112) by libmicrohttpd: a table of routes, each answered by one function
 * from a pool of threads, or in one of its own where it may wait: a thread of the pool serves all
 * the connections that it took. Bounded by LIMIT_HTTP_*: connections, connections of one address,
 * header and body sizes, bodies that are coming in all together (503 beyond); a connection that
 * says nothing for 30 s, or whose body takes longer than a minute, is closed.
 */
#ifndef PROVISION_HTTP_H
#define PROVISION_HTTP_H

#include "blob_cache.h"
#include "ipv4.h"
#include "jsonx.h"
#include "secret.h"

struct MHD_Connection;
struct MHD_Response;

struct http_request {
	struct MHD_Connection *connection; /* for http_query and http_header */
	const char *method;
	const char *path; /* decoded; starts with '/' */
	const char *tail; /* what follows the route's path, when the route is a prefix */
	const char *body; /* NUL-terminated past its length; "" without one */
	size_t body_len;
	struct ipv4 peer;
};

/* Made by one of the http_reply_* functions; a handler returns it, the server frees it. */
struct http_reply {
	unsigned int status;
	struct MHD_Response *response;
};

struct http_route {
	const char *path;
	bool is_prefix;  /* everything below path, which ends with '/' */
	bool post;       /* POST; otherwise GET and HEAD */
	bool waits;      /* POST: the handler may wait for others, so it gets a thread of its own */
	size_t body_max; /* of a POST, in bytes */
	struct http_reply (*handle)(void *ctx, const struct http_request *r);
};

struct http_server;

struct http_options {
	int listen_fd; /* from http_listen; taken over */
	unsigned int threads;
	unsigned int upload_ms;          /* a body must have come within this; 0: a minute */
	const struct http_route *routes; /* borrowed as long as the server lives */
	size_t n_routes;
	void *ctx;
	const char *cert_pem; /* TLS when set; with key_pem */
	const struct secret *key_pem;
};

/* Binds 0.0.0.0:port. ERR_BUSY names the port, and what to do. The caller closes. */
int http_listen(uint16_t port, int *ret_fd, struct err *err) _must_check_ _nonnull_;
int http_start(const struct http_options *o, struct http_server **ret,
	       struct err *err) _must_check_ _nonnull_;
/* Ends the threads, after the requests in progress. NULL-safe; gives NULL. */
struct http_server *http_stop(struct http_server *s);

/* A query argument or a header of the request, decoded; NULL when absent. Borrowed. */
const char *http_query(const struct http_request *r, const char *name) _nonnull_;
/* Every query argument in its order, a value "" where there is none; until on_argument gives false.
 */
void http_query_each(const struct http_request *r,
		     bool (*on_argument)(const char *name, const char *value, void *arg), void *arg)
	__attribute__((nonnull(1, 2)));
const char *http_header(const struct http_request *r, const char *name) _nonnull_;

/* Our own address that the request came to. */
struct ipv4 http_local_address(const struct http_request *r) _nonnull_;

/* Copies len bytes. */
struct http_reply http_reply_copy(unsigned int status, const char *type, const void *data,
				  size_t len);
/* Takes heap memory over. */
struct http_reply http_reply_take(unsigned int status, const char *type, char *data, size_t len);
/* Takes the reference over. */
struct http_reply http_reply_blob(unsigned int status, const char *type, struct blob *b);
/* Takes the reference over. */
struct http_reply http_reply_json(unsigned int status, json_t *j);
/* {"error":{"kind","message"}} with the status of its kind; err is released. */
struct http_reply http_reply_err(struct err *err);
/* size bytes of the file from offset on; the descriptor is taken over. */
struct http_reply http_reply_fd(unsigned int status, const char *type, int fd, uint64_t offset,
				uint64_t size);
void http_reply_header(struct http_reply *reply, const char *name, const char *value) _nonnull_;

#endif
