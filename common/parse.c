/* SPDX-License-Identifier: Apache-2.0 */
#include "parse.h"

#include "buf.h"
#include "limits.h"

#include <stdio.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool parse_digits(const char **at, uint64_t max, uint64_t *ret)
{
	const char *p = *at;
	uint64_t n = 0;

	if (!is_digit(*p))
		return false;
	for (; is_digit(*p); p++) {
		unsigned int d = (unsigned int)(*p - '0');

		if (d > max || n > (max - d) / 10)
			return false;
		n = n * 10 + d;
	}
	*at = p;
	*ret = n;
	return true;
}

int parse_u64(const char *text, uint64_t max, uint64_t *ret, struct err *err)
{
	const char *p = text;
	uint64_t n = 0;

	if (!parse_digits(&p, max, &n) || *p)
		return err_set(err, ERR_USAGE, "\"%.40s\" is no whole number from 0 to %ju", text,
			       (uintmax_t)max);
	*ret = n;
	return 0;
}

struct unit {
	const char *word;
	uint64_t factor;
};

static const struct unit *find_unit(const struct unit *units, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++)
		if (streq(units[i].word, word))
			return &units[i];
	return NULL;
}

int parse_size(const char *text, uint64_t *ret_bytes, struct err *err)
{
	static const struct unit units[] = {
		{"", 1},
		{"B", 1},
		{"K", 1000},
		{"M", 1000000},
		{"G", 1000000000},
		{"T", 1000000000000},
		{"P", 1000000000000000},
		{"KB", 1000},
		{"MB", 1000000},
		{"GB", 1000000000},
		{"TB", 1000000000000},
		{"PB", 1000000000000000},
		{"KiB", 1ull << 10},
		{"MiB", 1ull << 20},
		{"GiB", 1ull << 30},
		{"TiB", 1ull << 40},
		{"PiB", 1ull << 50},
	};
	const struct unit *unit;
	const char *p = text;
	uint64_t n = 0;

	if (!parse_digits(&p, INT64_MAX, &n) || !(unit = find_unit(units, ARRAY_SIZE(units), p)) ||
	    n > INT64_MAX / unit->factor)
		return err_set(err, ERR_USAGE,
			       "\"%.40s\" is no size; write it like 500G, 2T or 512MiB", text);
	*ret_bytes = n * unit->factor;
	return 0;
}

int parse_duration(const char *text, uint32_t *ret_seconds, struct err *err)
{
	static const struct unit units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	const struct unit *unit;
	const char *p = text;
	uint64_t n = 0;

	if (!parse_digits(&p, UINT32_MAX, &n) || !(unit = find_unit(units, ARRAY_SIZE(units), p)) ||
	    n > UINT32_MAX / unit->factor)
		return err_set(err, ERR_USAGE,
			       "\"%.40s\" is no duration; write it like 90s, 15m, 12h or 7d", text);
	*ret_seconds = (uint32_t)(n * unit->factor);
	return 0;
}

int parse_name(const char *text, struct err *err)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
	size_t len = strlen(text);

	if (len == 0 || len > LIMIT_NAME || strspn(text, letters) != len || text[0] == '-' ||
	    text[len - 1] == '-')
		return err_set(err, ERR_USAGE,
			       "\"%.80s\" is no name; use 1 to %d of a-z, 0-9 and '-', not '-' at "
			       "either end",
			       text, LIMIT_NAME);
	return 0;
}

static int hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int parse_hex(const char *text, uint8_t *ret, size_t n, struct err *err)
{
	bool good = strlen(text) == 2 * n;

	/* all of it is looked at before the first byte is written */
	for (size_t i = 0; good && i < 2 * n; i++)
		good = hex_digit(text[i]) >= 0;
	if (!good)
		return err_set(err, ERR_USAGE, "\"%.80s\" is not %zu hexadecimal digits", text,
			       2 * n);
	for (size_t i = 0; i < n; i++)
		ret[i] = (uint8_t)((unsigned int)hex_digit(text[2 * i]) << 4 |
				   (unsigned int)hex_digit(text[2 * i + 1]));
	return 0;
}

const char *format_hex(const uint8_t *p, size_t n, char *text)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		text[2 * i] = digits[p[i] >> 4];
		text[2 * i + 1] = digits[p[i] & 15];
	}
	text[2 * n] = '\0';
	return text;
}

char *format_size(uint64_t bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	uint64_t tenths = bytes;
	size_t u = 1;

	if (bytes < 1000)
		return xasprintf("%ju B", (uintmax_t)bytes);
	/* keeps one decimal: 10 * bytes would overflow for the largest */
	while (tenths >= 1000000 && u + 1 < ARRAY_SIZE(units)) {
		tenths /= 1000;
		u++;
	}
	tenths = (tenths + 50) / 100;
	return xasprintf("%ju.%ju %s", (uintmax_t)(tenths / 10), (uintmax_t)(tenths % 10),
			 units[u]);
}

char *format_duration(uint64_t seconds)
{
	uint64_t d = seconds / 86400, h = seconds / 3600 % 24, m = seconds / 60 % 60,
		 s = seconds % 60;

	if (d)
		return xasprintf("%jud %juh", (uintmax_t)d, (uintmax_t)h);
	if (h)
		return xasprintf("%juh %jum", (uintmax_t)h, (uintmax_t)m);
	if (m)
		return xasprintf("%jum %jus", (uintmax_t)m, (uintmax_t)s);
	return xasprintf("%jus", (uintmax_t)s);
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein's distance with two swapped neighbours counted as one edit. */
static size_t edit_distance(const char *a, size_t la, const char *b, size_t lb)
{
	size_t rows[3][LIMIT_NAME + 2];
	size_t *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= lb; j++)
		last[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t *spare;

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			row[j] = min3(last[j] + 1, row[j - 1] + 1,
				      last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[lb];
}

const char *nearest_name(const char *word, const char *const *names, size_t n)
{
	size_t len = strlen(word), best_distance = SIZE_MAX;
	const char *best = NULL;

	if (len > LIMIT_NAME)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		size_t d, len_name;

		if (!names[i] || (len_name = strlen(names[i])) > LIMIT_NAME)
			continue;
		d = edit_distance(word, len, names[i], len_name);
		if (d < best_distance && d < len && (d <= 2 || d <= len / 3)) {
			best = names[i];
			best_distance = d;
		}
	}
	return best;
}

static bool is_visible(char c)
{
	return c >= ' ' && c <= '~';
}

static bool is_plain(char c)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:- ";

	return c && strchr(plain, c);
}

static char *escape_all_but(bool (*stays)(char c), const char *s, size_t n)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < n; i++) {
		if (stays(s[i]))
			buf_addc(&b, s[i]);
		else
			buf_addf(&b, "\\x%02x", (unsigned char)s[i]);
	}
	return buf_take(&b);
}

char *printable(const char *s, size_t n)
{
	return escape_all_but(is_plain, s, n);
}

char *printable_text(const char *s, size_t n)
{
	return escape_all_but(is_visible, s, n);
}
