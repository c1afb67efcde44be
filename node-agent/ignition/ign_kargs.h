/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernelArguments of spec 3.4, for a root that Debian's GRUB starts: a fragment that update-grub
 * reads from now on, and the same in the grub.cfg that is there, for the next start. Upstream
 * leaves it to a program of the distribution.
 */
#ifndef PROVISION_IGN_KARGS_H
#define PROVISION_IGN_KARGS_H

#include "ign_root.h"
#include "jsonx.h"

/* Whether they can be set: ERR_REFUSED, with the JSON path, where the root has no GRUB or an
 * argument has characters that grub.cfg reads in a way of its own. Touches nothing. */
int ign_kargs_check(const struct ign_root *r, const json_t *config,
		    struct err *err) _must_check_ _nonnull_;
/* Sets them. A config without any changes nothing. */
int ign_kargs_make(const struct ign_root *r, const json_t *config,
		   struct err *err) _must_check_ _nonnull_;

/* The pure half. The shell fragment for etc/default/grub.d. Caller frees. */
char *ign_kargs_fragment(const json_t *arguments) _nonnull_;
/* grub.cfg with the arguments of every kernel changed. Caller frees. */
char *ign_kargs_edit(const json_t *arguments, const char *grub_cfg) _nonnull_;

#endif
