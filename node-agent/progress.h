/* SPDX-License-Identifier: Apache-2.0 */
/* How a step that takes time tells how far it is. */
#ifndef PROVISION_PROGRESS_H
#define PROVISION_PROGRESS_H

#include "base.h"

struct progress {
	/* done of total, in whatever unit the step counts; what: words for people, or NULL. May be
	 * called often; the receiver decides what it passes on. Called by the thread that runs the
	 * step. */
	void (*fn)(uint64_t done, uint64_t total, const char *what, void *arg);
	void *arg;
};

/* p may be NULL, and so may its fn: nobody listens. */
static inline void progress_tell(const struct progress *p, uint64_t done, uint64_t total,
				 const char *what)
{
	if (p && p->fn)
		p->fn(done, total, what, p->arg);
}

#endif
