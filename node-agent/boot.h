/* SPDX-License-Identifier: Apache-2.0 */
/* The agent in the boot environment: from a machine with nothing to one that may be restarted into
 * its own system. */
#ifndef PROVISION_BOOT_H
#define PROVISION_BOOT_H

#include "base.h"

/* Drivers, network, clock, trust, claim, phases, restart. Returns only when the restart itself is
 * under way, or the kernel would not do it; everything else is held on the screen. */
int boot_run(void);

#endif
