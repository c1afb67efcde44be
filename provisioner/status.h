/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a node is doing, folded from its record, its newest intent and its events. Pure: no clock,
 * no store. It is never stored.
 */
#ifndef PROVISION_STATUS_H
#define PROVISION_STATUS_H

#include "event.h"
#include "intent.h"
#include "node.h"

enum status_state {
	STATUS_DECLARED,   /* a record, and nobody asked for an installation */
	STATUS_OPEN,       /* waits for the machine to be powered on */
	STATUS_INSTALLING, /* in one of the phases */
	STATUS_WAITING,    /* for what the message says: in the claim, an operator's word */
	STATUS_FAILED,     /* a phase failed; the message is its sentence */
	STATUS_READY,      /* became Ready at since_ms; what came after, only the cluster knows */
	STATUS_EXPIRED,    /* the intent was open for too long */
	STATUS_CANCELLED,  /* the intent was taken back */
	STATUS_STATE_MAX
};

struct node_status {
	char *name;
	struct mac mac;
	bool declared; /* the inventory has a record of it */
	enum node_role role;
	enum status_state state;
	enum phase_name phase; /* PHASE_INVALID before the first */
	unsigned int percent;  /* of the phase */
	unsigned int total;    /* of the whole installation */
	int64_t since_ms;      /* when the state or the phase began, by the daemon's clock; 0 */
	char *message;         /* the last error, or what is waited for; NULL */
	bool has_intent;
	enum intent_kind kind;
	enum intent_state intent;
	int64_t expires_ms;
	int64_t created_ms, claimed_ms, done_ms;
	struct sha256 plan_id;
	bool drift; /* the record was edited since the plan was frozen; set by the caller */
	bool done[PHASE_MAX];
};

const char *status_state_name(enum status_state s);

/* A node of the inventory, before anything is known of it. Release with status_release. */
void status_init(struct node_status *s, const struct node *n) _nonnull_;
/* One that the store knows and the inventory does not. */
void status_init_undeclared(struct node_status *s, const struct intent *in) _nonnull_;
void status_release(struct node_status *s) _nonnull_;
/* The newest intent; before any event. */
void status_apply_intent(struct node_status *s, const struct intent *in, int64_t now_ms) _nonnull_;
/* Events in the order of their ids. Those of another plan are passed over. */
void status_apply_event(struct node_status *s, const struct event *e) _nonnull_;

/* {"name","mac","role","state","phase","percent","total","since","message","declared","drift",
 *  "intent":{"kind","state","expires"}} */
json_t *status_to_json(const struct node_status *s) _nonnull_;

#endif
