/* SPDX-License-Identifier: Apache-2.0 */
/* Two lines of any bytes as the headers Accept and User-Agent: a version that is served, or a
 * refusal. */
#include "render/ignition_spec.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void choose(const char *accept, const char *agent)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	enum ignition_spec spec = IGNITION_SPEC_INVALID;

	if (ignition_spec_choose(accept, agent, &spec, &err) < 0) {
		if (err.kind != ERR_USAGE)
			BUG("a refusal of another kind");
		return;
	}
	if (ignition_spec_parse(ignition_spec_version(spec)) != spec)
		BUG("a version that is not served");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *accept = xstrndup((const char *)data, size);
	char *agent = strchr(accept, '\n');

	if (agent)
		*agent++ = '\0';
	choose(accept, agent);
	choose(NULL, accept);
	choose(agent, NULL);
	return 0;
}
