/* SPDX-License-Identifier: Apache-2.0 */
/* What a node tells while it is being installed; the only input of status. */
#ifndef PROVISION_EVENT_H
#define PROVISION_EVENT_H

#include "mac.h"
#include "phase_name.h"
#include "jsonx.h"
#include "sha256.h"

enum event_state {
	EVENT_INVALID = -1,
	EVENT_STARTED,
	EVENT_PROGRESS, /* percent says how far */
	EVENT_WAITING,  /* something else has to come first, and it goes on by itself then: an
			 * operator's word, another node, the network; the message says what */
	EVENT_DONE,
	EVENT_FAILED, /* the message says why, and whether it is tried again or held */
	EVENT_NOTE, /* worth a line in the record, changes no state (a claim by a new key, an alarm)
		     */
	EVENT_STATE_MAX
};

/* Unique by (mac, plan_id, seq): sending it twice is harmless. */
struct event {
	char *node;            /* name; owned */
	struct mac mac;        /* the MAC that the plan names first */
	struct sha256 plan_id; /* all zero for what happens outside an installation */
	uint64_t seq;          /* 1, 2, ... per (mac, plan_id) */
	enum phase_name phase; /* PHASE_INVALID for a note outside a phase */
	enum event_state state;
	uint8_t percent;     /* 0..100 of this phase */
	char *message;       /* printable, at most LIMIT_MESSAGE bytes; owned, may be NULL */
	int64_t time_ms;     /* the node's clock, Unix time in ms */
	int64_t received_ms; /* the daemon's receipt stamp; 0 on the node */
	int64_t id;          /* the store's row, ascending over all nodes; 0 on the node */
};

const char *event_state_name(enum event_state s);
enum event_state event_state_parse(const char *word) _nonnull_;
/* {"node","mac","planId","seq","phase","state","percent","message","time"(,"received","id")} */
json_t *event_to_json(const struct event *e) _nonnull_;
/* Strict; the message is cut to LIMIT_MESSAGE. Release *ret_event with event_release. */
int event_from_json(const json_t *j, const char *path, struct event *ret_event,
		    struct err *err) _must_check_ _nonnull_;
/* What may be stored of a message, in place: at most LIMIT_MESSAGE bytes, not cut within a UTF-8
 * sequence; control characters as '?'. */
void event_tidy_message(char *s) _nonnull_;
void event_release(struct event *e) _nonnull_;

#endif
