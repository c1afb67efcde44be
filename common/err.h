/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a function tells that it failed: `int f(..., struct err *err)` returns 0, or -1 with *err
 * set. On success err is untouched. One error is one sentence; err_wrap puts the place in front of
 * it on the way up, so the operator reads a single line.
 */
#ifndef PROVISION_ERR_H
#define PROVISION_ERR_H

#include "base.h"

enum err_kind {
	ERR_NONE = 0,
	ERR_USAGE,    /* the command line or an API call is off */
	ERR_CONFIG,   /* a file the operator wrote is wrong */
	ERR_REFUSED,  /* the system could and would not; the message names what permits it */
	ERR_VERIFY,   /* a digest, signature or certificate does not match */
	ERR_IO,       /* a file or a disk */
	ERR_NETWORK,  /* no connection, a time-out, a stalled transfer */
	ERR_PROTOCOL, /* the other side said what it must not say */
	ERR_BUSY,     /* try again later: somebody else holds it */
	ERR_NOT_FOUND,
	ERR_INTERNAL,
	ERR_KIND_MAX
};

struct err {
	enum err_kind kind;
	int errnum; /* errno of the cause, or 0 */
	char *text; /* one sentence, owned; NULL while kind is ERR_NONE */
};

#define ERR_INIT ((struct err){ERR_NONE, 0, NULL})

/* Sets *err (freeing what it held) and returns -1, so that `return err_set(...)` is the idiom. */
int err_set(struct err *err, enum err_kind kind, const char *fmt, ...) _printf_(3, 4)
	__attribute__((nonnull(1, 3)));
/* The same, with ": strerror(errnum)" at the end; errnum is positive. */
int err_errno(struct err *err, enum err_kind kind, int errnum, const char *fmt, ...) _printf_(4, 5)
	__attribute__((nonnull(1, 4)));
/* Puts "prefix: " before the sentence; returns -1. *err must be set. */
int err_wrap(struct err *err, const char *fmt, ...) _printf_(2, 3) __attribute__((nonnull(1, 2)));
/* Moves src into dst; src is empty then. */
void err_move(struct err *dst, struct err *src) _nonnull_;
/* The sentence; "" when nothing is set. Owned by err. */
const char *err_text(const struct err *err) _nonnull_;
void err_release(struct err *err) _nonnull_;

/* "refused", "config", ...: the word used in JSON. */
const char *err_kind_name(enum err_kind kind);
/* ERR_INTERNAL for an unknown word. */
enum err_kind err_kind_parse(const char *name) _nonnull_;
/* The exit status a program ends with for this kind (usage 2, config 3, refused 4, ...). */
int err_exit_code(enum err_kind kind);
/* The HTTP status that answers a request which failed with this kind. */
unsigned int err_http_status(enum err_kind kind);

#endif
