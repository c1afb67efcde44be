/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the body of POST /v1/claim: read, judged, and its names compared. */
#include "claim_policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const struct claim *c)
{
	static const uint8_t key[ED25519_KEY_SIZE];
	char name[] = "web1";
	const struct node n = {.name = name, .arch = ARCH_AMD64};
	struct intent in = {.state = INTENT_CLAIMED};
	struct err err = ERR_INIT;
	enum claim_verdict verdict;

	claim_hardware(c, &in.hardware);
	if (claim_judge(&n, &in, c, key, "", 0, &verdict, &err) < 0)
		err_release(&err);
	hardware_release(&in.hardware);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(claim_release) struct claim c = {0};
	_cleanup_json_ json_t *j = NULL;
	struct err err = ERR_INIT;

	if (jsonx_parse((const char *)data, size, "claim", &j, &err) < 0 ||
	    claim_from_json(j, &c, &err) < 0) {
		err_release(&err);
		return 0;
	}
	judge(&c);
	return 0;
}
