/* SPDX-License-Identifier: Apache-2.0 */
/*
 * External programs: an argument array, no shell, waited for by pidfd (pidfd_open(2)). Standard
 * input is /dev/null unless `input` is given; output is kept, up to LIMIT_RUNCMD_OUTPUT, for the
 * error message.
 */
#ifndef PROVISION_RUNCMD_H
#define PROVISION_RUNCMD_H

#include "err.h"

struct runcmd {
	const char *const *argv; /* NULL-terminated; argv[0] is looked up in PATH */
	const char *const *env;  /* NULL-terminated NAME=value, or NULL: the caller's own */
	const char *root;        /* chroot(2) there first, or NULL */
	const void *input;       /* bytes for standard input, or NULL */
	size_t input_len;
	unsigned int timeout_s; /* killed after this long: ERR_BUSY; 0 is never */
	/* Called per line of standard output as it comes, without the newline; may be NULL. */
	void (*on_line)(const char *line, void *arg);
	void *arg;
};

/* Runs it to its end. 0 when it exited 0; otherwise ERR_IO with the program's name, how it ended
 * and the last line it wrote to stderr. ret_output (may be NULL) gets standard output; caller
 * frees. */
int runcmd(const struct runcmd *cmd, char **ret_output, struct err *err) _must_check_
	__attribute__((nonnull(1, 3)));
/* The common case: argv only, no limit on time. */
int runcmd_argv(const char *const *argv, struct err *err) _must_check_ _nonnull_;

#endif
