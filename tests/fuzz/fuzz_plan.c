/* SPDX-License-Identifier: Apache-2.0 */
/* The plan document: whatever is taken is written and read again as the same. */
#include "plan.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(plan_freep) struct plan *p = NULL, *again = NULL;
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_json_ json_t *j = NULL, *back = NULL;
	struct sha256 a, b;

	if (jsonx_parse((const char *)data, size, "the plan", &j, &err) < 0 ||
	    plan_from_json(j, &p, &err) < 0)
		return 0;
	back = plan_to_json(p);
	if (plan_from_json(back, &again, &err) < 0)
		abort();
	a = plan_id(p);
	b = plan_id(again);
	if (!sha256_equal(&a, &b))
		abort();
	return 0;
}
