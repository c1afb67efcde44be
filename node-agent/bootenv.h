/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first process of the boot environment. It mounts what the kernel offers, starts the agent
 * proper as a child whose output it copies to every console, and reaps orphans. The child is what
 * can fail: the kernel panics when process 1 ends, so process 1 does next to nothing.
 */
#ifndef PROVISION_BOOTENV_H
#define PROVISION_BOOTENV_H

#include "err.h"

/* How often an agent that dies is started again before the machine is held. */
#define BOOTENV_RESTARTS 5

/* /proc, /sys, /dev, /run, /tmp and, on UEFI, efivarfs read-only; what is mounted stays. Names the
 * modprobe for the kernel's own requests. */
int bootenv_mount(struct err *err) _must_check_ _nonnull_;
/* Runs agent() in a child, again when it dies, and never returns. agent's return value is the
 * child's exit status. */
_noreturn_ void bootenv_supervise(int (*agent)(void));
/* Flushes everything and restarts the machine. Only returns on failure. */
int bootenv_reboot(struct err *err) _nonnull_;

#endif
