/* SPDX-License-Identifier: Apache-2.0 */
/* POST /v1/claim: the machine and its disks for a plan, or for word to wait. */
#ifndef PROVISION_CLAIM_H
#define PROVISION_CLAIM_H

#include "api.h"
#include "disk.h"
#include "machine.h"
#include "plan.h"
#include "resume.h"

enum claim_state { CLAIM_INVALID = -1, CLAIM_CLAIMED, CLAIM_WRITTEN, CLAIM_DONE, CLAIM_STATE_MAX };

struct claim_answer {
	/* Held until an operator acts: */
	char *wait;           /* why, and the command that helps; NULL: here is the plan */
	char *code;           /* to be typed by the operator, or NULL */
	unsigned int retry_s; /* when to ask again */
	/* Otherwise: */
	struct plan *plan;
	struct sha256 plan_id;
	enum claim_state state;
	struct resume resume;
	uint64_t next_seq;
};

/* The request's body, a new reference. nonce may be NULL; installed: from the installed node. */
json_t *claim_request(const struct machine *m, const struct disk_list *disks, const char *nonce,
		      bool installed) __attribute__((nonnull(1, 2)));
/* Reads the answer of this status (200 or 202). A plan that is not resolved, or whose digest is not
 * planId, is ERR_PROTOCOL. Release with claim_answer_release. Pure. */
int claim_parse(long status, const json_t *reply, struct claim_answer *ret,
		struct err *err) _must_check_ _nonnull_;
/* Sends request (borrowed) and reads the answer. */
int claim_send(struct api *api, const json_t *request, struct claim_answer *ret,
	       struct err *err) _must_check_ _nonnull_;
void claim_answer_release(struct claim_answer *a) _nonnull_;

#endif
