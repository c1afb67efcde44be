/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words that every file may use: attributes, ownership helpers, allocation that cannot fail.
 *
 * Every input of the programs is bounded by limits.h, so an allocation that fails means that the
 * machine is out of memory: the x* functions then print one line and abort.
 */
#ifndef PROVISION_BASE_H
#define PROVISION_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define _cleanup_(f)        __attribute__((cleanup(f)))
#define _printf_(fmt, args) __attribute__((format(printf, fmt, args)))
#define _must_check_        __attribute__((warn_unused_result))
#define _nonnull_           __attribute__((nonnull))
#define _noreturn_          __attribute__((noreturn))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Moves a pointer out of a variable, so that its _cleanup_ has nothing left to free. */
#define TAKE_PTR(p)                                                                                \
	({                                                                                         \
		__typeof__(p) taken_ = (p);                                                        \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})

/* The same for file descriptors. */
#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int taken_ = (fd);                                                                 \
		(fd) = -1;                                                                         \
		taken_;                                                                            \
	})

/* For what cannot happen; never for input. Prints file and line, aborts. */
#define BUG(why) bug_at(__FILE__, __LINE__, (why))
_noreturn_ void bug_at(const char *file, int line, const char *why);

_must_check_ void *xmalloc(size_t size);
/* n zeroed elements of `size` bytes; aborts on overflow. */
_must_check_ void *xcalloc(size_t n, size_t size);
/* Grows or shrinks p to n elements of `size` bytes; new bytes are not zeroed. */
_must_check_ void *xrealloc(void *p, size_t n, size_t size);
/* NULL gives NULL. */
_must_check_ char *xstrdup(const char *s);
/* The first n bytes of s (fewer when s ends earlier), NUL-terminated. */
_must_check_ char *xstrndup(const char *s, size_t n);
_must_check_ void *xmemdup(const void *p, size_t n);
_must_check_ char *xasprintf(const char *fmt, ...) _printf_(1, 2);
_must_check_ char *xvasprintf(const char *fmt, va_list ap) _printf_(1, 0);

/* Appends one zeroed element to a heap array `a` of `n` elements and gives its address. */
#define ARRAY_APPEND(a, n)                                                                         \
	({                                                                                         \
		(a) = xrealloc((a), (n) + 1, sizeof(*(a)));                                        \
		__builtin_memset(&(a)[(n)], 0, sizeof(*(a)));                                      \
		&(a)[(n)++];                                                                       \
	})

static inline bool streq(const char *a, const char *b)
{
	return __builtin_strcmp(a, b) == 0;
}

/* strcmp() == 0 where NULL equals only NULL. */
bool streq_null(const char *a, const char *b);
bool startswith(const char *s, const char *prefix);
bool endswith(const char *s, const char *suffix);

/* Handlers for _cleanup_. */
static inline void freep(void *p)
{
	free(*(void **)p);
}

static inline void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* A heap array of strings; n counts them. Initialise with {0}. */
struct strv {
	char **v;
	size_t n;
};

/* Appends a copy of s. */
void strv_add(struct strv *sv, const char *s) _nonnull_;
/* Appends s itself; the list owns it from here on. */
void strv_take(struct strv *sv, char *s) _nonnull_;
bool strv_has(const struct strv *sv, const char *s) _nonnull_;
void strv_copy(struct strv *dst, const struct strv *src) _nonnull_;
/* The texts with `between` in between, "" of an empty list. Caller frees. */
_must_check_ char *strv_join(const struct strv *sv, const char *between) _nonnull_;
/* Frees all and leaves an empty list. */
void strv_release(struct strv *sv) _nonnull_;

#endif
