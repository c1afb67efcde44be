/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that are coming in, at a real server on the loopback. */
#include "unit.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "http/http.h"
#include "limits.h"

#define LARGE   ((size_t)1024 * 1024)
#define STALLED 110 /* at most; of two addresses */

struct place {
	struct http_server *server;
	uint16_t port;
	struct err err;
	char *body;
};

static struct http_reply take(void *ctx, const struct http_request *r)
{
	(void)ctx;
	(void)r;
	return http_reply_copy(200, "text/plain", "taken\n", 6);
}

static const struct http_route routes[] = {
	{.path = "/up", .post = true, .body_max = LARGE, .handle = take},
};

static int start(void **state, unsigned int upload_ms)
{
	struct place *p = xcalloc(1, sizeof(*p));
	struct sockaddr_in sa;
	socklen_t size = sizeof(sa);
	struct http_options o = {
		.threads = 1, .upload_ms = upload_ms, .routes = routes, .n_routes = 1};

	*state = p;
	p->body = xcalloc(1, LARGE);
	if (http_listen(0, &o.listen_fd, &p->err) < 0 ||
	    getsockname(o.listen_fd, (struct sockaddr *)&sa, &size) < 0)
		return -1;
	p->port = ntohs(sa.sin_port);
	return http_start(&o, &p->server, &p->err);
}

static int setup(void **state)
{
	return start(state, 0);
}

static int setup_impatient(void **state)
{
	return start(state, 100);
}

static int teardown(void **state)
{
	struct place *p = *state;

	http_stop(p->server);
	free(p->body);
	free(p);
	return 0;
}

/* From 127.0.0.`from`, for one address has only LIMIT_HTTP_PER_IP connections. */
static int connect_from(const struct place *p, unsigned int from)
{
	struct sockaddr_in own = {.sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + from)},
			   peer = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				   .sin_port = htons(p->port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&peer, sizeof(peer)), 0);
	return fd;
}

static void send_all(int fd, const char *data, size_t n)
{
	while (n) {
		ssize_t sent = send(fd, data, n, MSG_NOSIGNAL);

		assert_true(sent > 0);
		data += sent;
		n -= (size_t)sent;
	}
}

/* The request and so much of its body of `size` bytes. */
static int begin(const struct place *p, unsigned int from, size_t size, size_t sent)
{
	_cleanup_(freep) char *head =
		xasprintf("POST /up HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", size);
	int fd = connect_from(p, from);

	send_all(fd, head, strlen(head));
	send_all(fd, p->body, sent);
	return fd;
}

/* Reads the answer and closes. */
static int status_of(int fd)
{
	char text[32] = "";
	int status = 0;

	assert_true(recv(fd, text, sizeof(text) - 1, 0) > 0);
	assert_int_equal(sscanf(text, "HTTP/1.1 %d", &status), 1);
	close(fd);
	return status;
}

static int post(const struct place *p, unsigned int from, size_t size)
{
	return status_of(begin(p, from, size, size));
}

/* Whether a large body is taken before long: the server sees the end of others when it gets to it.
 */
static bool is_taken(const struct place *p)
{
	for (int i = 0; i < 500; i++) {
		if (post(p, 3, LARGE) == 200)
			return true;
		poll(NULL, 0, 10);
	}
	return false;
}

/* Uploads that lack their last byte, until there is no room for another large one. How many that
 * takes depends on which of them the server reads first. */
static size_t stall(const struct place *p, int fds[STALLED])
{
	for (unsigned int n = 0; n < STALLED; n++) {
		fds[n] = begin(p, 1 + n % 2, LARGE, LARGE - 1);
		if (n >= 64 && post(p, 3, LARGE) == 503)
			return n + 1;
	}
	fail_msg("%d uploads are taken at once", STALLED);
	return 0;
}

static void stalled_uploads_share_one_allowance(void **state)
{
	const struct place *p = *state;
	int fds[STALLED];
	size_t n = stall(p, fds), taken = 0;

	/* an ordinary request comes through */
	assert_int_equal(post(p, 3, LIMIT_HTTP_UPLOAD_FREE), 200);
	for (size_t i = 0; i < n; i++) {
		int status;

		send_all(fds[i], p->body, 1);
		status = status_of(fds[i]);
		assert_true(status == 200 || status == 503);
		taken += status == 200;
	}
	assert_true(taken >= 32);
	assert_true(is_taken(p));
}

static void what_is_given_up_is_given_back(void **state)
{
	const struct place *p = *state;
	int fds[STALLED];
	size_t n = stall(p, fds);

	for (size_t i = 0; i < n; i++)
		close(fds[i]);
	assert_true(is_taken(p));
}

static void a_body_over_its_ceiling_is_read_and_refused(void **state)
{
	const struct place *p = *state;
	int fd = begin(p, 1, 3 * LARGE, LARGE);

	send_all(fd, p->body, LARGE);
	send_all(fd, p->body, LARGE);
	assert_int_equal(status_of(fd), 413);
}

static void a_body_that_drips_is_cut_off(void **state)
{
	const struct place *p = *state;
	int fd = begin(p, 1, LARGE, 1);
	bool over = false;

	for (int i = 0; i < 200 && !over; i++) {
		struct pollfd there = {.fd = fd, .events = POLLIN};

		over = send(fd, p->body, 1, MSG_NOSIGNAL) < 0 || poll(&there, 1, 20) == 1;
	}
	assert_true(over);
	close(fd);
}

int main(void)
{
#define EACH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		EACH(stalled_uploads_share_one_allowance),
		EACH(what_is_given_up_is_given_back),
		EACH(a_body_over_its_ceiling_is_read_and_refused),
		cmocka_unit_test_setup_teardown(a_body_that_drips_is_cut_off, setup_impatient,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
