/* SPDX-License-Identifier: Apache-2.0 */
/* Small values from text: numbers, sizes, durations, names. No locale, no errno, nothing trailing.
 */
#ifndef PROVISION_PARSE_H
#define PROVISION_PARSE_H

#include "err.h"

/* The decimal digits at *at, which moves past them. False, and nothing is changed, when there are
 * none or the number passes max. */
bool parse_digits(const char **at, uint64_t max, uint64_t *ret) _must_check_ _nonnull_;
/* Decimal, no sign, 0..max. */
int parse_u64(const char *text, uint64_t max, uint64_t *ret,
	      struct err *err) _must_check_ _nonnull_;
/* "500G", "2T", "512MiB": bytes. K M G T P are powers of 1000 as disks are sold; KiB.. powers of
 * 1024. */
int parse_size(const char *text, uint64_t *ret_bytes, struct err *err) _must_check_ _nonnull_;
/* "90s", "15m", "12h", "7d": seconds. */
int parse_duration(const char *text, uint32_t *ret_seconds, struct err *err) _must_check_ _nonnull_;
/* RFC 1123 label: lower case letters, digits, '-', not first or last; at most LIMIT_NAME. */
int parse_name(const char *text, struct err *err) _must_check_ _nonnull_;
/* Even number of hex digits to n bytes exactly. */
int parse_hex(const char *text, uint8_t *ret, size_t n, struct err *err) _must_check_ _nonnull_;
/* 2 * n digits and NUL into text; returns text. */
const char *format_hex(const uint8_t *p, size_t n, char *text) _nonnull_;
/* "1.5 TB" in powers of 1000. Caller frees. */
char *format_size(uint64_t bytes);
/* "3m 20s". Caller frees. */
char *format_duration(uint64_t seconds);
/* The entry of names[0..n) nearest to word by edit distance, NULL when none is near (distance > 2
 * and > a third of the word). Entries may be NULL. Not owned by the caller. */
const char *nearest_name(const char *word, const char *const *names, size_t n) _nonnull_;
/* What came from the wire, fit for a terminal or a log: bytes outside [A-Za-z0-9._:-] and space as
 * \xNN. Caller frees. */
char *printable(const char *s, size_t n) _nonnull_;
/* What an operator wrote, or a message of ours, for a terminal: bytes outside of ASCII's visible
 * characters and space as \xNN. Caller frees. */
char *printable_text(const char *s, size_t n) _nonnull_;

#endif
