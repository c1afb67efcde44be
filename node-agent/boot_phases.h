/* SPDX-License-Identifier: Apache-2.0 */
/* The phases in the boot environment, in their order. */
#ifndef PROVISION_BOOT_PHASES_H
#define PROVISION_BOOT_PHASES_H

#include "install.h"

/* Runs them on the machine's own disks. On success all events are acknowledged, nothing is mounted,
 * and the machine may be restarted. */
int boot_phases_run(struct install *i, struct err *err) _must_check_ _nonnull_;

#endif
