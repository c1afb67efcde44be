/* SPDX-License-Identifier: Apache-2.0 */
#include "http/range.h"

#include <string.h>

#include "limits.h"
#include "parse.h"

enum range_verdict range_parse(const char *header, uint64_t size, uint64_t *ret_offset,
			       uint64_t *ret_length)
{
	uint64_t first = 0, last = 0;
	const char *p = header;

	if (!p || !startswith(p, "bytes="))
		return RANGE_WHOLE;
	p += strlen("bytes=");
	if (*p == '-') {
		/* the last n bytes */
		p++;
		if (!parse_digits(&p, UINT64_MAX, &last) || *p)
			return RANGE_WHOLE;
		if (last == 0 || size == 0)
			return RANGE_UNSATISFIABLE;
		*ret_length = last < size ? last : size;
		*ret_offset = size - *ret_length;
		return RANGE_PART;
	}
	if (!parse_digits(&p, UINT64_MAX, &first) || *p++ != '-')
		return RANGE_WHOLE;
	if (!*p)
		last = UINT64_MAX;
	else if (!parse_digits(&p, UINT64_MAX, &last) || *p || last < first)
		return RANGE_WHOLE;
	if (first >= size)
		return RANGE_UNSATISFIABLE;
	if (last >= size)
		last = size - 1;
	*ret_offset = first;
	*ret_length = last - first + 1;
	return RANGE_PART;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

size_t url_decode(char *text)
{
	char *out = text;

	for (const char *p = text; *p; p++) {
		int high = *p == '%' ? hex_digit(p[1]) : -1;
		int low = high >= 0 ? hex_digit(p[2]) : -1;

		if (low < 0 || high + low == 0) {
			*out++ = *p;
			continue;
		}
		*out++ = (char)(high << 4 | low);
		p += 2;
	}
	*out = '\0';
	return (size_t)(out - text);
}

bool asset_name_is_fine(const char *name)
{
	bool start = true; /* of a part */

	if (!*name || strlen(name) > LIMIT_URL)
		return false;
	for (const char *p = name; *p; p++) {
		if (start && (*p == '/' || *p == '.'))
			return false;
		if ((unsigned char)*p < 0x20 || *p == 0x7f || *p == '\\')
			return false;
		start = *p == '/';
	}
	return !start;
}

const char *asset_type(const char *name)
{
	static const struct {
		const char *end, *type;
	} types[] = {
		{".json", "application/json"},
		{".yaml", "application/yaml"},
		{".ipxe", "text/plain"},
		{".sig", "text/plain"},
		{".tar", "application/x-tar"},
		{".zst", "application/zstd"},
		{".gz", "application/gzip"},
		{".efi", "application/efi"},
		{".iso", "application/x-cd-image"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (endswith(name, types[i].end))
			return types[i].type;
	return "application/octet-stream";
}
