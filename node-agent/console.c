/* SPDX-License-Identifier: Apache-2.0 */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>

#include "fsio.h"

void console_names(const char *text, struct strv *ret_names)
{
	while (*text && ret_names->n < LIMIT_CONSOLES) {
		size_t line = strcspn(text, "\n");
		size_t word = strcspn(text, " \t\n");

		if (word > 0 && !memchr(text, '/', word))
			strv_take(ret_names, xstrndup(text, word));
		text += line;
		if (*text)
			text++;
	}
}

void console_open(struct console *c)
{
	_cleanup_(strv_release) struct strv names = {0};
	_cleanup_(freep) char *text = NULL;
	struct err err = ERR_INIT;
	size_t len;

	*c = (struct console){0};
	if (file_read(AT_FDCWD, "/proc/consoles", 16384, &text, &len, &err) < 0)
		err_release(&err);
	else
		console_names(text, &names);
	if (names.n == 0)
		strv_add(&names, "console");
	for (size_t i = 0; i < names.n; i++) {
		_cleanup_(freep) char *path = xasprintf("/dev/%s", names.v[i]);
		int fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

		if (fd >= 0)
			c->fd[c->n++] = fd;
	}
}

static void write_one(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t did = write(fd, p, n);
		struct pollfd pfd = {.fd = fd, .events = POLLOUT};

		if (did > 0) {
			p += did;
			n -= (size_t)did;
			continue;
		}
		if (did < 0 && errno == EINTR)
			continue;
		if (did < 0 && errno == EAGAIN && poll(&pfd, 1, 1000) > 0)
			continue;
		return;
	}
}

void console_write(const struct console *c, const void *p, size_t n)
{
	for (size_t i = 0; i < c->n; i++)
		write_one(c->fd[i], p, n);
}

void console_release(struct console *c)
{
	for (size_t i = 0; i < c->n; i++)
		close(c->fd[i]);
	c->n = 0;
}
