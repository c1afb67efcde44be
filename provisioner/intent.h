/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An intent: somebody asked for one installation of one node. Nothing is installed without one.
 *
 *   open -> claimed -> written -> done, or cancelled, or expired (7 days after it was opened)
 */
#ifndef PROVISION_INTENT_H
#define PROVISION_INTENT_H

#include "jsonx.h"
#include "mac.h"
#include "secrets.h"

enum intent_state {
	INTENT_INVALID = -1,
	INTENT_OPEN,      /* waits for the machine */
	INTENT_CLAIMED,   /* a machine has the frozen plan and installs */
	INTENT_WRITTEN,   /* the disks are written; netboots go to the disk from here on */
	INTENT_DONE,      /* Ready was reported */
	INTENT_CANCELLED, /* by a person, or by a later intent */
	INTENT_EXPIRED,
	INTENT_STATE_MAX
};

enum intent_kind { INTENT_KIND_INVALID = -1, INTENT_INSTALL, INTENT_REINSTALL, INTENT_KIND_MAX };

/* What tells one machine from another, as it said at its claim. */
struct hardware {
	char *uuid, *serial; /* SMBIOS; "" when it has none */
	struct strv disks;   /* disk ids, sorted */
};

struct intent {
	int64_t id; /* the store's; 0 before it is stored */
	char *node;
	struct mac mac; /* the record's first MAC when the intent was opened */
	enum intent_kind kind;
	enum intent_state state;
	/* Unix time in ms; 0: has not happened */
	int64_t created_ms, expires_ms, claimed_ms, written_ms, done_ms;
	struct strv consents; /* serials that may be erased, for this intent only */
	bool confirm;         /* a key gets the plan only after an operator told its code back */
	struct strv
		codes;  /* "1234-5678": shown under confirm, the first LIMIT_CODES different ones */
	char *approved; /* the code that was told back last, or NULL */
	bool has_key;
	/* of the claim; signs everything after it. Of a machine in memory: the digest of the word
	 * that it shows with everything after it */
	uint8_t key[ED25519_KEY_SIZE];
	/* while it is open: as told last, with every disk */
	struct hardware hardware;
	struct sha256 plan_id; /* zero while there is no plan */
	struct sha256 basis;   /* of the plan before the disks were resolved: tells drift */
	char *plan;            /* canonical JSON of the frozen plan, or NULL */
	bool control_plane;    /* of the plan: its Ready makes the cluster */
	bool makes_cluster;    /* it is a control plane that makes the cluster */
	bool secret_out;       /* a join secret was handed to the key: it may not change any more */
	bool in_memory; /* of the plan: the machine claims it again at each boot, with a new word */
	char *token_id; /* public half of the last bootstrap token, or NULL */
};

const char *intent_state_name(enum intent_state s);
enum intent_state intent_state_parse(const char *word) _nonnull_;
const char *intent_kind_name(enum intent_kind k);
enum intent_kind intent_kind_parse(const char *word) _nonnull_;

/* Neither done, cancelled, expired, nor past its time while still open. */
bool intent_is_live(const struct intent *in, int64_t now_ms) _nonnull_;
/* The machine that netboots now gets the installer: open or claimed, and live. */
bool intent_installs(const struct intent *in, int64_t now_ms) _nonnull_;
/* Of a machine in memory that was Ready with it: it holds at every boot from then on, claimed anew
 * or not, until a newer one is claimed or the node is removed. */
bool intent_stands(const struct intent *in) _nonnull_;
/* Ready was reported since the last claim. */
bool intent_is_ready(const struct intent *in) _nonnull_;
/* Same UUID, serial and disks. Empty UUID and serial on either side match nothing by themselves:
 * then the disks have to be the same and at least one. */
bool hardware_equal(const struct hardware *a, const struct hardware *b) _nonnull_;

json_t *hardware_to_json(const struct hardware *h) _nonnull_;
int hardware_from_json(const json_t *j, const char *path, struct hardware *ret,
		       struct err *err) _must_check_ _nonnull_;
void hardware_release(struct hardware *h) _nonnull_;
void intent_release(struct intent *in) _nonnull_;

#endif
