/* SPDX-License-Identifier: Apache-2.0 */
/* Drivers that miss their firmware, from the kernel's log. */
#ifndef PROVISION_FIRMWARE_H
#define PROVISION_FIRMWARE_H

#include "base.h"

/* The firmware file that a line of the kernel's log says could not be loaded; NULL for any other
 * line. Knows "Direct firmware load for X failed with error -2" and Debian's "firmware: failed to
 * load X (-2)". Caller frees. Pure. */
char *firmware_missing(const char *line) _nonnull_;
/* Reads the whole log from /dev/kmsg, each file named once. */
void firmware_list(struct strv *ret_files) _nonnull_;

#endif
