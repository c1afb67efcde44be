/* SPDX-License-Identifier: Apache-2.0 */
#include "interfaces.h"

#include "buf.h"
#include "fsio.h"
#include "parse.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>

/* /proc/net/route has a line of some 130 bytes for each route */
#define ROUTES_MAX (1024 * 1024)

/* Names of cards that others make: containers, virtual machines, tunnels. The kernel says of most
 * that they have no device below them; this is for those that do. */
static bool name_is_foreign(const char *name)
{
	static const char *const prefixes[] = {"docker", "virbr", "cni", "veth", "wg",      "wl",
					       "br-",    "tun",   "tap", "lxc",  "flannel", "cali"};

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (startswith(name, prefixes[i]))
			return true;
	return false;
}

static bool sysfs_has(const char *name, const char *what)
{
	_cleanup_(freep) char *path = xasprintf("/sys/class/net/%s/%s", name, what);

	return access(path, F_OK) == 0;
}

static bool is_wired(const char *name)
{
	return !name_is_foreign(name) && sysfs_has(name, "device") &&
	       !sysfs_has(name, "wireless") && !sysfs_has(name, "phy80211");
}

/* Reads field `at` (from 0) of a line of /proc/net/route: eight hexadecimal digits. */
static bool read_field(const char *line, int at, uint32_t *ret)
{
	uint8_t b[4];
	char word[9];
	struct err err = ERR_INIT;

	for (; at > 0; at--) {
		line += strcspn(line, " \t\n");
		line += strspn(line, " \t");
	}
	if (strcspn(line, " \t\n") != 8)
		return false;
	memcpy(word, line, 8);
	word[8] = '\0';
	if (parse_hex(word, b, sizeof(b), &err) < 0) {
		err_release(&err);
		return false;
	}
	*ret = (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
	return true;
}

struct ipv4 interfaces_router(const char *route_table, const char *name)
{
	/* Iface Destination Gateway Flags RefCnt Use Metric Mask; the addresses are network order
	 * seen as the machine's own integer */
	enum { DESTINATION = 1, GATEWAY = 2, MASK = 7 };
	const char *line = route_table;
	size_t len = strlen(name);

	while ((line = strchr(line, '\n'))) {
		uint32_t destination, gateway, mask;

		line++;
		if (strncmp(line, name, len) != 0 || (line[len] != '\t' && line[len] != ' '))
			continue;
		if (read_field(line, DESTINATION, &destination) && !destination &&
		    read_field(line, MASK, &mask) && !mask && read_field(line, GATEWAY, &gateway) &&
		    gateway)
			return ipv4_from_in((struct in_addr){gateway});
	}
	return (struct ipv4){0};
}

static uint8_t prefix_of(const struct sockaddr *mask)
{
	return mask ? (uint8_t)__builtin_popcount(ipv4_from_sockaddr(mask).a) : 32;
}

static struct interface *find_or_add(struct interface_list *l, const char *name)
{
	struct interface *i = (struct interface *)interfaces_find(l, name);

	if (i)
		return i;
	i = ARRAY_APPEND(l->i, l->n);
	i->name = xstrdup(name);
	i->wired = is_wired(name);
	return i;
}

int interfaces_read(struct interface_list *ret, struct err *err)
{
	_cleanup_(freep) char *routes = NULL;
	struct ifaddrs *all = NULL;
	size_t len = 0;

	if (file_read(AT_FDCWD, "/proc/net/route", ROUTES_MAX, &routes, &len, err) < 0)
		return -1;
	if (getifaddrs(&all) < 0)
		return err_errno(err, ERR_IO, errno, "the interfaces of this machine");
	*ret = (struct interface_list){0};
	for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
		const struct ipv4 ip = ipv4_from_sockaddr(a->ifa_addr);
		struct interface *i;

		if (a->ifa_flags & IFF_LOOPBACK)
			continue;
		i = find_or_add(ret, a->ifa_name);
		if (!ip.a || i->address.ip.a)
			continue;
		i->address.ip = ip;
		i->address.prefix = prefix_of(a->ifa_netmask);
		i->router = interfaces_router(routes, i->name);
	}
	freeifaddrs(all);
	return 0;
}

const struct interface *interfaces_find(const struct interface_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (streq(l->i[i].name, name))
			return &l->i[i];
	return NULL;
}

int interfaces_choose(const struct interface_list *l, const struct interface **ret, struct err *err)
{
	_cleanup_(freep) char *list = NULL;
	const struct interface *only = NULL;
	size_t n = 0;
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < l->n; i++) {
		const struct interface *c = &l->i[i];
		char net[IPV4_NET_TEXT_SIZE];

		if (c->wired && c->router.a) {
			*ret = c;
			buf_release(&b);
			return 0;
		}
		if (c->wired && c->address.ip.a) {
			only = c;
			n++;
		}
		buf_addf(&b, "%s%s (%s)", i ? ", " : "", c->name,
			 c->address.ip.a ? ipv4_net_format(c->address, net) : "no address");
	}
	list = buf_take(&b);
	if (n == 1) {
		*ret = only;
		return 0;
	}
	return err_set(err, ERR_REFUSED,
		       "no wired interface has the default route: name the one that the nodes are "
		       "on with --interface; this machine has %s",
		       *list ? list : "none");
}

void interfaces_release(struct interface_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->i[i].name);
	free(l->i);
	*l = (struct interface_list){0};
}
