/* SPDX-License-Identifier: Apache-2.0 */
#include "dhcp/dhcp_policy.h"

#include "dhcp/dhcp_address.h"

static void silence(struct dhcp_answer *a, const char *why)
{
	a->target = DHCP_TO_NOBODY;
	a->why = why;
}

/* RFC 3046 section 2.2: what the relay added goes back to it, last. */
static void finish(struct dhcp_answer *a, const struct dhcp_msg *m)
{
	dhcp_put_copy(&a->reply, m, OPT_RELAY_INFO);
	dhcp_reply_finish(&a->reply);
}

/* The OFFER beside another server's: no address, only what to boot. Such a client has no address
 * yet, so it can only be reached by broadcast, or through its relay. */
static void proxy_offer(const struct dhcp_msg *m, const struct dhcp_view *v, struct dhcp_answer *a)
{
	if (m->type != DHCPDISCOVER) {
		silence(a, "the LAN's own DHCP server answers this");
		return;
	}
	dhcp_reply_init(&a->reply, m, DHCPOFFER, v->link.address.ip);
	boot_put(&a->reply, m, &a->client, v->config, v->link.address.ip, true);
	finish(a, m);
	a->why = "offered a boot file beside the LAN's DHCP server";
	a->target = DHCP_TO_BROADCAST;
	if (m->giaddr.a) {
		a->target = DHCP_TO_ADDRESS;
		a->address = m->giaddr;
		a->port = DHCP_SERVER_PORT;
	}
}

/* Port 4011: the client has an address by now and asks us alone for its boot file. */
static void boot_server(const struct dhcp_msg *m, const struct dhcp_view *v, struct dhcp_answer *a)
{
	uint32_t server = v->link.address.ip.a;

	if (m->type != DHCPREQUEST && m->type != DHCPINFORM) {
		silence(a, "only REQUEST and INFORM belong on port 4011");
		return;
	}
	if (dhcp_msg_number(m, OPT_SERVER_ID, 4, &server) && server != v->link.address.ip.a) {
		silence(a, "asks another boot server");
		return;
	}
	dhcp_reply_init(&a->reply, m, DHCPACK, v->link.address.ip);
	dhcp_reply_address(&a->reply, DHCP_AT_CIADDR, m->ciaddr);
	boot_put(&a->reply, m, &a->client, v->config, v->link.address.ip, true);
	finish(a, m);
	a->why = "told its boot file on port 4011";
	a->target = DHCP_TO_SENDER;
}

void dhcp_policy(const struct dhcp_msg *m, uint16_t port, const struct dhcp_view *v,
		 struct dhcp_answer *ret)
{
	const char *refusal;

	ret->client = boot_client_of(m);
	ret->change = false;
	refusal = boot_refusal(&ret->client);
	if (v->config->mode == DHCP_OFF)
		silence(ret, "`dhcp: off`");
	else if (m->type == DHCP_TYPE_NONE)
		silence(ret, "plain BOOTP is not served");
	else if (v->machine.kind == MACHINE_UNKNOWN && v->config->unknown == UNKNOWN_IGNORE)
		silence(ret, "no node file names this machine, and `unknown: ignore`");
	else if (port == DHCP_SERVER_PORT && v->config->mode == DHCP_SERVER)
		dhcp_address(m, v, ret);
	else if (refusal)
		silence(ret, refusal);
	else if (port == DHCP_PXE_PORT)
		boot_server(m, v, ret);
	else
		proxy_offer(m, v, ret);
}
