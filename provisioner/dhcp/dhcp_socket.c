/* SPDX-License-Identifier: Apache-2.0 */
#include "dhcp/dhcp_socket.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "dhcp/dhcp_opts.h"
#include "limits.h"
#include "port_holder.h"

/* What the kernel charges a socket for one waiting packet: the frame in a page fragment, and its
 * own bookkeeping. */
#define PACKET_CHARGE 2304

struct dhcp_inbox {
	uint8_t data[DHCP_BATCH][LIMIT_DHCP_PACKET + 1];
	struct mmsghdr headers[DHCP_BATCH];
	struct iovec vectors[DHCP_BATCH];
	struct dhcp_packet packets[DHCP_BATCH];
};

static void freeifaddrsp(struct ifaddrs **a)
{
	if (*a)
		freeifaddrs(*a);
}

static uint8_t prefix_of(const struct sockaddr *mask)
{
	struct sockaddr_in in;

	memcpy(&in, mask, sizeof(in));
	return (uint8_t)__builtin_popcount(in.sin_addr.s_addr);
}

int dhcp_link_find(const char *interface, struct ipv4 wanted, struct dhcp_link *ret,
		   struct err *err)
{
	_cleanup_(freeifaddrsp) struct ifaddrs *all = NULL;
	struct dhcp_link link = {if_nametoindex(interface), {{0}, 0}};

	if (link.index == 0)
		return err_set(err, ERR_CONFIG,
			       "there is no interface \"%s\"; correct `provisioner.interfaces` "
			       "(`ip -brief link` lists them)",
			       interface);
	if (getifaddrs(&all) < 0)
		return err_errno(err, ERR_IO, errno, "reading the interfaces' addresses");
	for (const struct ifaddrs *a = all; a; a = a->ifa_next) {
		struct sockaddr_in in;

		if (!streq(a->ifa_name, interface) || !a->ifa_addr || !a->ifa_netmask ||
		    a->ifa_addr->sa_family != AF_INET)
			continue;
		memcpy(&in, a->ifa_addr, sizeof(in));
		if (link.address.ip.a == 0 || ipv4_from_in(in.sin_addr).a == wanted.a)
			link.address = (struct ipv4_net){ipv4_from_in(in.sin_addr),
							 prefix_of(a->ifa_netmask)};
	}
	if (link.address.ip.a == 0)
		return err_set(err, ERR_CONFIG,
			       "interface %s has no IPv4 address; give it a static one, the "
			       "machines have to find this host under it",
			       interface);
	*ret = link;
	return 0;
}

/* An unprivileged process gets as much as net.core.rmem_max allows. */
static void enlarge(int fd)
{
	const int bytes = LIMIT_DHCP_BURST * PACKET_CHARGE / 2; /* the kernel doubles it */

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0)
		(void)!setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0)
		(void)!setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

static int bind_port(int fd, const char *interface, uint16_t port, struct err *err)
{
	const struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
	_cleanup_(freep) char *holder = NULL;

	if (bind(fd, (const struct sockaddr *)&any, sizeof(any)) == 0)
		return 0;
	if (errno != EADDRINUSE)
		return err_errno(err, ERR_IO, errno, "binding UDP port %u on %s", port, interface);
	holder = port_holder("udp", (struct ipv4){0}, port);
	return err_set(err, ERR_BUSY,
		       "UDP port %u on %s is taken by %s: stop it, or keep it off %s, or set "
		       "`dhcp.mode: off` and let it give the boot file",
		       port, interface, holder, interface);
}

int dhcp_socket_open(const char *interface, const struct dhcp_link *link, uint16_t port,
		     struct dhcp_socket *ret, struct err *err)
{
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const int on = 1;

	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "making a UDP socket");
	if (setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
		       (socklen_t)strlen(interface) + 1) < 0)
		return err_errno(err, ERR_IO, errno, "tying a UDP socket to %s", interface);
	enlarge(fd);
	if (bind_port(fd, interface, port, err) < 0)
		return -1;
	*ret = (struct dhcp_socket){TAKE_FD(fd), port, *link, xstrdup(interface)};
	return 0;
}

void dhcp_socket_release(struct dhcp_socket *s)
{
	closep(&s->fd);
	s->fd = -1;
	free(s->interface);
	s->interface = NULL;
}

struct dhcp_inbox *dhcp_inbox_new(void)
{
	struct dhcp_inbox *in = xcalloc(1, sizeof(*in));

	for (size_t i = 0; i < DHCP_BATCH; i++) {
		in->vectors[i] = (struct iovec){in->data[i], sizeof(in->data[i])};
		in->headers[i].msg_hdr.msg_iov = &in->vectors[i];
		in->headers[i].msg_hdr.msg_iovlen = 1;
		in->headers[i].msg_hdr.msg_name = &in->packets[i].peer;
		in->packets[i].data = in->data[i];
	}
	return in;
}

struct dhcp_inbox *dhcp_inbox_free(struct dhcp_inbox *in)
{
	free(in);
	return NULL;
}

int dhcp_receive(struct dhcp_socket *s, struct dhcp_inbox *in, struct dhcp_packet **ret_packets,
		 struct err *err)
{
	int n;

	for (size_t i = 0; i < DHCP_BATCH; i++)
		in->headers[i].msg_hdr.msg_namelen = sizeof(in->packets[i].peer);
	n = recvmmsg(s->fd, in->headers, DHCP_BATCH, MSG_DONTWAIT, NULL);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		n = 0;
	if (n < 0)
		return err_errno(err, ERR_NETWORK, errno, "reading DHCP requests on %s",
				 s->interface);
	for (int i = 0; i < n; i++)
		in->packets[i].len = in->headers[i].msg_len;
	*ret_packets = in->packets;
	return n;
}

/* One sendmmsg of at most DHCP_BATCH packets; how many went out, or -1 with errno. */
static int send_batch(struct dhcp_socket *s, const struct dhcp_packet *packets, size_t n)
{
	struct mmsghdr headers[DHCP_BATCH];
	struct iovec vectors[DHCP_BATCH];
	union {
		struct cmsghdr header;
		uint8_t space[CMSG_SPACE(sizeof(struct in_pktinfo))];
	} control = {.space = {0}};
	const struct in_pktinfo info = {.ipi_ifindex = (int)s->link.index,
					.ipi_spec_dst = ipv4_to_in(s->link.address.ip)};

	control.header = (struct cmsghdr){CMSG_LEN(sizeof(info)), IPPROTO_IP, IP_PKTINFO};
	memcpy(CMSG_DATA(&control.header), &info, sizeof(info));
	for (size_t i = 0; i < n; i++) {
		vectors[i] = (struct iovec){packets[i].data, packets[i].len};
		headers[i] = (struct mmsghdr){.msg_hdr = {.msg_name = (void *)&packets[i].peer,
							  .msg_namelen = sizeof(packets[i].peer),
							  .msg_iov = &vectors[i],
							  .msg_iovlen = 1,
							  .msg_control = &control,
							  .msg_controllen = sizeof(control)}};
	}
	return sendmmsg(s->fd, headers, (unsigned int)n, MSG_DONTWAIT);
}

size_t dhcp_send(struct dhcp_socket *s, const struct dhcp_packet *packets, size_t n, int *ret_errno)
{
	size_t failed = 0, at = 0;

	while (at < n) {
		size_t part = n - at > DHCP_BATCH ? DHCP_BATCH : n - at;
		int sent = send_batch(s, packets + at, part);

		if (sent > 0) {
			at += (size_t)sent;
		} else if (errno != EINTR) {
			*ret_errno = errno; /* of the first packet: go on behind it */
			failed++;
			at++;
		}
	}
	return failed;
}
