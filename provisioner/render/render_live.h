/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan for a machine whose image runs in memory: the Ignition 3.4 config of its templates, its
 * name and network, and in /etc/provision what live.yaml's script needs of this boot:
 *
 *   env     PROVISION_URL, PROVISION_MAC, PROVISION_NONCE, PROVISION_TIME, as a shell reads them
 *   ca.crt  the only certificate that it trusts
 *
 * What is decided at the claim (disks, Kubernetes) is not in it. Pure.
 */
#ifndef PROVISION_RENDER_LIVE_H
#define PROVISION_RENDER_LIVE_H

#include "plan.h"

struct live_values {
	const struct mac *mac; /* that asked */
	const char *nonce;     /* of the boot in progress, in hex */
	int64_t now_s;         /* Unix time: the machine's clock is not behind it */
};

/* p: of a live image. New reference. */
json_t *render_live(const struct plan *p, const struct live_values *v) _nonnull_;

#endif
