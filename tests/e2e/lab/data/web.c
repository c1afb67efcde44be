/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web                          serve HTTP on port 8080; every answer is the pod's host name
 * web get http://ADDR:PORT/    fetch it and print it (IPv4 in figures: the lab's pods have no DNS)
 *
 * get ends with 0 on "200", with 1 on anything else, 2 on wrong use.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { PORT = 8080, LIMIT_S = 5, HEAD_MAX = 4096 };

static int fail(const char *what)
{
	perror(what);
	return 1;
}

/* Nobody may hold the only process of the server for longer than LIMIT_S. */
static void limit(int fd)
{
	struct timeval tv = {.tv_sec = LIMIT_S};

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
}

static void answer(int fd)
{
	char head[HEAD_MAX], host[65] = "";
	ssize_t n;

	n = read(fd, head, sizeof(head));
	if (n <= 0)
		return;
	gethostname(host, sizeof(host) - 1);
	dprintf(fd,
		"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n"
		"Connection: close\r\n\r\n%s\n",
		strlen(host) + 1, host);
	shutdown(fd, SHUT_WR);
}

/* As process 1 of its container it would ignore a signal that nobody handles. */
static void quit(int sig)
{
	(void)sig;
	_exit(0);
}

static int serve(void)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	int fd, one = 1;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) < 0 || listen(fd, 64) < 0)
		return fail("port 8080");
	for (;;) {
		int client = accept(fd, NULL, NULL);

		if (client < 0)
			continue;
		limit(client);
		answer(client);
		close(client);
	}
}

static int parse_url(const char *url, struct sockaddr_in *ret_to)
{
	char addr[INET_ADDRSTRLEN];
	unsigned port = 80;

	if (sscanf(url, "http://%15[0-9.]:%u", addr, &port) < 1 || port > 65535)
		return -1;
	ret_to->sin_family = AF_INET;
	ret_to->sin_port = htons((uint16_t)port);
	return inet_pton(AF_INET, addr, &ret_to->sin_addr) == 1 ? 0 : -1;
}

static int get(const char *url)
{
	struct sockaddr_in to = {0};
	char reply[HEAD_MAX] = "", *body;
	size_t have = 0;
	ssize_t n;
	int fd;

	if (parse_url(url, &to) < 0) {
		fprintf(stderr, "web: %s: want http://ADDRESS:PORT/\n", url);
		return 2;
	}
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return fail("socket");
	limit(fd);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		return fail(url);
	dprintf(fd, "GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n");
	while (have < sizeof(reply) - 1 &&
	       (n = read(fd, reply + have, sizeof(reply) - 1 - have)) > 0)
		have += (size_t)n;
	body = strstr(reply, "\r\n\r\n");
	if (strncmp(reply, "HTTP/1.1 200 ", 13) != 0 || !body) {
		fprintf(stderr, "web: %s: no 200 in the answer\n", url);
		return 1;
	}
	fputs(body + 4, stdout);
	return 0;
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, quit);
	if (argc == 1)
		return serve();
	if (argc == 3 && strcmp(argv[1], "get") == 0)
		return get(argv[2]);
	fprintf(stderr, "usage: web [get http://ADDRESS:PORT/]\n");
	return 2;
}
