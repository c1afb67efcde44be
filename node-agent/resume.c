/* SPDX-License-Identifier: Apache-2.0 */
#include "resume.h"

int resume_from_json(const json_t *array, struct resume *ret, struct err *err)
{
	struct resume r = {0};
	const json_t *item;
	size_t i;

	json_array_foreach (array, i, item) {
		const char *word = json_string_value(item);
		enum phase_name p = word ? phase_parse(word) : PHASE_INVALID;

		if (p == PHASE_INVALID)
			return err_set(err, ERR_PROTOCOL,
				       "$.done[%zu] is no phase that this agent knows", i);
		r.done[p] = true;
	}
	*ret = r;
	return 0;
}

bool resume_has(const struct resume *r, enum phase_name p)
{
	return r->done[p];
}
