/* SPDX-License-Identifier: Apache-2.0 */
/* One event of a node. */
#include "event.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(event_release) struct event e = {0}, again = {0};
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_json_ json_t *j = NULL, *back = NULL;

	if (jsonx_parse((const char *)data, size, "the event", &j, &err) < 0 ||
	    event_from_json(j, "$", &e, &err) < 0)
		return 0;
	back = event_to_json(&e);
	if (event_from_json(back, "$", &again, &err) < 0)
		abort();
	return 0;
}
