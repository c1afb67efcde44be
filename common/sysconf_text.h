/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of files that tell a system its name and its network, for an agent that writes them and for
 * a config that carries them. Callers free. Pure. */
#ifndef PROVISION_SYSCONF_TEXT_H
#define PROVISION_SYSCONF_TEXT_H

#include "plan.h"

/* /etc/hosts */
char *sysconf_hosts(const struct plan *plan) _nonnull_;
/* systemd.network(5) for the first card of the plan, and for its others; NULL when there are none.
 */
char *sysconf_network(const struct plan *plan) _nonnull_;
char *sysconf_network_others(const struct plan *plan) _nonnull_;
/* timesyncd.conf(5); NULL when the plan names no time server. */
char *sysconf_timesyncd(const struct plan *plan) _nonnull_;

#endif
