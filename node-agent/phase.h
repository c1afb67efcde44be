/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of an installation as data, and the loop that runs them: events, log, retries where
 * trying again can help, a stop where it cannot.
 */
#ifndef PROVISION_PHASE_H
#define PROVISION_PHASE_H

#include "report.h"
#include "resume.h"

struct phase {
	enum phase_name name;
	/* Whether the machine is as the plan says; changes nothing. May be NULL. */
	int (*check)(void *arg, struct err *err);
	int (*run)(void *arg, struct err *err);
	/* Called in place of check and run when the phase was over before this start: what does not
	 * outlive a restart (mounts). May be NULL. */
	int (*again)(void *arg, struct err *err);
	/* After run has failed; may be NULL. */
	void (*undo)(void *arg);
	unsigned int timeout_s; /* for one attempt; 0: none */
	bool announced;         /* not run before its `started` event is stored */
	bool acknowledged;      /* nothing follows before its `done` event is stored */
};

/* One run of a table. Borrowed: all. */
struct phase_loop {
	const struct phase *table;
	size_t n;
	void *arg;
	struct resume *resume; /* gets the phases that are over */
	struct report *report;
	/* Waits between attempts; tests put their own here. NULL: poll(2). */
	void (*wait)(void *arg, int ms);
	/* A file that names the phase while it runs, so that the next start can tell that this one
	 * was cut short; or NULL. */
	const char *trace;
	/* What becomes of a failure that ends the loop, for its event: "held until ...". */
	const char *after_failure;
	enum phase_name current;
	int shown; /* percent last logged */
};

/*
 * Runs the table in its order. An attempt that fails with ERR_NETWORK or ERR_BUSY is made again,
 * after 5 s, then ever longer up to a minute, without end: something else has to come first, and
 * the phase is `waiting` for it. Any other failure ends the loop: -1, the `failed` event is queued,
 * err names the phase.
 *
 * An attempt that takes longer than its timeout ends the process by SIGALRM; who started it starts
 * it again, and the work is resumed.
 */
int phase_run(struct phase_loop *loop, struct err *err) _must_check_ _nonnull_;
/* For the phases: how far this one is. */
void phase_progress(struct phase_loop *loop, unsigned int percent, const char *fmt, ...)
	_printf_(3, 4) __attribute__((nonnull(1, 3)));
/* Whether trying again may help without anybody doing anything. */
bool phase_is_retried(enum err_kind kind);

#endif
