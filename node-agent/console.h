/* SPDX-License-Identifier: Apache-2.0 */
/* Every console of the kernel at once (screen and serial line): what the operator can look at. */
#ifndef PROVISION_CONSOLE_H
#define PROVISION_CONSOLE_H

#include "base.h"

/* proc(5) names no limit; a machine has a screen and one or two serial lines. */
#define LIMIT_CONSOLES 8

struct console {
	int fd[LIMIT_CONSOLES];
	size_t n;
};

/* The device names in the text of /proc/consoles, for instance "tty0" and "ttyS0". Pure. */
void console_names(const char *text, struct strv *ret_names) _nonnull_;
/* Opens what /proc/consoles lists (needs /proc and /dev); one that cannot be opened is left out. */
void console_open(struct console *c) _nonnull_;
/* Writes to all of them. A console that takes nothing for a second (a serial line held by its
 * flow control) loses the bytes, so that nothing waits for it. */
void console_write(const struct console *c, const void *p, size_t n) _nonnull_;
void console_release(struct console *c) _nonnull_;

#endif
