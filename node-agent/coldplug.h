/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drivers for what the machine has, without udev: every device below /sys/devices names itself in
 * `modalias`, modprobe knows the module, and what the module finds announces itself by uevents
 * (NETLINK_KOBJECT_UEVENT), which are followed until the machine is quiet.
 */
#ifndef PROVISION_COLDPLUG_H
#define PROVISION_COLDPLUG_H

#include "err.h"

/* Aliases handed to modprobe altogether; a large server has about 400 different ones. */
#define LIMIT_ALIASES 8192

struct coldplug {
	int events;        /* the uevent socket */
	struct strv known; /* aliases that modprobe was asked for */
	struct strv fresh; /* seen since */
};

/* Opens the socket; call before the first walk, so that nothing is missed between. */
int coldplug_open(struct coldplug *c, struct err *err) _must_check_ _nonnull_;
/* The MODALIAS= field of a uevent (NUL-separated fields after "add@path"), NULL when the event is
 * no addition or has none. Points into msg, which ends with NUL. Pure. */
const char *coldplug_alias(const char *msg, size_t len) _nonnull_;
/* Collects the aliases below the folder root ("/sys/devices") that are new. */
void coldplug_walk(struct coldplug *c, const char *root) _nonnull_;
/* Loads the modules of what was collected. Modules that do not exist are no error. When it returns,
 * drivers have looked at what they drive: the kernel ends the loading of a module only after
 * asynchronous probing is over (do_init_module, async_synchronize_full); USB is the exception. */
void coldplug_load(struct coldplug *c) _nonnull_;
/* Follows events, loading modules as devices appear, until done() holds and nothing has happened
 * for quiet_ms, or limit_ms have passed. done may be NULL. Returns whether done() held. */
bool coldplug_settle(struct coldplug *c, bool (*done)(void *arg), void *arg, int quiet_ms,
		     int limit_ms) __attribute__((nonnull(1)));
/* No USB storage device is still without its disks. For settle. */
bool coldplug_usb_ready(void);
void coldplug_release(struct coldplug *c) _nonnull_;

#endif
