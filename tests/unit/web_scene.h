/* SPDX-License-Identifier: Apache-2.0 */
/* A web server on 127.0.0.1, in a thread of the test: one request a connection, one after the
 * other. */
#ifndef PROVISION_WEB_SCENE_H
#define PROVISION_WEB_SCENE_H

#include "unit.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>

#include "buf.h"

struct web {
	int fd;
	char *url; /* "http://127.0.0.1:1234" */
	/* The whole answer to what was asked for ("/path", or a URL of whoever takes it for a
	 * proxy), which the server frees; NULL: it says nothing until the other side has enough. */
	char *(*answer)(const struct web *w, const char *path);
	struct buf asked; /* all requests, with their headers */
	pthread_t thread;
};

/* An answer of 200 with this body. Caller frees. */
static inline char *web_ok(const char *body)
{
	return xasprintf("HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s", strlen(body), body);
}

static inline void web_serve_one(struct web *w, int c)
{
	_cleanup_(freep) char *path = NULL, *answer = NULL;
	char block[4096];
	size_t start = w->asked.len;
	const char *request;

	while (!w->asked.data || !strstr(w->asked.data + start, "\r\n\r\n")) {
		ssize_t n = recv(c, block, sizeof(block), 0);

		if (n <= 0)
			return;
		buf_add(&w->asked, block, (size_t)n);
	}
	request = strchr(w->asked.data + start, ' ') + 1;
	path = xstrndup(request, strcspn(request, " "));
	answer = w->answer(w, path);
	if (answer) {
		send(c, answer, strlen(answer), MSG_NOSIGNAL);
		shutdown(c, SHUT_WR);
	}
	while (recv(c, block, sizeof(block), 0) > 0)
		;
}

static inline void *web_serve(void *arg)
{
	struct web *w = arg;
	int c;

	while ((c = accept(w->fd, NULL, NULL)) >= 0) {
		web_serve_one(w, c);
		close(c);
	}
	return NULL;
}

static inline void web_start(struct web *w, char *(*answer)(const struct web *w, const char *path))
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);

	*w = (struct web){.answer = answer};
	buf_init(&w->asked, (size_t)1024 * 1024);
	w->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(w->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(w->fd, 16), 0);
	assert_int_equal(getsockname(w->fd, (struct sockaddr *)&a, &len), 0);
	w->url = xasprintf("http://127.0.0.1:%d", ntohs(a.sin_port));
	assert_int_equal(pthread_create(&w->thread, NULL, web_serve, w), 0);
}

/* Afterwards `asked` may be looked at. */
static inline void web_stop(struct web *w)
{
	shutdown(w->fd, SHUT_RDWR);
	pthread_join(w->thread, NULL);
	close(w->fd);
	w->fd = -1;
}

static inline void web_release(struct web *w)
{
	if (w->fd >= 0)
		web_stop(w);
	buf_release(&w->asked);
	free(w->url);
}

/* How often the requests have the text. */
static inline size_t web_count(const struct web *w, const char *text)
{
	size_t n = 0;

	for (const char *at = w->asked.data; at && (at = strstr(at, text)); at++)
		n++;
	return n;
}

#endif
