/* SPDX-License-Identifier: Apache-2.0 */
/* A growing byte buffer with a ceiling. data is always NUL-terminated past len (when not NULL). */
#ifndef PROVISION_BUF_H
#define PROVISION_BUF_H

#include "base.h"

struct buf {
	char *data;
	size_t len;
	size_t cap;
	size_t max;    /* the ceiling in bytes */
	bool overflow; /* set once an append did not fit; nothing is appended after that */
};

/* An empty buffer that takes at most max bytes. */
void buf_init(struct buf *b, size_t max) _nonnull_;
void buf_release(struct buf *b) _nonnull_;
/* Keeps the memory, forgets the content and the overflow. */
void buf_reset(struct buf *b) _nonnull_;
/* The appends return false, and set overflow, when the ceiling is met; nothing is added then. */
bool buf_add(struct buf *b, const void *p, size_t n);
bool buf_adds(struct buf *b, const char *s) _nonnull_;
bool buf_addc(struct buf *b, char c) _nonnull_;
bool buf_addf(struct buf *b, const char *fmt, ...) _printf_(2, 3);
/* Moves the content out as a string (never NULL); the buffer is empty then. Caller frees. */
char *buf_take(struct buf *b) _nonnull_;

#endif
