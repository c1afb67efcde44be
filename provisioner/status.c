/* SPDX-License-Identifier: Apache-2.0 */
#include "status.h"

static const struct sha256 no_plan;

static const char *const states[STATUS_STATE_MAX] = {
	[STATUS_DECLARED] = "declared",     [STATUS_OPEN] = "open",
	[STATUS_INSTALLING] = "installing", [STATUS_WAITING] = "waiting",
	[STATUS_FAILED] = "failed",         [STATUS_READY] = "ready",
	[STATUS_EXPIRED] = "expired",       [STATUS_CANCELLED] = "cancelled",
};

const char *status_state_name(enum status_state s)
{
	if ((unsigned int)s >= STATUS_STATE_MAX)
		BUG("status out of range");
	return states[s];
}

void status_init(struct node_status *s, const struct node *n)
{
	*s = (struct node_status){
		.name = xstrdup(n->name),
		.declared = true,
		.role = n->role,
		.state = STATUS_DECLARED,
		.phase = PHASE_INVALID,
	};
	if (n->n_macs)
		s->mac = n->macs[0];
}

void status_init_undeclared(struct node_status *s, const struct intent *in)
{
	*s = (struct node_status){
		.name = xstrdup(in->node),
		.mac = in->mac,
		.role = ROLE_INVALID,
		.phase = PHASE_INVALID,
	};
}

void status_release(struct node_status *s)
{
	free(s->name);
	free(s->message);
	*s = (struct node_status){0};
}

static void set_message(struct node_status *s, const char *message)
{
	char *copy = xstrdup(message);

	free(s->message);
	s->message = copy;
}

void status_apply_intent(struct node_status *s, const struct intent *in, int64_t now_ms)
{
	s->has_intent = true;
	s->kind = in->kind;
	s->intent = in->state;
	s->created_ms = in->created_ms;
	s->claimed_ms = in->claimed_ms;
	s->expires_ms = in->expires_ms;
	s->done_ms = in->done_ms;
	s->plan_id = in->plan_id;
	s->since_ms = in->created_ms;
	switch (in->state) {
	case INTENT_OPEN:
		s->state = intent_is_live(in, now_ms) ? STATUS_OPEN : STATUS_EXPIRED;
		break;
	case INTENT_CLAIMED:
	case INTENT_WRITTEN:
		s->state = STATUS_INSTALLING;
		s->phase = PHASE_CLAIM;
		s->since_ms = in->claimed_ms;
		break;
	case INTENT_DONE:
		s->state = STATUS_READY;
		s->phase = PHASE_READY;
		s->since_ms = in->done_ms;
		s->total = 100;
		break;
	case INTENT_EXPIRED:
		s->state = STATUS_EXPIRED;
		s->since_ms = in->expires_ms;
		break;
	case INTENT_CANCELLED:
		s->state = STATUS_CANCELLED;
		break;
	case INTENT_INVALID:
	case INTENT_STATE_MAX:
		BUG("intent state out of range");
	}
}

static unsigned int total_of(const struct node_status *s)
{
	unsigned int sum = 0;

	for (int i = 0; i < PHASE_MAX; i++) {
		if (s->done[i])
			sum += phase_weight((enum phase_name)i) * 100;
		else if (s->phase == (enum phase_name)i)
			sum += phase_weight((enum phase_name)i) * s->percent;
	}
	return sum / 100 > 100 ? 100 : sum / 100;
}

/* What the daemon noted before this is of the past. */
static int64_t claim_since(const struct node_status *s)
{
	switch (s->intent) {
	case INTENT_OPEN:
		return s->created_ms;
	case INTENT_DONE:
		return s->done_ms;
	default:
		return s->claimed_ms;
	}
}

/* The machine asked for its plan and was told to wait: the daemon's own event. Once there is a
 * plan, it is the machine with a new key that waits for its code; one in memory does at each boot.
 */
static void apply_of_claim(struct node_status *s, const struct event *e)
{
	if (s->state == STATUS_DECLARED || s->state == STATUS_EXPIRED ||
	    s->state == STATUS_CANCELLED || e->received_ms < claim_since(s))
		return;
	if (e->state == EVENT_WAITING) {
		s->state = STATUS_WAITING;
		s->phase = PHASE_CLAIM;
		s->since_ms = e->received_ms;
		set_message(s, e->message);
	}
}

static void apply_of_plan(struct node_status *s, const struct event *e)
{
	if (e->state == EVENT_STARTED || e->phase != s->phase) {
		s->since_ms = e->received_ms;
		s->percent = 0;
	}
	s->phase = e->phase;
	switch (e->state) {
	case EVENT_STARTED:
	case EVENT_PROGRESS:
		s->state = STATUS_INSTALLING;
		s->percent = e->percent;
		s->done[e->phase] = false;
		set_message(s, NULL);
		break;
	case EVENT_WAITING:
		s->state = STATUS_WAITING;
		s->since_ms = e->received_ms;
		set_message(s, e->message);
		break;
	case EVENT_FAILED:
		s->state = STATUS_FAILED;
		s->since_ms = e->received_ms;
		set_message(s, e->message);
		break;
	case EVENT_DONE:
		s->state = e->phase == PHASE_READY ? STATUS_READY : STATUS_INSTALLING;
		s->percent = 100;
		s->done[e->phase] = true;
		set_message(s, NULL);
		break;
	default:
		break;
	}
	s->total = s->state == STATUS_READY ? 100 : total_of(s);
}

void status_apply_event(struct node_status *s, const struct event *e)
{
	if (e->state == EVENT_NOTE || e->phase == PHASE_INVALID || !s->has_intent)
		return;
	if (sha256_equal(&e->plan_id, &no_plan))
		apply_of_claim(s, e);
	else if (sha256_equal(&e->plan_id, &s->plan_id) && s->intent != INTENT_CANCELLED &&
		 s->intent != INTENT_DONE)
		apply_of_plan(s, e);
}

json_t *status_to_json(const struct node_status *s)
{
	json_t *j = json_object(), *intent;
	char mac[MAC_TEXT_SIZE];

	jsonx_put_string(j, "name", s->name);
	jsonx_put_string(j, "mac", mac_format(&s->mac, mac));
	if (s->role != ROLE_INVALID)
		jsonx_put_string(j, "role", role_name(s->role));
	jsonx_put_string(j, "state", status_state_name(s->state));
	if (s->phase != PHASE_INVALID)
		jsonx_put_string(j, "phase", phase_name(s->phase));
	json_object_set_new(j, "percent", json_integer(s->percent));
	json_object_set_new(j, "total", json_integer(s->total));
	if (s->since_ms)
		json_object_set_new(j, "since", json_integer(s->since_ms));
	jsonx_put_string(j, "message", s->message);
	json_object_set_new(j, "declared", json_boolean(s->declared));
	json_object_set_new(j, "drift", json_boolean(s->drift));
	if (!s->has_intent)
		return j;
	intent = json_object();
	jsonx_put_string(intent, "kind", intent_kind_name(s->kind));
	jsonx_put_string(intent, "state", intent_state_name(s->intent));
	json_object_set_new(intent, "created", json_integer(s->created_ms));
	if (s->intent == INTENT_OPEN)
		json_object_set_new(intent, "expires", json_integer(s->expires_ms));
	if (!sha256_equal(&s->plan_id, &no_plan)) {
		char id[SHA256_TEXT_SIZE];

		jsonx_put_string(intent, "planId", sha256_format(&s->plan_id, id));
	}
	json_object_set_new(j, "intent", intent);
	return j;
}
