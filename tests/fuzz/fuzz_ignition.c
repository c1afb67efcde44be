/* SPDX-License-Identifier: Apache-2.0 */
/* An Ignition config, or a data URL. What the check takes can be merged with itself and is taken
 * again: the types that the stages take for granted are there. */
#include "data_url.h"
#include "ign_merge.h"
#include "ignition_schema.h"

#include <stdlib.h>

static void decode(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *url = xstrndup((const char *)data, size);
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(freep) char *content = NULL;
	size_t len = 0;

	if (data_url_decode(url, &content, &len, &err) == 0 && (len > size || content[len]))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_json_ json_t *config = NULL, *merged = NULL;

	decode(data, size);
	if (jsonx_parse((const char *)data, size, "the config", &config, &err) < 0 ||
	    ignition_check(config, &err) < 0)
		return 0;
	merged = ign_merge(config, config);
	if (ignition_check(merged, &err) < 0)
		abort();
	return 0;
}
