/* SPDX-License-Identifier: Apache-2.0 */
#include "ipv4.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

int ipv4_parse(const char *text, struct ipv4 *ret_ip, struct err *err)
{
	struct in_addr in;

	if (inet_pton(AF_INET, text, &in) != 1)
		return err_set(err, ERR_USAGE,
			       "\"%.40s\" is no IPv4 address; write it like 192.168.1.20", text);
	*ret_ip = ipv4_from_in(in);
	return 0;
}

int ipv4_net_parse(const char *text, struct ipv4_net *ret_net, struct err *err)
{
	const char *slash = strchr(text, '/');
	_cleanup_(freep) char *address = NULL;
	struct ipv4 ip = {0};
	unsigned int prefix = 0;
	size_t digits;

	if (!slash)
		return err_set(err, ERR_USAGE,
			       "\"%.40s\" lacks its prefix length; write it like 192.168.1.20/24",
			       text);
	digits = strspn(slash + 1, "0123456789");
	for (size_t i = 0; i < digits && i < 3; i++)
		prefix = prefix * 10 + (unsigned int)(slash[1 + i] - '0');
	if (digits < 1 || digits > 2 || slash[1 + digits] || prefix > 32)
		return err_set(err, ERR_USAGE,
			       "\"%.40s\": the prefix length is a number from 0 to 32", text);
	address = xstrndup(text, (size_t)(slash - text));
	if (ipv4_parse(address, &ip, err) < 0)
		return -1;
	*ret_net = (struct ipv4_net){ip, (uint8_t)prefix};
	return 0;
}

int ipv4_range_parse(const char *text, struct ipv4_range *ret_range, struct err *err)
{
	const char *dash = strchr(text, '-');
	_cleanup_(freep) char *first = NULL;
	struct ipv4_range range = {{0}, {0}};

	if (!dash)
		return err_set(err, ERR_USAGE,
			       "\"%.60s\" is no range; write it like 192.168.1.100-192.168.1.200",
			       text);
	first = xstrndup(text, (size_t)(dash - text));
	if (ipv4_parse(first, &range.first, err) < 0 || ipv4_parse(dash + 1, &range.last, err) < 0)
		return -1;
	if (range.last.a < range.first.a)
		return err_set(err, ERR_USAGE, "the range \"%.60s\" ends before it begins", text);
	*ret_range = range;
	return 0;
}

const char *ipv4_format(struct ipv4 ip, char text[IPV4_TEXT_SIZE])
{
	snprintf(text, IPV4_TEXT_SIZE, "%u.%u.%u.%u", ip.a >> 24, ip.a >> 16 & 255, ip.a >> 8 & 255,
		 ip.a & 255);
	return text;
}

const char *ipv4_net_format(struct ipv4_net net, char text[IPV4_NET_TEXT_SIZE])
{
	char ip[IPV4_TEXT_SIZE];

	snprintf(text, IPV4_NET_TEXT_SIZE, "%s/%u", ipv4_format(net.ip, ip), net.prefix);
	return text;
}

struct ipv4 ipv4_netmask(uint8_t prefix)
{
	return (struct ipv4){prefix ? UINT32_MAX << (32 - prefix) : 0};
}

struct ipv4 ipv4_network(struct ipv4_net net)
{
	return (struct ipv4){net.ip.a & ipv4_netmask(net.prefix).a};
}

struct ipv4 ipv4_broadcast(struct ipv4_net net)
{
	return (struct ipv4){net.ip.a | ~ipv4_netmask(net.prefix).a};
}

bool ipv4_in_net(struct ipv4 ip, struct ipv4_net net)
{
	return ((ip.a ^ net.ip.a) & ipv4_netmask(net.prefix).a) == 0;
}

bool ipv4_nets_overlap(struct ipv4_net a, struct ipv4_net b)
{
	return ipv4_in_net(a.ip, b) || ipv4_in_net(b.ip, a);
}

bool ipv4_in_range(struct ipv4 ip, struct ipv4_range range)
{
	return ip.a >= range.first.a && ip.a <= range.last.a;
}

struct ipv4 ipv4_from_sockaddr(const struct sockaddr *address)
{
	struct sockaddr_in in;

	if (!address || address->sa_family != AF_INET)
		return (struct ipv4){0};
	memcpy(&in, address, sizeof(in));
	return ipv4_from_in(in.sin_addr);
}
