/* SPDX-License-Identifier: Apache-2.0 */
/* The programs that change a root's accounts and units: shadow's and systemctl. */
#ifndef PROVISION_IGN_PROGRAM_H
#define PROVISION_IGN_PROGRAM_H

#include "ign_root.h"

/* Runs argv (its name first) on the root: an installed root's own program, inside it; else that of
 * the running system with --root. `input` (may be NULL) is its standard input, where a secret goes
 * that argv must not show. */
int ign_program_run(const struct ign_root *r, const struct strv *argv, const char *input,
		    struct err *err) _must_check_ __attribute__((nonnull(1, 2, 4)));

#endif
