/* SPDX-License-Identifier: Apache-2.0 */
/* Any JSON as the provisioner's answers to the agent: a claim, and the secrets of a join. */
#include "claim.h"
#include "kube_secrets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_claim(const json_t *j, long status)
{
	struct claim_answer a;
	struct err err = ERR_INIT;

	if (claim_parse(status, j, &a, &err) < 0) {
		err_release(&err);
		return;
	}
	if (!a.wait && !a.plan)
		BUG("an answer that says nothing");
	claim_answer_release(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_json_ json_t *j = NULL;
	struct kube_secrets secrets;
	struct err err = ERR_INIT;

	if (jsonx_parse((const char *)data, size, "answer", &j, &err) < 0) {
		err_release(&err);
		return 0;
	}
	as_claim(j, 200);
	as_claim(j, 202);
	if (kube_secrets_from_json(j, &secrets, &err) < 0)
		err_release(&err);
	else
		kube_secrets_release(&secrets);
	return 0;
}
