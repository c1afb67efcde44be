/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One claim on its way through: which record it is for, whether this boot and this machine may have
 * the plan, and the plan itself, resolved against the machine's disks and frozen. The same for an
 * agent and for a machine in memory.
 */
#ifndef PROVISION_HTTP_TURN_H
#define PROVISION_HTTP_TURN_H

#include "claim_policy.h"
#include "http/web.h"

/* An agent that waits asks again after this. */
#define TURN_RETRY_S 5

struct turn {
	struct web *web;
	const struct http_request *r;
	struct site *site; /* a reference of its own */
	struct claim claim;
	uint8_t key[ED25519_KEY_SIZE];
	char code[CLAIM_CODE_SIZE];
	const struct node *node;
	struct intent intent;
	bool has_intent;
	int64_t now_ms;
	char *wait; /* set: it may not go on yet, and this is why */
	bool show_code;
};

/* Borrows web and r. */
void turn_init(struct turn *t, struct web *web, const struct http_request *r) _nonnull_;
void turn_release(struct turn *t) _nonnull_;
/*
 * With claim and key set: finds the record, checks the boot's nonce, judges the claim and does what
 * follows of it, in one transaction. 0: `wait` is set, or the intent has the frozen plan. A refusal
 * is recorded before it is returned.
 */
int turn_settle(struct turn *t, struct err *err) _must_check_ _nonnull_;

#endif
