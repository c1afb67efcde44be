/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends one DHCP request from a file and prints what comes back, for tests.
 *
 *   dhcp_ask INTERFACE FILE [SERVER PORT]
 *
 * Without SERVER by broadcast from port 68 to 67; the broadcast flag is set, because an answer to
 * an address that this machine does not have would not arrive here. Ends after half a second
 * without a reply; one line a reply: "from=IP type=OFFER yiaddr=IP siaddr=IP file=TEXT", then "
 * N=hex" for each option.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "dhcp/dhcp_msg.h"
#include "parse.h"

#define PATIENCE_MS 500

static struct ipv4 address_at(const uint8_t *p)
{
	return (struct ipv4){(uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
			     p[3]};
}

static void print_reply(const uint8_t *b, size_t n, struct sockaddr_in from)
{
	struct dhcp_bytes options = {b + DHCP_AT_OPTS, n - DHCP_AT_OPTS}, value;
	char ip[3][IPV4_TEXT_SIZE], hex[2 * UINT8_MAX + 1];
	uint8_t code;

	printf("from=%s yiaddr=%s siaddr=%s file=%.128s",
	       ipv4_format(ipv4_from_in(from.sin_addr), ip[0]),
	       ipv4_format(address_at(b + DHCP_AT_YIADDR), ip[1]),
	       ipv4_format(address_at(b + DHCP_AT_SIADDR), ip[2]), (const char *)b + DHCP_AT_FILE);
	while (dhcp_next_option(&options, &code, &value) > 0) {
		if (code == OPT_TYPE && value.n == 1)
			printf(" type=%s", dhcp_type_name((enum dhcp_type)value.p[0]));
		printf(" %u=%s", code, format_hex(value.p, value.n, hex));
	}
	putchar('\n');
}

static int open_socket(const char *interface)
{
	const struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(DHCP_CLIENT_PORT)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const int on = 1;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
		       (socklen_t)strlen(interface) + 1) < 0 ||
	    bind(fd, (const struct sockaddr *)&any, sizeof(any)) < 0)
		return -1;
	return fd;
}

static int ask(int fd, const uint8_t *request, size_t n, const struct sockaddr_in *to)
{
	struct pollfd waiting = {fd, POLLIN, 0};
	uint8_t reply[LIMIT_DHCP_PACKET];
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	ssize_t got;

	if (sendto(fd, request, n, 0, (const struct sockaddr *)to, sizeof(*to)) < 0)
		return -1;
	while (poll(&waiting, 1, PATIENCE_MS) > 0) {
		got = recvfrom(fd, reply, sizeof(reply), 0, (struct sockaddr *)&from, &size);
		if (got > DHCP_AT_OPTS &&
		    memcmp(reply + DHCP_AT_XID, request + DHCP_AT_XID, 4) == 0)
			print_reply(reply, (size_t)got, from);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(DHCP_SERVER_PORT),
				 .sin_addr = {htonl(INADDR_BROADCAST)}};
	uint8_t request[LIMIT_DHCP_PACKET] = {0};
	struct err err = ERR_INIT;
	struct ipv4 server;
	uint64_t port;
	size_t n;
	FILE *f;
	int fd;

	if (argc != 3 && argc != 5)
		return 2;
	if (argc == 5) {
		if (ipv4_parse(argv[3], &server, &err) < 0 ||
		    parse_u64(argv[4], UINT16_MAX, &port, &err) < 0) {
			fprintf(stderr, "dhcp_ask: %s\n", err_text(&err));
			return 2;
		}
		to.sin_addr = ipv4_to_in(server);
		to.sin_port = htons((uint16_t)port);
	}
	f = fopen(argv[2], "re");
	n = f ? fread(request, 1, sizeof(request), f) : 0;
	if (f)
		fclose(f);
	request[DHCP_AT_FLAGS] |= DHCP_FLAG_BROADCAST >> 8;
	fd = open_socket(argv[1]);
	if (n < DHCP_AT_OPTS || fd < 0 || ask(fd, request, n, &to) < 0) {
		fprintf(stderr, "dhcp_ask: %s on %s: %s\n", argv[2], argv[1], strerror(errno));
		return 1;
	}
	close(fd);
	return 0;
}
