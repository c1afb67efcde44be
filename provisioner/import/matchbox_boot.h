/* SPDX-License-Identifier: Apache-2.0 */
/* The boot section of a Matchbox profile as a record's image, architecture and kernel arguments.
 * Pure. */
#ifndef PROVISION_MATCHBOX_BOOT_H
#define PROVISION_MATCHBOX_BOOT_H

#include "import/matchbox_dir.h"
#include "node.h"

/* Sets n->image, n->arch and n->kernel_arguments; what does not fit is told in left by the
 * profile's file and JSON path. Arguments that provision writes itself are passed over. */
void matchbox_boot_read(const struct matchbox_profile *p, struct node *n,
			struct problems *left) _nonnull_;

#endif
