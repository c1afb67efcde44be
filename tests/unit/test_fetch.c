/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "fetch.h"
#include "buf.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>

/* A server of one answer: whatever is asked gets `answer`, then the connection ends. */
struct server {
	int fd;
	char *url;
	const char *answer;
	struct buf asked;
	pthread_t thread;
};

static void *serve(void *arg)
{
	struct server *s = arg;
	char block[4096];
	int c = accept(s->fd, NULL, NULL);

	if (c < 0)
		return NULL;
	while (!s->asked.data || !strstr(s->asked.data, "\r\n\r\n")) {
		ssize_t n = recv(c, block, sizeof(block), 0);

		if (n <= 0)
			break;
		buf_add(&s->asked, block, (size_t)n);
	}
	send(c, s->answer, strlen(s->answer), MSG_NOSIGNAL);
	shutdown(c, SHUT_WR);
	while (recv(c, block, sizeof(block), 0) > 0)
		;
	close(c);
	return NULL;
}

static void server_start(struct server *s, const char *answer)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);

	*s = (struct server){.answer = answer};
	buf_init(&s->asked, 65536);
	s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(s->fd, 1), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &len), 0);
	s->url = xasprintf("http://127.0.0.1:%d/file", ntohs(a.sin_port));
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void server_stop(struct server *s)
{
	shutdown(s->fd, SHUT_RDWR);
	pthread_join(s->thread, NULL);
	close(s->fd);
	buf_release(&s->asked);
	free(s->url);
}

struct sink {
	struct buf got;
	size_t stop_at;
};

static bool sink_data(const void *p, size_t n, void *arg)
{
	struct sink *k = arg;

	buf_add(&k->got, p, n);
	return !k->stop_at || k->got.len < k->stop_at;
}

/* One request against one answer. */
static int ask(const char *answer, struct fetch_request req, struct fetch_answer *ret, char **asked,
	       struct err *err)
{
	struct fetch *f = fetch_new(NULL);
	struct server s;
	int r;

	server_start(&s, answer);
	req.url = s.url;
	r = fetch_do(f, &req, ret, err);
	fetch_free(f);
	if (asked)
		*asked = xstrdup(s.asked.data ? s.asked.data : "");
	server_stop(&s);
	return r;
}

static void takes_an_answer(void **state)
{
	struct fetch_answer a;
	struct err err = ERR_INIT;
	char *asked = NULL;

	(void)state;
	assert_ok(ask("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
		      (struct fetch_request){
			      .max = 5, .headers = (const char *const[]){"Provision-Key: k", NULL}},
		      &a, &asked, &err),
		  &err);
	assert_int_equal(a.status, 200);
	assert_string_equal(a.body, "hello");
	assert_int_equal(a.total, 5);
	assert_non_null(strstr(asked, "GET /file HTTP/1.1\r\n"));
	assert_non_null(strstr(asked, "Provision-Key: k\r\n"));
	assert_null(strstr(asked, "Range"));
	fetch_answer_release(&a);
	free(asked);
}

static void posts_json(void **state)
{
	struct fetch_answer a;
	struct err err = ERR_INIT;
	char *asked = NULL;

	(void)state;
	assert_ok(ask("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}",
		      (struct fetch_request){.max = 100, .body = "[1]", .body_len = 3}, &a, &asked,
		      &err),
		  &err);
	assert_int_equal(a.status, 404);
	assert_string_equal(a.body, "{}");
	assert_non_null(strstr(asked, "POST /file"));
	assert_non_null(strstr(asked, "Content-Type: application/json\r\n"));
	assert_non_null(strstr(asked, "Content-Length: 3\r\n"));
	fetch_answer_release(&a);
	free(asked);
}

static void gives_a_redirect_to_who_asks(void **state)
{
	static const char answer[] = "HTTP/1.1 302 Found\r\nLocation: /other\r\n"
				     "Content-Length: 0\r\n\r\n";
	struct fetch_answer a;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(
		ask(answer, (struct fetch_request){.max = 5, .no_redirect = true}, &a, NULL, &err),
		&err);
	assert_int_equal(a.status, 302);
	assert_true(startswith(a.location, "http://127.0.0.1:"));
	assert_true(endswith(a.location, "/other"));
	fetch_answer_release(&a);
}

/* The server of this answer never sends its body: the length alone is refused. */
static void length_over_the_ceiling(void **state)
{
	struct fetch_answer a;
	struct err err = ERR_INIT;

	(void)state;
	assert_fails(ask("HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n",
			 (struct fetch_request){.max = 4}, &a, NULL, &err),
		     &err, ERR_PROTOCOL, "larger than 4 bytes");
	/* it is no body's length here */
	assert_ok(ask("HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n",
		      (struct fetch_request){.max = 4, .method = "HEAD"}, &a, NULL, &err),
		  &err);
	fetch_answer_release(&a);
}

static void shows_no_password(void **state)
{
	static const struct {
		const char *url, *shown;
	} cases[] = {
		{"http://x/y", "http://x/y"},
		{"http://u:p@x/y", "http://x/y"},
		{"https://u:p@q@x", "https://x"},
		{"http://x/a@b", "http://x/a@b"},
		{"x@y", "x@y"},
		{"https://u:p@x/a?token=hunter2&b=c", "https://x/a?..."},
		{"https://x?hunter2", "https://x?..."},
		{"https://x/a#hunter2", "https://x/a?..."},
	};
	struct fetch *f = fetch_new(NULL);
	struct fetch_request req = {.url = "http://user:hunter2@127.0.0.1:1/", .max = 1};
	struct fetch_answer a;
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(freep) char *shown = fetch_shown_url(cases[i].url);

		assert_string_equal(shown, cases[i].shown);
	}
	assert_int_equal(fetch_do(f, &req, &a, &err), -1);
	assert_null(strstr(err_text(&err), "hunter2"));
	err_release(&err);
	fetch_free(f);
}

static void ceiling_holds(void **state)
{
	struct fetch_answer a;
	struct err err = ERR_INIT;

	(void)state;
	assert_fails(ask("HTTP/1.1 200 OK\r\n\r\nhello", (struct fetch_request){.max = 4}, &a, NULL,
			 &err),
		     &err, ERR_PROTOCOL, "larger than 4 bytes");
}

static void range_must_start_where_asked(void **state)
{
	struct sink k = {0};
	struct fetch_request req = {.max = 100, .offset = 3, .on_data = sink_data, .arg = &k};
	struct fetch_answer a;
	struct err err = ERR_INIT;
	char *asked = NULL;

	(void)state;
	buf_init(&k.got, 100);
	assert_ok(ask("HTTP/1.1 206 Partial\r\nContent-Range: bytes 3-4/5\r\nContent-Length: "
		      "2\r\n\r\nlo",
		      req, &a, &asked, &err),
		  &err);
	assert_string_equal(k.got.data, "lo");
	assert_int_equal(a.total, 5);
	assert_null(a.body);
	assert_non_null(strstr(asked, "Range: bytes=3-\r\n"));
	fetch_answer_release(&a);
	free(asked);
	buf_reset(&k.got);
	assert_fails(ask("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", req, &a, NULL, &err),
		     &err, ERR_NETWORK, "from 3 on");
	assert_fails(ask("HTTP/1.1 206 Partial\r\nContent-Range: bytes 2-4/5\r\n\r\nllo", req, &a,
			 NULL, &err),
		     &err, ERR_NETWORK, "from 3 on");
	assert_fails(ask("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", req, &a, NULL, &err), &err,
		     ERR_NETWORK, "from 3 on");
	assert_int_equal(k.got.len, 0);
	buf_release(&k.got);
}

static void error_page_is_no_data(void **state)
{
	struct sink k = {0};
	struct fetch_request req = {.max = 100, .on_data = sink_data, .arg = &k};
	struct fetch_answer a;
	struct err err = ERR_INIT;

	(void)state;
	buf_init(&k.got, 100);
	assert_ok(ask("HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy", req, &a, NULL, &err),
		  &err);
	assert_int_equal(a.status, 503);
	assert_string_equal(a.body, "busy");
	assert_int_equal(k.got.len, 0);
	fetch_answer_release(&a);
	buf_release(&k.got);
}

static void stops_and_breaks(void **state)
{
	struct sink k = {.stop_at = 1};
	struct fetch_request req = {.max = 100, .on_data = sink_data, .arg = &k};
	struct fetch_answer a;
	struct err err = ERR_INIT;

	(void)state;
	buf_init(&k.got, 100);
	assert_fails(ask("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", req, &a, NULL, &err),
		     &err, ERR_IO, "stopped");
	k.stop_at = 0;
	assert_fails(ask("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", req, &a, NULL, &err),
		     &err, ERR_NETWORK, "file");
	buf_release(&k.got);
}

static void only_http(void **state)
{
	struct fetch *f = fetch_new(NULL);
	struct fetch_request req = {.url = "file:///etc/hostname", .max = 100};
	struct fetch_answer a;
	struct err err = ERR_INIT;

	(void)state;
	assert_fails(fetch_do(f, &req, &a, &err), &err, ERR_NETWORK, "rotocol");
	fetch_free(f);
}

/* Waited for over hours, it is one and the same reason. */
static void no_connection_is_one_sentence(void **state)
{
	struct fetch *f = fetch_new(NULL);
	struct fetch_request req = {.url = "http://127.0.0.1:1/file", .max = 100};
	struct fetch_answer a;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(fetch_do(f, &req, &a, &err), -1);
	assert_null(strstr(err_text(&err), " ms"));
	assert_fails(-1, &err, ERR_NETWORK, "connect to 127.0.0.1 port 1: ");
	fetch_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_an_answer),
		cmocka_unit_test(posts_json),
		cmocka_unit_test(ceiling_holds),
		cmocka_unit_test(gives_a_redirect_to_who_asks),
		cmocka_unit_test(length_over_the_ceiling),
		cmocka_unit_test(shows_no_password),
		cmocka_unit_test(range_must_start_where_asked),
		cmocka_unit_test(error_page_is_no_data),
		cmocka_unit_test(stops_and_breaks),
		cmocka_unit_test(only_http),
		cmocka_unit_test(no_connection_is_one_sentence),
	};

	return cmocka_run_group_tests_name("fetch", tests, NULL, NULL);
}
