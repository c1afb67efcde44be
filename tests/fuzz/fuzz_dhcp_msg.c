/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a DHCP request: parsed, and answered in every mode. */
#include "dhcp/dhcp_policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_static(struct ipv4 ip, const void *arg)
{
	(void)arg;
	return ip.a & 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ipv4_range range = {{0x0a000064}, {0x0a000068}};
	struct dhcp_config config = {.subnet = {{0x0a000000}, 24}, .ranges = &range, .n_ranges = 1};
	struct dhcp_view v = {.config = &config, .link = {2, {{0x0a000001}, 24}}};
	struct err err = ERR_INIT;
	struct dhcp_answer a;
	struct dhcp_msg m;

	v.is_static = is_static;
	if (dhcp_msg_parse(data, size, &m, &err) < 0) {
		err_release(&err);
		return 0;
	}
	v.leases = lease_table_new();
	for (int i = 0; i < 4; i++) {
		config.mode = i & 1 ? DHCP_SERVER : DHCP_PROXY;
		dhcp_policy(&m, i & 2 ? DHCP_PXE_PORT : DHCP_SERVER_PORT, &v, &a);
		if (a.change)
			lease_set(v.leases, &a.lease);
		if (a.target != DHCP_TO_NOBODY && a.reply.len > LIMIT_DHCP_PACKET)
			BUG("a reply longer than a packet");
	}
	lease_table_free(v.leases);
	return 0;
}
