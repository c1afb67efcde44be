/* SPDX-License-Identifier: Apache-2.0 */
#include "sysconf_text.h"

#include "buf.h"

char *sysconf_hosts(const struct plan *plan)
{
	const struct plan_network *n = &plan->network;
	char text[IPV4_TEXT_SIZE];
	struct buf b;

	buf_init(&b, 4096);
	buf_adds(&b, "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n");
	/* 127.0.1.1 is Debian's own way for a machine without an address of its own. */
	buf_addf(&b, "%s ", n->address.ip.a ? ipv4_format(n->address.ip, text) : "127.0.1.1");
	if (n->domain)
		buf_addf(&b, "%s.%s ", plan->node, n->domain);
	buf_addf(&b, "%s\n", plan->node);
	return buf_take(&b);
}

static void add_match(struct buf *b, const struct mac *macs, size_t n)
{
	buf_adds(b, "[Match]\nMACAddress=");
	for (size_t i = 0; i < n; i++) {
		char text[MAC_TEXT_SIZE];

		buf_addf(b, "%s%s", i ? " " : "", mac_format(&macs[i], text));
	}
	/* No bridge or VLAN that has taken over the card's address. */
	buf_adds(b, "\nKind=!*\n\n");
}

static void add_servers(struct buf *b, const struct plan_network *n)
{
	char text[IPV4_TEXT_SIZE];

	if (n->router.a)
		buf_addf(b, "Gateway=%s\n", ipv4_format(n->router, text));
	for (size_t i = 0; i < n->n_dns; i++)
		buf_addf(b, "DNS=%s\n", ipv4_format(n->dns[i], text));
	if (n->domain)
		buf_addf(b, "Domains=%s\n", n->domain);
}

/* The provisioner's leases and a router's go by the card's address, as in the boot environment. */
static const char dhcp[] = "DHCP=ipv4\n\n[DHCPv4]\nClientIdentifier=mac\nUseDomains=yes\n";

char *sysconf_network(const struct plan *plan)
{
	const struct plan_network *n = &plan->network;
	char text[IPV4_NET_TEXT_SIZE];
	struct buf b;

	buf_init(&b, 65536);
	add_match(&b, plan->macs, 1);
	buf_adds(&b, "[Link]\nRequiredForOnline=routable\n\n[Network]\n");
	if (n->address.ip.a) {
		buf_addf(&b, "Address=%s\n", ipv4_net_format(n->address, text));
		add_servers(&b, n);
	} else {
		buf_adds(&b, dhcp);
	}
	return buf_take(&b);
}

char *sysconf_network_others(const struct plan *plan)
{
	struct buf b;

	if (plan->n_macs < 2)
		return NULL;
	buf_init(&b, 65536);
	add_match(&b, plan->macs + 1, plan->n_macs - 1);
	buf_adds(&b, "[Link]\nRequiredForOnline=no\n\n[Network]\n");
	buf_adds(&b, dhcp);
	return buf_take(&b);
}

char *sysconf_timesyncd(const struct plan *plan)
{
	_cleanup_(freep) char *servers = strv_join(&plan->network.ntp, " ");

	return *servers ? xasprintf("[Time]\nNTP=%s\n", servers) : NULL;
}
