/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The queue of events: numbered when they are added, sent in their order, kept until the
 * provisioner has acknowledged them, over restarts too when a file is named. Nothing here waits
 * but report_flush.
 */
#ifndef PROVISION_REPORT_H
#define PROVISION_REPORT_H

#include "event.h"

/* At most one progress event of a phase in this time. */
#define REPORT_PROGRESS_MS 1000
/* Unacknowledged events. Beyond it progress is left out, and of the others the oldest goes that a
 * later one of the same phase and state says again: what is done, and what happened last, stays. */
#define LIMIT_REPORT_QUEUE 1024

struct report; /* heap */

struct report_options {
	const char *node; /* copied */
	struct mac mac;   /* the plan's first */
	struct sha256 plan_id;
	uint64_t next_seq; /* what the claim's answer said */
	const char *file;  /* where the queue is kept, or NULL; copied */
	/* Delivers a JSON array (borrowed); *ret_acked is the last number that is durable there. */
	int (*post)(void *arg, const json_t *events, uint64_t *ret_acked, struct err *err);
	void *arg;
};

/* What the file holds of the same plan is taken over; of another plan it is forgotten. What cannot
 * be read of it is lost, and a note in the record says so: the provisioner knows what is done. */
struct report *report_new(const struct report_options *o) _nonnull_;
struct report *report_free(struct report *r);
static inline void report_freep(struct report **r)
{
	report_free(*r);
}

/* Queues an event and tries to deliver, unless the last failure was just now. message may be NULL.
 * A progress that comes too soon, or without change, is left out; so is a `waiting` that only says
 * again what the event before it said. One with another reason takes the place of an undelivered
 * one before it. */
void report_add(struct report *r, enum phase_name phase, enum event_state state,
		unsigned int percent, const char *message) __attribute__((nonnull(1)));
/* Tries to deliver when it is due. Never fails: what is not acknowledged stays queued. */
void report_send(struct report *r) _nonnull_;
/* Whether all is acknowledged. */
bool report_empty(const struct report *r) _nonnull_;
/* Milliseconds until the next attempt is due; 0: now. */
int report_due(const struct report *r) _nonnull_;
/* Why the last delivery failed; "" when it did not. Owned by r. */
const char *report_trouble(const struct report *r) _nonnull_;
/* Waits until all is acknowledged, however long that takes. said(arg, text) is called when a
 * delivery fails with a reason that is new. */
void report_flush(struct report *r, void (*said)(void *arg, const char *text), void *arg)
	__attribute__((nonnull(1, 2)));

#endif
