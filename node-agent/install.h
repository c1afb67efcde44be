/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One installation as the agent carries it out: what the claim brought, and the way to report. Both
 * halves share it, in the boot environment and on the installed node.
 */
#ifndef PROVISION_INSTALL_H
#define PROVISION_INSTALL_H

#include "claim.h"
#include "phase.h"

/* On the installed node; below the target's root while it is being made. */
#define INSTALL_DIR    AGENT_DIR
#define INSTALL_KEY    INSTALL_DIR "/key"
#define INSTALL_PLAN   INSTALL_DIR "/plan.json"
#define INSTALL_EVENTS INSTALL_DIR "/events.json"
#define INSTALL_JOINED INSTALL_DIR "/joined"
#define INSTALL_TRACE  INSTALL_DIR "/phase"
#define INSTALL_OVER   INSTALL_DIR "/ready"
/* Container images on their way into the runtime. */
#define INSTALL_IMAGES INSTALL_DIR "/images"
/* Where the agent itself lies on the installed node. */
#define INSTALL_BINARY "/usr/lib/provision/node-agent"
#define INSTALL_UNIT   "provision-node-agent.service"
/* How long after a failure its unit starts it again. */
#define INSTALL_RESTART_S "30"

struct install {
	struct identity *identity;
	char *ca_pem;
	struct api *api;
	struct claim_answer claim;
	struct report *report;
	struct phase_loop loop;
};

/* Opens the API with url and ca_pem (copied); identity is the install's from here on. */
void install_open(struct install *i, const char *url, const char *ca_pem,
		  struct identity *identity) _nonnull_;
/*
 * Claims until there is a plan: again and again while the answer is to wait, there is no intent, or
 * nobody answers; what holds it up is logged once. wait_ms is called between, and may look for
 * disks that came late; request() makes the request anew, a new reference, or NULL with err set.
 */
int install_claim(struct install *i, json_t *(*request)(void *arg, struct err *err),
		  void (*wait)(void *arg, int ms), void *arg, struct err *err) _must_check_
	__attribute__((nonnull(1, 2, 3, 5)));
/* The queue of events of what was claimed; file as in report_options. */
void install_report(struct install *i, const char *file) __attribute__((nonnull(1)));
/* Runs the table; afterwards nothing of it is left to do. trace and after_failure: see struct
 * phase_loop. */
int install_run(struct install *i, const struct phase *table, size_t n, const char *trace,
		const char *after_failure, struct err *err) _must_check_ _nonnull_;
/* Ends the work for want of somebody to act: the last error stays on the screen, events are still
 * delivered, nothing else happens. */
_noreturn_ void install_hold(struct install *i, const struct err *err) _nonnull_;
void install_release(struct install *i) _nonnull_;

#endif
