/* SPDX-License-Identifier: Apache-2.0 */
/* The operations themselves, for whoever holds the store: the daemon, or a command without one. */
#ifndef PROVISION_OP_RUN_H
#define PROVISION_OP_RUN_H

#include "inventory.h"
#include "jsonx.h"
#include "store.h"

/* What an operation works on; everything is borrowed. */
struct op_context {
	struct store *store;
	const struct inventory *inventory;
	int64_t now_ms;
	bool daemon;                /* whether it is the daemon that runs it */
	const char *config_problem; /* why the files are not in force, or NULL */
	const struct strv *held;    /* keys whose new values wait for a restart, or NULL */
	/* Writes what the daemon keeps in memory about unknown machines to the store; may be NULL.
	 */
	void (*flush)(void *arg);
	/* The record of this node would give another plan than the frozen one, whose basis
	 * (site_basis) this is; may be NULL. Takes its time: the store is not held meanwhile. */
	bool (*drifts)(void *arg, const struct node *n, const struct sha256 *basis);
	void *arg;
};

/* Runs one by its name. ERR_USAGE for an unknown name. *ret_reply is a new reference. */
int op_run(const struct op_context *ctx, const char *op, const json_t *args, json_t **ret_reply,
	   struct err *err) _must_check_ _nonnull_;

/* What people say about installations (op_intent.c). */
int op_intent_open(const struct op_context *ctx, const json_t *args, json_t **ret, struct err *err);
int op_intent_cancel(const struct op_context *ctx, const json_t *args, json_t **ret,
		     struct err *err);
int op_approve(const struct op_context *ctx, const json_t *args, json_t **ret, struct err *err);
/* What the store knows (op_status.c). */
int op_status(const struct op_context *ctx, const json_t *args, json_t **ret, struct err *err);
int op_events(const struct op_context *ctx, const json_t *args, json_t **ret, struct err *err);
int op_plan(const struct op_context *ctx, const json_t *args, json_t **ret, struct err *err);
/* The rest (op_run.c). */
int op_forget(const struct op_context *ctx, const json_t *args, json_t **ret, struct err *err);

#endif
