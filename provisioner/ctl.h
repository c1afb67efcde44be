/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control socket RUN/ctl: one JSON object a line each way, {"op","args"} -> {"ok"} or
 * {"error":{"kind","message"}}. Root, the daemon's own user and members of the socket's group may
 * talk (peer credentials). It has a thread of its own, so that a long answer keeps no DHCP client
 * waiting. `events` with `wait: seconds` is answered when there is something to tell.
 */
#ifndef PROVISION_CTL_H
#define PROVISION_CTL_H

#include "jsonx.h"

#include <sys/types.h>

struct ctl;

struct ctl_options {
	int listen_fd; /* from ctl_listen; taken over */
	gid_t group;   /* may talk; (gid_t)-1: nobody but root and our own user */
	/* Runs one operation, in the thread of the socket. *ret_reply: a new reference. */
	int (*run)(void *arg, const char *op, const json_t *args, json_t **ret_reply,
		   struct err *err);
	void *arg;
};

/* Makes the socket: RUN (0755) and RUN/ctl (0660, of that group unless -1). ERR_BUSY when a daemon
 * answers there. The caller closes. */
int ctl_listen(const char *path, gid_t group, int *ret_fd, struct err *err) _must_check_ _nonnull_;
int ctl_start(const struct ctl_options *o, struct ctl **ret,
	      struct err *err) _must_check_ _nonnull_;
/* New events may be there: answers who waits. From any thread. */
void ctl_changed(struct ctl *c) _nonnull_;
/* Ends the thread. NULL-safe; gives NULL. */
struct ctl *ctl_stop(struct ctl *c);

#endif
