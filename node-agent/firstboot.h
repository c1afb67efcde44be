/* SPDX-License-Identifier: Apache-2.0 */
/* The agent on the installed node: from its first start to Ready. */
#ifndef PROVISION_FIRSTBOOT_H
#define PROVISION_FIRSTBOOT_H

#include "base.h"

/* Claims again with the key of the installation, joins the cluster, waits to be Ready. Returns the
 * exit status for the unit: 0 when it is over, also when it was before. */
int firstboot_run(void);

#endif
