/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many DHCP clients at once, for figures.
 *
 *   dhcp_storm INTERFACE offers SECONDS CLIENTS   CLIENTS keep asking: OFFERs a second
 *   dhcp_storm INTERFACE leases SECONDS CLIENTS   the same with whole exchanges: ACKs a second
 *   dhcp_storm INTERFACE burst N                  N DISCOVERs at once: how many are answered, how
 *                                                 soon the last one
 *
 * Every request has a MAC of its own, out of 30,000. Prints one line of key=value.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "dhcp/dhcp_msg.h"
#include "parse.h"

#define MACS       30000
#define BATCH      64
#define BUFFER     (16 * 1024 * 1024)
#define STALLED_MS 100
#define BURST_MS   2000

struct storm {
	int fd;
	bool leases;
	uint32_t next;    /* xid of the next DISCOVER */
	uint64_t answers; /* OFFERs, or ACKs */
	uint64_t sent;
	uint8_t out[BATCH][LIMIT_DHCP_MIN];
	size_t n_out;
};

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void put_u32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void flush_out(struct storm *s)
{
	const struct sockaddr_in to = {.sin_family = AF_INET,
				       .sin_port = htons(DHCP_SERVER_PORT),
				       .sin_addr = {htonl(INADDR_BROADCAST)}};
	struct mmsghdr headers[BATCH];
	struct iovec vectors[BATCH];
	size_t at = 0;

	for (size_t i = 0; i < s->n_out; i++) {
		vectors[i] = (struct iovec){s->out[i], LIMIT_DHCP_MIN};
		headers[i] = (struct mmsghdr){.msg_hdr = {.msg_name = (void *)&to,
							  .msg_namelen = sizeof(to),
							  .msg_iov = &vectors[i],
							  .msg_iovlen = 1}};
	}
	while (at < s->n_out) {
		int n = sendmmsg(s->fd, headers + at, (unsigned int)(s->n_out - at), 0);

		at += n > 0 ? (size_t)n : 1;
	}
	s->sent += s->n_out;
	s->n_out = 0;
}

/* One request of the client with this xid. ip and server 0: a DISCOVER. */
static void ask(struct storm *s, uint32_t xid, uint32_t ip, uint32_t server)
{
	uint8_t *p = s->out[s->n_out];
	size_t n = DHCP_AT_OPTS;

	memset(p, 0, LIMIT_DHCP_MIN);
	p[DHCP_AT_OP] = DHCP_BOOTREQUEST;
	p[DHCP_AT_HTYPE] = DHCP_HTYPE_ETHERNET;
	p[DHCP_AT_HLEN] = 6;
	p[DHCP_AT_FLAGS] = 0x80;
	put_u32(p + DHCP_AT_XID, xid);
	p[DHCP_AT_CHADDR] = 2;
	put_u32(p + DHCP_AT_CHADDR + 2, xid % MACS);
	put_u32(p + DHCP_AT_COOKIE, DHCP_COOKIE);
	p[n++] = OPT_TYPE;
	p[n++] = 1;
	p[n++] = server ? DHCPREQUEST : DHCPDISCOVER;
	if (server) {
		p[n++] = OPT_REQUESTED_IP;
		p[n++] = 4;
		put_u32(p + n, ip);
		n += 4;
		p[n++] = OPT_SERVER_ID;
		p[n++] = 4;
		put_u32(p + n, server);
		n += 4;
	}
	p[n] = OPT_END;
	if (++s->n_out == BATCH)
		flush_out(s);
}

static uint32_t u32_at(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* A reply: another question follows while `more`. */
static void take(struct storm *s, const uint8_t *b, size_t n, bool more)
{
	struct dhcp_bytes options = {b + DHCP_AT_OPTS, n - DHCP_AT_OPTS}, value;
	uint32_t server = 0, type = 0;
	uint8_t code;

	while (dhcp_next_option(&options, &code, &value) > 0) {
		if (code == OPT_TYPE)
			type = value.p[0];
		if (code == OPT_SERVER_ID && value.n == 4)
			server = u32_at(value.p);
	}
	if (s->leases && type == DHCPOFFER) {
		ask(s, u32_at(b + DHCP_AT_XID), u32_at(b + DHCP_AT_YIADDR), server);
		return;
	}
	s->answers += type == (s->leases ? DHCPACK : DHCPOFFER);
	if (more)
		ask(s, s->next++, 0, 0);
}

/* Reads what is there; false when nothing came for a while. */
static bool drain(struct storm *s, int patience_ms, bool more)
{
	static uint8_t data[BATCH][LIMIT_DHCP_PACKET];
	struct pollfd waiting = {s->fd, POLLIN, 0};
	struct mmsghdr headers[BATCH];
	struct iovec vectors[BATCH];
	int n;

	if (poll(&waiting, 1, patience_ms) <= 0)
		return false;
	for (size_t i = 0; i < BATCH; i++) {
		vectors[i] = (struct iovec){data[i], sizeof(data[i])};
		headers[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &vectors[i], .msg_iovlen = 1}};
	}
	n = recvmmsg(s->fd, headers, BATCH, MSG_DONTWAIT, NULL);
	for (int i = 0; i < n; i++)
		if (headers[i].msg_len > DHCP_AT_OPTS)
			take(s, data[i], headers[i].msg_len, more);
	flush_out(s);
	return true;
}

static void keep_asking(struct storm *s, double seconds, uint64_t clients)
{
	double start = now_s(), end = start + seconds, took;

	while (now_s() < end) {
		/* At the start, and again when replies were lost. */
		for (uint64_t i = 0; i < clients; i++)
			ask(s, s->next++, 0, 0);
		flush_out(s);
		while (drain(s, STALLED_MS, true) && now_s() < end)
			;
	}
	took = now_s() - start;
	printf("sent=%llu answers=%llu seconds=%.2f rate=%.0f\n", (unsigned long long)s->sent,
	       (unsigned long long)s->answers, took, (double)s->answers / took);
}

static void burst(struct storm *s, uint64_t n)
{
	double start = now_s(), last = start;

	for (uint64_t i = 0; i < n; i++)
		ask(s, s->next++, 0, 0);
	flush_out(s);
	while (s->answers < n && drain(s, BURST_MS, false))
		last = now_s();
	printf("sent=%llu answers=%llu last_ms=%.1f\n", (unsigned long long)n,
	       (unsigned long long)s->answers, (last - start) * 1000);
}

static int open_socket(const char *interface)
{
	const struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(DHCP_CLIENT_PORT)};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const int on = 1, bytes = BUFFER;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof(on)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface,
		       (socklen_t)strlen(interface) + 1) < 0 ||
	    bind(fd, (const struct sockaddr *)&any, sizeof(any)) < 0)
		return -1;
	return fd;
}

int main(int argc, char **argv)
{
	static struct storm s;
	uint64_t numbers[2] = {0, 0};
	struct err err = ERR_INIT;

	for (int i = 3; i < argc && i < 5; i++)
		if (parse_u64(argv[i], UINT32_MAX, &numbers[i - 3], &err) < 0) {
			fprintf(stderr, "dhcp_storm: %s\n", err_text(&err));
			return 2;
		}
	if (argc < 4 || (argc < 5 && !streq(argv[2], "burst")))
		return 2;
	s.fd = open_socket(argv[1]);
	if (s.fd < 0) {
		perror("dhcp_storm");
		return 1;
	}
	s.leases = streq(argv[2], "leases");
	if (streq(argv[2], "burst"))
		burst(&s, numbers[0]);
	else
		keep_asking(&s, (double)numbers[0], numbers[1]);
	return 0;
}
