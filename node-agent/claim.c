/* SPDX-License-Identifier: Apache-2.0 */
#include "claim.h"

#include "limits.h"

static const char *const states[CLAIM_STATE_MAX] = {
	[CLAIM_CLAIMED] = "claimed",
	[CLAIM_WRITTEN] = "written",
	[CLAIM_DONE] = "done",
};

/* Asked again after this long when the answer does not say. */
#define RETRY_S      5
#define RETRY_MOST_S 300

json_t *claim_request(const struct machine *m, const struct disk_list *disks, const char *nonce,
		      bool installed)
{
	json_t *j = json_object(), *macs = json_array();

	for (size_t i = 0; i < m->cards.n; i++) {
		char text[MAC_TEXT_SIZE];

		json_array_append_new(macs, json_string(mac_format(&m->cards.d[i].mac, text)));
	}
	json_object_set_new(j, "macs", macs);
	jsonx_put_string(j, "uuid", m->uuid);
	jsonx_put_string(j, "serial", m->serial);
	jsonx_put_string(j, "arch", arch_name(m->arch));
	jsonx_put_string(j, "firmware", m->uefi ? "uefi" : "bios");
	jsonx_put_string(j, "nonce", nonce);
	jsonx_put_string(j, "boot", installed ? "installed" : "netboot");
	json_object_set_new(j, "disks", disk_list_to_json(disks));
	return j;
}

static int parse_wait(const json_t *reply, struct claim_answer *a, struct err *err)
{
	struct jsonx_reader r;
	uint64_t retry = RETRY_S;

	jsonx_begin(&r, reply, "$", err);
	jsonx_string(&r, "wait", &a->wait);
	jsonx_opt_string(&r, "code", &a->code);
	jsonx_opt_u64(&r, "retryAfter", RETRY_MOST_S, &retry);
	if (jsonx_done_lenient(&r) < 0)
		return -1;
	a->retry_s = retry ? (unsigned int)retry : 1;
	return 0;
}

static int parse_plan(const json_t *plan, const char *id, struct claim_answer *a, struct err *err)
{
	char own[SHA256_TEXT_SIZE];

	if (sha256_parse(id, &a->plan_id, err) < 0)
		return err_wrap(err, "$.planId");
	if (plan_from_json(plan, &a->plan, err) < 0)
		return err_wrap(err, "the plan");
	if (!a->plan->resolved || a->plan->n_macs == 0)
		return err_set(err, ERR_PROTOCOL, "the plan is not resolved to disks");
	a->plan_id = plan_id(a->plan);
	if (!streq(sha256_format(&a->plan_id, own), id))
		return err_set(
			err, ERR_PROTOCOL,
			"the plan does not have the digest that came with it; agent and "
			"provisioner are of different versions: run `provision assets build`");
	return 0;
}

static int parse_answer(const json_t *reply, struct claim_answer *a, struct err *err)
{
	_cleanup_(freep) char *id = NULL;
	const json_t *plan, *done;
	struct jsonx_reader r;
	int state = CLAIM_CLAIMED;

	jsonx_begin(&r, reply, "$", err);
	plan = jsonx_object(&r, "plan");
	jsonx_string(&r, "planId", &id);
	jsonx_enum(&r, "state", states, CLAIM_STATE_MAX, &state);
	done = jsonx_opt_array(&r, "done", PHASE_MAX);
	a->next_seq = 1;
	jsonx_opt_u64(&r, "nextSeq", INT64_MAX, &a->next_seq);
	if (jsonx_done_lenient(&r) < 0)
		return -1;
	a->state = (enum claim_state)state;
	if (resume_from_json(done, &a->resume, err) < 0)
		return -1;
	return parse_plan(plan, id, a, err);
}

int claim_parse(long status, const json_t *reply, struct claim_answer *ret, struct err *err)
{
	struct claim_answer a = {.state = CLAIM_INVALID};
	int r;

	r = status == 202 ? parse_wait(reply, &a, err) : parse_answer(reply, &a, err);
	if (r < 0) {
		claim_answer_release(&a);
		return err_wrap(err, "the answer to the claim");
	}
	*ret = a;
	return 0;
}

int claim_send(struct api *api, const json_t *request, struct claim_answer *ret, struct err *err)
{
	_cleanup_json_ json_t *reply = NULL;
	long status;

	if (api_post(api, "/v1/claim", request, LIMIT_PLAN_BYTES, &status, &reply, err) < 0)
		return -1;
	return claim_parse(status, reply, ret, err);
}

void claim_answer_release(struct claim_answer *a)
{
	free(a->wait);
	free(a->code);
	plan_free(a->plan);
	*a = (struct claim_answer){.state = CLAIM_INVALID};
}
