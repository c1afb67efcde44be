/* SPDX-License-Identifier: Apache-2.0 */
#include "netlease.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <net/route.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "buf.h"
#include "fsio.h"
#include "netif.h"
#include "runcmd.h"

static const char *lookup(const char *const *env, const char *name)
{
	size_t len = strlen(name);

	for (; *env; env++) {
		if (startswith(*env, name) && (*env)[len] == '=' && (*env)[len + 1])
			return *env + len + 1;
	}
	return NULL;
}

/* The first max addresses of a list with blanks between. */
static int take_addresses(const char *text, struct ipv4 *ret, size_t max, size_t *ret_n,
			  struct err *err)
{
	*ret_n = 0;
	while (text && *text && *ret_n < max) {
		size_t len = strcspn(text, " ");
		_cleanup_(freep) char *word = xstrndup(text, len);

		if (len > 0 && ipv4_parse(word, &ret[(*ret_n)++], err) < 0)
			return -1;
		text += len + (text[len] == ' ');
	}
	return 0;
}

static uint8_t prefix_of(struct ipv4 mask)
{
	uint8_t prefix = 0;

	while (prefix < 32 && mask.a & (UINT32_C(1) << (31 - prefix)))
		prefix++;
	return prefix;
}

/* A domain from the wire: nothing but what a name may hold. */
static bool is_domain(const char *text)
{
	static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789.-_";

	return strlen(text) <= 255 && strspn(text, fine) == strlen(text);
}

static int fill(const char *const *env, struct netlease *l, struct err *err)
{
	const char *interface = lookup(env, "interface");
	const char *ip = lookup(env, "ip");
	const char *subnet = lookup(env, "subnet");
	const char *domain = lookup(env, "domain");
	struct ipv4 mask = {0xffffff00};
	size_t routers;

	if (!interface || strlen(interface) >= IFNAMSIZ || strchr(interface, '/') || !ip)
		return err_set(err, ERR_PROTOCOL, "no interface or no address");
	if (ipv4_parse(ip, &l->address.ip, err) < 0 ||
	    (subnet && ipv4_parse(subnet, &mask, err) < 0) ||
	    take_addresses(lookup(env, "router"), &l->router, 1, &routers, err) < 0 ||
	    take_addresses(lookup(env, "dns"), l->dns, ARRAY_SIZE(l->dns), &l->n_dns, err) < 0)
		return -1;
	l->address.prefix = prefix_of(mask);
	l->interface = xstrdup(interface);
	if (domain && is_domain(domain))
		l->domain = xstrdup(domain);
	return 0;
}

int netlease_from_env(const char *const *env, struct netlease *ret_lease, struct err *err)
{
	struct netlease l = {0};

	if (fill(env, &l, err) < 0) {
		netlease_release(&l);
		err->kind = ERR_PROTOCOL;
		return err_wrap(err, "DHCP");
	}
	*ret_lease = l;
	return 0;
}

char *netlease_resolv_conf(const struct netlease *l)
{
	struct buf b;

	buf_init(&b, 4096);
	if (l->domain)
		buf_addf(&b, "search %s\n", l->domain);
	for (size_t i = 0; i < l->n_dns; i++) {
		char text[IPV4_TEXT_SIZE];

		buf_addf(&b, "nameserver %s\n", ipv4_format(l->dns[i], text));
	}
	return buf_take(&b);
}

static void put_address(struct sockaddr *sa, struct ipv4 ip)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr = ipv4_to_in(ip)};

	memcpy(sa, &in, sizeof(in));
}

static int set_address(int fd, struct ifreq *req, unsigned long what, struct ipv4 ip,
		       struct err *err)
{
	put_address(&req->ifr_addr, ip);
	if (ioctl(fd, what, req) < 0)
		return err_errno(err, ERR_IO, errno, "%s: cannot set the address", req->ifr_name);
	return 0;
}

static int apply(const struct netlease *l, struct err *err)
{
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq req = {0};
	struct rtentry route = {.rt_flags = RTF_UP | RTF_GATEWAY, .rt_dev = l->interface};

	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "no socket");
	if (!l->interface)
		BUG("a lease without its interface");
	memcpy(req.ifr_name, l->interface, strlen(l->interface));
	if (set_address(fd, &req, SIOCSIFADDR, l->address.ip, err) < 0 ||
	    set_address(fd, &req, SIOCSIFNETMASK, ipv4_netmask(l->address.prefix), err) < 0 ||
	    netif_up(l->interface, err) < 0)
		return -1;
	if (l->router.a == 0)
		return 0;
	put_address(&route.rt_dst, (struct ipv4){0});
	put_address(&route.rt_genmask, (struct ipv4){0});
	put_address(&route.rt_gateway, l->router);
	/* Without a way out the local network still serves. */
	ioctl(fd, SIOCADDRT, &route);
	return 0;
}

int netlease_event(const char *event, const char *const *env, struct err *err)
{
	_cleanup_(netlease_release) struct netlease l = {0};
	_cleanup_(freep) char *resolv = NULL;

	if (!streq(event, "bound") && !streq(event, "renew"))
		return 0;
	if (netlease_from_env(env, &l, err) < 0 || apply(&l, err) < 0)
		return -1;
	resolv = netlease_resolv_conf(&l);
	return file_write(AT_FDCWD, "/etc/resolv.conf", resolv, strlen(resolv), 0644, err);
}

/* udhcpc wants a file to call: a link to ourselves, whose name tells what to do. */
static int link_program(struct err *err)
{
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n <= 0)
		return err_errno(err, ERR_IO, errno, "/proc/self/exe");
	self[n] = '\0';
	if (dir_make(AT_FDCWD, NETLEASE_DIR, 0755, err) < 0)
		return -1;
	if (symlink(self, NETLEASE_DIR "/" NETLEASE_PROGRAM) < 0 && errno != EEXIST)
		return err_errno(err, ERR_IO, errno, NETLEASE_DIR "/" NETLEASE_PROGRAM);
	return 0;
}

int netlease_get(const char *interface, unsigned int limit_s, struct err *err)
{
	/* It goes into the background when it has a lease, and ends with 1 without one. */
	const char *const argv[] = {
		"udhcpc", "-i", interface, "-n", "-t",
		"5",      "-T", "2",       "-s", NETLEASE_DIR "/" NETLEASE_PROGRAM,
		NULL};
	struct runcmd cmd = {.argv = argv, .timeout_s = limit_s};

	if (link_program(err) < 0)
		return -1;
	if (runcmd(&cmd, NULL, err) == 0)
		return 0;
	return err_set(err, ERR_NETWORK,
		       "%s: no address by DHCP; look after the cable and the DHCP server",
		       interface);
}

void netlease_release(struct netlease *l)
{
	free(l->interface);
	free(l->domain);
	*l = (struct netlease){0};
}
