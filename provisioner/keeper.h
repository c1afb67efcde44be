/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper: a second process, forked before rights are dropped, that alone opens the secrets
 * directory and the kubeconfig. The wire-facing process asks it over a socket pair, one JSON object
 * a message each way:
 *
 *   {"op":"join","node","init":bool,"controlPlane":bool,"reinstall":bool,"revoke":ID?,
 *    "key","time","signature","body": of the node's request, as it came}
 *     -> {"secrets":{...},"tokenId":ID?}: what POST /v1/secrets/join answers
 */
#ifndef PROVISION_KEEPER_H
#define PROVISION_KEEPER_H

#include "cluster.h"
#include "jsonx.h"
#include "paths.h"

struct keeper;

/* Forks the keeper. It takes what it needs of paths and cluster at this moment: where the cluster
 * is reached does not change without a restart. It ends when this process does. */
int keeper_start(const struct paths *paths, const struct cluster *c, struct keeper **ret,
		 struct err *err) _must_check_ _nonnull_;
/* Takes the keeper for one request, from any thread; keeper_give when the request has written down
 * what came of it. ERR_BUSY at once while another one has it: its cluster may not answer for tens
 * of seconds, and a thread that waits serves nobody. */
int keeper_take(struct keeper *k, struct err *err) _must_check_ _nonnull_;
void keeper_give(struct keeper *k) _nonnull_;
/* One question, by the thread that has taken it. *ret is a new reference. */
int keeper_ask(struct keeper *k, const json_t *question, json_t **ret,
	       struct err *err) _must_check_ _nonnull_;
/* Its process, for the log and for waiting. */
pid_t keeper_pid(const struct keeper *k) _nonnull_;
/* Hangs up and waits for its end. NULL-safe; gives NULL. */
struct keeper *keeper_stop(struct keeper *k);

/* ---- the keeper's own side (keeper_serve.c) ---- */

struct keeper_duty {
	struct paths paths;
	enum kube_flavour flavour;
	char *endpoint, *kubeconfig; /* kubeconfig: a path, or NULL */
	int grants;                  /* of grant_open */
};
int keeper_duty_init(struct keeper_duty *d, const struct paths *paths, const struct cluster *c,
		     struct err *err) _must_check_ _nonnull_;
void keeper_duty_release(struct keeper_duty *d) _nonnull_;
/* Answers one question. */
int keeper_answer(const struct keeper_duty *d, const json_t *question, json_t **ret,
		  struct err *err) _must_check_ _nonnull_;

#endif
