/* SPDX-License-Identifier: Apache-2.0 */
#include "node_address.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#include "fsio.h"

bool node_address_has_default_route(const char *text)
{
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		const char *destination;

		line += *line == '\n';
		destination = line + strcspn(line, "\t\n");
		/* Interface, destination and gateway in hex; flags follow. */
		if (startswith(destination, "\t00000000\t"))
			return true;
	}
	return false;
}

static bool has_default_route(void)
{
	_cleanup_(freep) char *text = NULL;
	struct err ignored = ERR_INIT;
	size_t len;

	if (file_read(AT_FDCWD, "/proc/net/route", 1024 * 1024, &text, &len, &ignored) < 0) {
		err_release(&ignored);
		return true;
	}
	return node_address_has_default_route(text);
}

/* The address in "https://10.0.0.1:8443"; 0 when a name stands there. */
static struct ipv4 host_of(const char *url)
{
	const char *host = strstr(url, "://");
	_cleanup_(freep) char *text = NULL;
	struct err ignored = ERR_INIT;
	struct ipv4 ip = {0};

	if (!host)
		return ip;
	host += strlen("://");
	text = xstrndup(host, strcspn(host, ":/"));
	if (ipv4_parse(text, &ip, &ignored) < 0)
		err_release(&ignored);
	return ip;
}

/* A connected datagram socket sends nothing; the kernel chooses its source by the routes. */
static struct ipv4 source_towards(struct ipv4 peer)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = ipv4_to_in(peer)};
	struct sockaddr_in own = {0};
	socklen_t len = sizeof(own);
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&own, &len) < 0)
		return (struct ipv4){0};
	return ipv4_from_in(own.sin_addr);
}

struct ipv4 node_address(const struct plan *plan)
{
	struct ipv4 peer;

	if (plan->network.address.ip.a)
		return plan->network.address.ip;
	peer = plan->url ? host_of(plan->url) : (struct ipv4){0};
	if (!peer.a || has_default_route())
		return (struct ipv4){0};
	return source_towards(peer);
}
