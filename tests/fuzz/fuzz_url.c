/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the URL of an asset and a Range header: nothing leaves the assets, no part leaves
 * the file. */
#include <string.h>

#include "http/range.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(const char *name)
{
	_cleanup_(freep) char *slashed = xasprintf("/%s/", name);

	if (asset_name_is_fine(name) && (strstr(slashed, "/../") || strstr(slashed, "//")))
		BUG("a name that leaves the assets");
}

static void check_range(const char *header, uint64_t size)
{
	uint64_t offset = 0, length = 0;

	if (range_parse(header, size, &offset, &length) == RANGE_PART &&
	    (length == 0 || offset >= size || length > size - offset))
		BUG("a part outside the file");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = xstrndup((const char *)data, size);
	const size_t before = strlen(text);

	check_range(text, 1000);
	check_range(text, UINT64_MAX);
	check_range(text, 0);
	if (url_decode(text) > before)
		BUG("decoding makes nothing longer");
	check_name(text);
	return 0;
}
