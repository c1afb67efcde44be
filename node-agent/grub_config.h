/* SPDX-License-Identifier: Apache-2.0 */
/* What GRUB's own tools read and write, as text. Pure. */
#ifndef PROVISION_GRUB_CONFIG_H
#define PROVISION_GRUB_CONFIG_H

#include "plan.h"

/* The shell fragment for /etc/default/grub.d: the plan's kernel arguments, a serial console beside
 * the screen (unless the arguments name consoles themselves), no menu to wait at. Caller frees. */
char *grub_defaults_format(const struct plan *plan) _nonnull_;
/* Whether grub.cfg has an entry that boots the subvolume of this file system; ERR_IO with what is
 * missing otherwise. */
int grub_config_check(const char *text, const char *uuid, const char *subvolume,
		      struct err *err) _must_check_ _nonnull_;

#endif
