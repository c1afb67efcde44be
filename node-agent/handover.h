/* SPDX-License-Identifier: Apache-2.0 */
/* What the boot environment leaves on the new system for the agent there: itself and its unit, the
 * plan, the CA, the key of the installation. */
#ifndef PROVISION_HANDOVER_H
#define PROVISION_HANDOVER_H

#include "identity.h"
#include "plan.h"

/* Writes it below root: INSTALL_* of install.h, /usr/lib/provision/node-agent, the enabled unit. */
int handover_write(int root, const struct plan *plan, const char *ca_pem,
		   const struct identity *identity, struct err *err) _must_check_
	__attribute__((nonnull(2, 3, 4, 5)));

struct handover {
	struct plan *plan;
	char *ca_pem;
	struct identity *identity;
};

/* Reads it on the installed node. Release with handover_release. */
int handover_read(struct handover *ret, struct err *err) _must_check_ _nonnull_;
void handover_release(struct handover *h) _nonnull_;

#endif
