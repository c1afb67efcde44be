/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading JSON (jansson) with errors that name the place by JSON path, and the canonical text that
 * digests are taken of: keys sorted, no white space, no trailing newline.
 */
#ifndef PROVISION_JSONX_H
#define PROVISION_JSONX_H

#include "err.h"

#include <jansson.h>

/* json_decrefp is jansson's own. */
#define _cleanup_json_ _cleanup_(json_decrefp)

/* JSON_REJECT_DUPLICATES, one value, nothing after it; `what` names the document in the error.
 * New reference. */
int jsonx_parse(const char *text, size_t len, const char *what, json_t **ret,
		struct err *err) _must_check_ _nonnull_;
/* Canonical text; caller frees. */
char *jsonx_canonical(const json_t *j) _nonnull_;
/* Two-space indent, sorted keys, newline at the end; for people and golden files. Caller frees. */
char *jsonx_pretty(const json_t *j) _nonnull_;

/*
 * A cursor over one object that checks every key: get what is known, then jsonx_done refuses what
 * is left over. After the first error all getters do nothing, so it is asked once, at jsonx_done.
 * Missing required keys and wrong types are ERR_PROTOCOL with the JSON path.
 */
struct jsonx_reader {
	const json_t *object; /* borrowed */
	const char *path;     /* "$.provision.storage"; borrowed */
	struct strv seen;
	struct err *err;
	bool failed;
};

void jsonx_begin(struct jsonx_reader *r, const json_t *object, const char *path,
		 struct err *err) _nonnull_;
/* Required string; ret gets a copy that the caller frees. */
void jsonx_string(struct jsonx_reader *r, const char *key, char **ret) _nonnull_;
/* Optional: ret is left as it is when the key is absent or null. */
void jsonx_opt_string(struct jsonx_reader *r, const char *key, char **ret) _nonnull_;
void jsonx_u64(struct jsonx_reader *r, const char *key, uint64_t max, uint64_t *ret) _nonnull_;
void jsonx_opt_u64(struct jsonx_reader *r, const char *key, uint64_t max, uint64_t *ret) _nonnull_;
void jsonx_opt_bool(struct jsonx_reader *r, const char *key, bool *ret) _nonnull_;
/* A word of names[0..n) to its index; required / optional. */
void jsonx_enum(struct jsonx_reader *r, const char *key, const char *const *names, size_t n,
		int *ret) _nonnull_;
void jsonx_opt_enum(struct jsonx_reader *r, const char *key, const char *const *names, size_t n,
		    int *ret) _nonnull_;
/* Borrowed object / array, NULL when absent (opt) or on error. */
const json_t *jsonx_object(struct jsonx_reader *r, const char *key) _nonnull_;
const json_t *jsonx_opt_object(struct jsonx_reader *r, const char *key) _nonnull_;
/* At most max elements. */
const json_t *jsonx_array(struct jsonx_reader *r, const char *key, size_t max) _nonnull_;
const json_t *jsonx_opt_array(struct jsonx_reader *r, const char *key, size_t max) _nonnull_;
/* An optional array of strings. */
void jsonx_opt_strv(struct jsonx_reader *r, const char *key, size_t max,
		    struct strv *ret) _nonnull_;
/* Sets a failure of the caller's own at this key. */
void jsonx_fail(struct jsonx_reader *r, const char *key, const char *fmt, ...) _printf_(3, 4);
/* 0, or -1 when anything failed or a key of the object was not asked for. Releases the reader. */
int jsonx_done(struct jsonx_reader *r) _must_check_ _nonnull_;
/* Releases without the left-over check, for documents that may grow. */
int jsonx_done_lenient(struct jsonx_reader *r) _must_check_ _nonnull_;

/* json_object_set_new that leaves a NULL string, or an empty list, out; what is no UTF-8 is escaped
 * as printable() does. */
void jsonx_put_string(json_t *object, const char *key, const char *s)
	__attribute__((nonnull(1, 2)));
void jsonx_put_strv(json_t *object, const char *key, const struct strv *sv) _nonnull_;

#endif
