/* SPDX-License-Identifier: Apache-2.0 */
/* `dhcp: server`: addresses for clients (RFC 2131 section 4.3). Part of dhcp_policy. */
#ifndef PROVISION_DHCP_ADDRESS_H
#define PROVISION_DHCP_ADDRESS_H

#include "dhcp/dhcp_policy.h"

/* Fills *ret, of which client is set. */
void dhcp_address(const struct dhcp_msg *m, const struct dhcp_view *v,
		  struct dhcp_answer *ret) _nonnull_;

#endif
