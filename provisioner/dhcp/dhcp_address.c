/* SPDX-License-Identifier: Apache-2.0 */
#include "dhcp/dhcp_address.h"

/* How long an offered address waits for its REQUEST: iPXE retries for about 20 s. */
#define OFFER_TIME 60
/* How long a declined address is left alone. */
#define DECLINE_TIME 600

static void silence(struct dhcp_answer *a, const char *why)
{
	a->target = DHCP_TO_NOBODY;
	a->why = why;
}

/* The network that the client is in: the relay's, the one it has an address in, or that of the
 * interface. */
static struct ipv4_net network_of(const struct dhcp_msg *m, const struct dhcp_view *v)
{
	struct ipv4_net lan = v->config->subnet;
	struct ipv4 inside = v->link.address.ip;

	if (m->giaddr.a)
		inside = m->giaddr;
	else if (m->ciaddr.a)
		inside = m->ciaddr;
	return lan.prefix && ipv4_in_net(inside, lan) ? lan : v->link.address;
}

static bool is_taken(struct ipv4 ip, const void *arg)
{
	const struct dhcp_view *v = arg;
	const struct dhcp_config *c = v->config;
	bool taken = ip.a == v->link.address.ip.a || ip.a == c->router.a ||
		     v->is_static(ip, v->is_static_arg);

	for (size_t i = 0; i < c->n_dns; i++)
		taken = taken || ip.a == c->dns[i].a;
	return taken;
}

static bool in_ranges(struct ipv4 ip, const struct dhcp_view *v)
{
	for (size_t i = 0; i < v->config->n_ranges; i++)
		if (ipv4_in_range(ip, v->config->ranges[i]))
			return true;
	return false;
}

/* This machine may have this address now. */
static bool may_have(struct ipv4 ip, const struct dhcp_msg *m, const struct dhcp_view *v)
{
	if (!ipv4_in_net(ip, network_of(m, v)) || !lease_is_free(v->leases, ip, &m->mac, v->now))
		return false;
	if (v->machine.address.a && ip.a == v->machine.address.a)
		return true;
	return in_ranges(ip, v) && !is_taken(ip, v);
}

/* RFC 2131 section 4.3.1: the record's address, the present one, the wished one, any. */
static bool choose(const struct dhcp_msg *m, const struct dhcp_view *v, struct ipv4 *ret_ip)
{
	const struct lease *mine = lease_of_mac(v->leases, &m->mac);
	struct ipv4_net network = network_of(m, v);
	struct ipv4 wish = {0};

	dhcp_msg_number(m, OPT_REQUESTED_IP, 4, &wish.a);
	if (v->machine.address.a && may_have(v->machine.address, m, v)) {
		*ret_ip = v->machine.address;
		return true;
	}
	if (mine && may_have(mine->ip, m, v)) {
		*ret_ip = mine->ip;
		return true;
	}
	if (wish.a && may_have(wish, m, v)) {
		*ret_ip = wish;
		return true;
	}
	for (size_t i = 0; i < v->config->n_ranges; i++) {
		struct ipv4_range r = v->config->ranges[i];

		if (ipv4_in_net(r.first, network) && ipv4_in_net(r.last, network) &&
		    lease_pick(v->leases, r, &m->mac, v->now, is_taken, v, ret_ip))
			return true;
	}
	return false;
}

/* RFC 2131 section 4.1. A client without an address that did not ask for a broadcast should get a
 * frame to its hardware address; that takes a raw socket or an ARP entry made by hand
 * (CAP_NET_RAW, CAP_NET_ADMIN), and the RFC allows the broadcast instead. */
static void address_reply(struct dhcp_answer *a, const struct dhcp_msg *m)
{
	/* A DISCOVER has no address, whatever it says: it cannot direct replies elsewhere. */
	bool reachable = m->ciaddr.a && m->type != DHCPDISCOVER;

	a->target = DHCP_TO_BROADCAST;
	if (m->giaddr.a) {
		a->target = DHCP_TO_ADDRESS;
		a->address = m->giaddr;
		a->port = DHCP_SERVER_PORT;
	} else if (reachable) {
		a->target = DHCP_TO_ADDRESS;
		a->address = m->ciaddr;
		a->port = DHCP_CLIENT_PORT;
	}
}

static void put_lan_options(struct dhcp_reply *r, const struct dhcp_msg *m,
			    const struct dhcp_view *v)
{
	const struct dhcp_config *c = v->config;
	struct ipv4_net network = network_of(m, v);

	dhcp_put_u32(r, OPT_NETMASK, ipv4_netmask(network.prefix).a);
	if (c->router.a)
		dhcp_put_ips(r, OPT_ROUTER, &c->router, 1);
	dhcp_put_ips(r, OPT_DNS, c->dns, c->n_dns);
	if (c->domain && *c->domain && dhcp_msg_wants(m, OPT_DOMAIN))
		dhcp_put_text(r, OPT_DOMAIN, c->domain);
	if (dhcp_msg_wants(m, OPT_BROADCAST))
		dhcp_put_u32(r, OPT_BROADCAST, ipv4_broadcast(network).a);
	if (dhcp_msg_wants(m, OPT_NTP))
		dhcp_put_ips(r, OPT_NTP, c->ntp, c->n_ntp);
	if (v->machine.name && dhcp_msg_wants(m, OPT_HOSTNAME))
		dhcp_put_text(r, OPT_HOSTNAME, v->machine.name);
}

/* OFFER and ACK. ip 0: the client has an address already (INFORM). */
static void grant(const struct dhcp_msg *m, const struct dhcp_view *v, enum dhcp_type type,
		  struct ipv4 ip, struct dhcp_answer *a)
{
	uint32_t seconds = v->config->lease_time;
	struct dhcp_reply *r = &a->reply;

	dhcp_reply_init(r, m, type, v->link.address.ip);
	dhcp_reply_address(r, DHCP_AT_YIADDR, ip);
	if (type == DHCPACK)
		dhcp_reply_address(r, DHCP_AT_CIADDR, m->ciaddr);
	if (ip.a) {
		dhcp_put_u32(r, OPT_LEASE_TIME, seconds);
		dhcp_put_u32(r, OPT_T1, seconds / 2);
		dhcp_put_u32(r, OPT_T2, (uint32_t)((uint64_t)seconds * 7 / 8));
	}
	if (!boot_refusal(&a->client))
		boot_put(r, m, &a->client, v->config, v->link.address.ip, false);
	put_lan_options(r, m, v);
	dhcp_put_copy(r, m, OPT_RELAY_INFO);
	dhcp_reply_finish(r);
	address_reply(a, m);
	if (ip.a) {
		a->change = true;
		a->lease = (struct lease){m->mac, ip, v->now + seconds, LEASE_BOUND};
	}
}

static void discover(const struct dhcp_msg *m, const struct dhcp_view *v, struct dhcp_answer *a)
{
	const struct lease *mine = lease_of_mac(v->leases, &m->mac);
	bool bound = mine && mine->state == LEASE_BOUND && mine->expires > v->now;
	struct ipv4 ip;

	if (!choose(m, v, &ip)) {
		silence(a, "no address is free; make `dhcp.ranges` larger or `dhcp.leaseTime` "
			   "shorter");
		return;
	}
	bound = bound && mine->ip.a == ip.a;
	grant(m, v, DHCPOFFER, ip, a);
	a->why = boot_refusal(&a->client) ? "offered an address"
					  : "offered an address and a boot file";
	/* A machine that is only looking around again keeps the lease it has. */
	a->change = !bound;
	a->lease.state = LEASE_OFFERED;
	a->lease.expires = v->now + OFFER_TIME;
}

/* RFC 2131 table 4: only the message; section 4.1: broadcast, the client's address is in doubt. */
static void nak(const struct dhcp_msg *m, const struct dhcp_view *v, const char *why,
		struct dhcp_answer *a)
{
	dhcp_reply_init(&a->reply, m, DHCPNAK, v->link.address.ip);
	dhcp_put_text(&a->reply, OPT_MESSAGE, why);
	dhcp_put_copy(&a->reply, m, OPT_RELAY_INFO);
	a->why = why;
	a->target = DHCP_TO_BROADCAST;
	if (m->giaddr.a) {
		dhcp_reply_broadcast(&a->reply);
		a->target = DHCP_TO_ADDRESS;
		a->address = m->giaddr;
		a->port = DHCP_SERVER_PORT;
	}
	dhcp_reply_finish(&a->reply);
}

/* RFC 2131 section 4.3.2: SELECTING, INIT-REBOOT, RENEWING and REBINDING in one. */
static void request(const struct dhcp_msg *m, const struct dhcp_view *v, struct dhcp_answer *a)
{
	const struct lease *mine = lease_of_mac(v->leases, &m->mac);
	struct ipv4 fixed = v->machine.address;
	struct ipv4 ip = m->ciaddr;
	uint32_t server = 0;
	bool selecting = dhcp_msg_number(m, OPT_SERVER_ID, 4, &server);

	if (selecting && server != v->link.address.ip.a) {
		silence(a, "chose another server's offer");
		return;
	}
	if (!ip.a && !dhcp_msg_number(m, OPT_REQUESTED_IP, 4, &ip.a)) {
		silence(a, "requests no address at all");
		return;
	}
	if (!ipv4_in_net(ip, network_of(m, v))) {
		nak(m, v, "this address belongs to another network", a);
		return;
	}
	if (!selecting && !mine) {
		silence(a, "asks for an address that was not lent here");
		return;
	}
	if (!may_have(ip, m, v) || (mine && !selecting && mine->ip.a != ip.a) ||
	    (fixed.a && fixed.a != ip.a && may_have(fixed, m, v))) {
		nak(m, v, "this address is not yours any more", a);
		return;
	}
	grant(m, v, DHCPACK, ip, a);
	a->why = "lent an address";
}

static void decline(const struct dhcp_msg *m, const struct dhcp_view *v, struct dhcp_answer *a)
{
	const struct lease *mine = lease_of_mac(v->leases, &m->mac);
	struct ipv4 ip = {0};

	if (!dhcp_msg_number(m, OPT_REQUESTED_IP, 4, &ip.a) || !mine || mine->ip.a != ip.a) {
		silence(a, "declines an address that it was not given");
		return;
	}
	silence(a, "found its address in use by somebody else; it is left alone for 10 minutes");
	a->change = true;
	a->lease = (struct lease){m->mac, ip, v->now + DECLINE_TIME, LEASE_DECLINED};
}

static void release(const struct dhcp_msg *m, const struct dhcp_view *v, struct dhcp_answer *a)
{
	const struct lease *mine = lease_of_mac(v->leases, &m->mac);

	if (!mine || mine->ip.a != m->ciaddr.a) {
		silence(a, "releases an address that it does not have");
		return;
	}
	silence(a, "gave its address back");
	a->change = true;
	a->lease = (struct lease){m->mac, mine->ip, v->now, LEASE_RELEASED};
}

static void inform(const struct dhcp_msg *m, const struct dhcp_view *v, struct dhcp_answer *a)
{
	if (!m->ciaddr.a || !ipv4_in_net(m->ciaddr, network_of(m, v))) {
		silence(a, "an INFORM without an address of this network");
		return;
	}
	grant(m, v, DHCPACK, (struct ipv4){0}, a);
	a->why = "told the network's settings";
}

void dhcp_address(const struct dhcp_msg *m, const struct dhcp_view *v, struct dhcp_answer *ret)
{
	if (m->giaddr.a && !ipv4_in_net(m->giaddr, network_of(m, v))) {
		silence(ret, "relayed from a network that `lan.subnet` does not hold");
		return;
	}
	switch (m->type) {
	case DHCPDISCOVER:
		discover(m, v, ret);
		break;
	case DHCPREQUEST:
		request(m, v, ret);
		break;
	case DHCPDECLINE:
		decline(m, v, ret);
		break;
	case DHCPRELEASE:
		release(m, v, ret);
		break;
	case DHCPINFORM:
		inform(m, v, ret);
		break;
	default:
		silence(ret, "no client's message");
		break;
	}
}
