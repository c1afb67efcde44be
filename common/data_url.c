/* SPDX-License-Identifier: Apache-2.0 */
#include "data_url.h"

#include "base64.h"
#include "limits.h"

#include <ctype.h>
#include <string.h>

static const char scheme[] = "data:";

bool data_url_is(const char *url)
{
	return startswith(url, scheme);
}

/* A character of a token (RFC 2045 section 5.1). */
static bool is_token(char c)
{
	return c > ' ' && c < 0x7f && !strchr("()<>@,;:\\\"/[]?=", c);
}

static bool pass_token(const char **at)
{
	const char *start = *at;

	while (is_token(**at))
		(*at)++;
	return *at > start;
}

static bool pass_quoted(const char **at)
{
	const char *p = *at + 1;

	for (; *p && *p != '"'; p++) {
		if (*p == '\\')
			p++;
		if (*p == '\0' || (unsigned char)*p > 0x7f)
			return false;
	}
	*at = *p ? p + 1 : p;
	return *p == '"';
}

/* [type "/" subtype] *(";" attribute "=" value) [";base64"] "," */
static bool pass_head(const char **at, bool *ret_base64)
{
	*ret_base64 = false;
	if (**at != ';' && **at != ',')
		if (!pass_token(at) || *(*at)++ != '/' || !pass_token(at))
			return false;
	while (**at == ';') {
		const char *name = ++*at;

		if (!pass_token(at))
			return false;
		if (**at == ',' && *at - name == 6 && strncmp(name, "base64", 6) == 0) {
			*ret_base64 = true;
			break;
		}
		if (*(*at)++ != '=' || !(**at == '"' ? pass_quoted(at) : pass_token(at)))
			return false;
	}
	return *(*at)++ == ',';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int decode_percent(const char *text, char **ret, size_t *ret_len, struct err *err)
{
	_cleanup_(freep) char *out = xmalloc(strlen(text) + 1);
	size_t n = 0;

	for (const char *p = text; *p; p++) {
		int high, low;

		if (*p <= ' ' || *p >= 0x7f || strchr("<>#\"{}|\\^[]`", *p))
			return err_set(err, ERR_CONFIG,
				       "the data URL has a character at byte %zu of its data that "
				       "has to be written as %%XX",
				       (size_t)(p - text));
		if (*p != '%') {
			out[n++] = *p;
			continue;
		}
		high = hex_digit(p[1]);
		low = high < 0 ? -1 : hex_digit(p[2]);
		if (low < 0)
			return err_set(
				err, ERR_CONFIG,
				"the data URL has a %% without two hex digits at byte %zu of "
				"its data",
				(size_t)(p - text));
		out[n++] = (char)(high << 4 | low);
		p += 2;
	}
	out[n] = '\0';
	*ret = TAKE_PTR(out);
	*ret_len = n;
	return 0;
}

static int decode_base64(const char *text, char **ret, size_t *ret_len, struct err *err)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";
	size_t n = strspn(text, alphabet);
	uint8_t *bytes = NULL;

	/* the decoder passes over white space, and over '=' inside */
	if (text[n + strspn(text + n, "=")] != '\0' ||
	    base64_decode(text, &bytes, ret_len, err) < 0)
		return err_set(err, ERR_CONFIG,
			       "the data URL says base64, and its data is none (RFC 4648, padded)");
	*ret = (char *)bytes;
	return 0;
}

int data_url_decode(const char *url, char **ret, size_t *ret_len, struct err *err)
{
	const char *at = url;
	bool base64 = false;

	if (!data_url_is(url))
		return err_set(err, ERR_CONFIG, "no data URL");
	if (strnlen(url, LIMIT_DATA_URL + 1) > LIMIT_DATA_URL)
		return err_set(err, ERR_CONFIG,
			       "the data URL is longer than %zu bytes; put the file on a server",
			       LIMIT_DATA_URL);
	at += strlen(scheme);
	if (!pass_head(&at, &base64))
		return err_set(err, ERR_CONFIG,
			       "the data URL is not data:[type/subtype][;name=value][;base64],...");
	return base64 ? decode_base64(at, ret, ret_len, err)
		      : decode_percent(at, ret, ret_len, err);
}
