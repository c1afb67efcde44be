/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine asks for its plan: what it says of itself, and whether it may have what it asks for.
 * Pure: no store, no clock.
 */
#ifndef PROVISION_CLAIM_POLICY_H
#define PROVISION_CLAIM_POLICY_H

#include "disk.h"
#include "intent.h"
#include "node.h"

struct claim {
	struct mac *macs;
	size_t n_macs;
	char *uuid, *serial; /* "" when the firmware has none */
	enum arch arch;
	char *nonce; /* of the boot, or NULL */
	bool uefi;
	bool installed; /* it asks from the installed system */
	bool in_memory; /* its image runs in memory: it shows a word in place of a key */
	struct disk_list disks;
};

/* Reads the body of POST /v1/claim. Strict. */
int claim_from_json(const json_t *j, struct claim *ret, struct err *err) _must_check_ _nonnull_;
/* The same of POST /v1/live/claim, whose disks are as in lsblk.h:
 * {"macs","uuid","serial","arch","nonce","lsblk","wipefs"}. */
int claim_from_report(const json_t *j, struct claim *ret, struct err *err) _must_check_ _nonnull_;
void claim_release(struct claim *c) _nonnull_;
/* Its names for later comparison. Release with hardware_release. */
void claim_hardware(const struct claim *c, struct hardware *ret) _nonnull_;

/* The same with every disk that has an id, those on USB too: what an operator may name. */
void claim_report(const struct claim *c, struct hardware *ret) _nonnull_;

enum claim_verdict {
	CLAIM_FREEZE, /* the first claim of this intent: resolve the plan and freeze it */
	CLAIM_AGAIN,  /* the same key: the frozen plan */
	/* the same machine after a power cut, or one in memory at its next boot: the frozen plan,
	 * to this key now */
	CLAIM_NEW_KEY,
	CLAIM_ASK_CODE, /* an operator has to compare the code first */
};

/* in: the intent that counts for the node, or NULL. code: claim_code of the key. ERR_NOT_FOUND when
 * nothing is asked for, ERR_REFUSED when somebody else has it; both name the command that helps. */
int claim_judge(const struct node *n, const struct intent *in, const struct claim *c,
		const uint8_t key[ED25519_KEY_SIZE], const char *code, int64_t now_ms,
		enum claim_verdict *ret, struct err *err) _must_check_
	__attribute__((nonnull(1, 3, 4, 5, 7, 8)));

#define CLAIM_CODE_SIZE 10 /* "1234-5678" */
/* The code that the machine with this key shows: from a secret of the daemon, so that nobody can
 * look for a key with a given code. */
const char *claim_code(const uint8_t secret[32], const uint8_t key[ED25519_KEY_SIZE],
		       char text[CLAIM_CODE_SIZE]) _nonnull_;
/* A code as a person types it ("12345678", "1234 5678") into its form. ERR_USAGE. */
int claim_code_parse(const char *said, char text[CLAIM_CODE_SIZE],
		     struct err *err) _must_check_ _nonnull_;

#endif
