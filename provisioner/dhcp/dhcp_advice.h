/* SPDX-License-Identifier: Apache-2.0 */
/* `dhcp: off`: what somebody else's DHCP server has to be told. */
#ifndef PROVISION_DHCP_ADVICE_H
#define PROVISION_DHCP_ADVICE_H

#include "ipv4.h"

/* Adds the settings to ret, line by line: two sentences for any server, then the lines for
 * dnsmasq's configuration. */
void dhcp_advice(struct ipv4 server, uint16_t http_port, struct strv *ret) _nonnull_;

#endif
