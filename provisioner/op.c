/* SPDX-License-Identifier: Apache-2.0 */
#include "op.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "buf.h"
#include "fsio.h"
#include "op_run.h"

/* An answer of the daemon: the status of LIMIT_NODES nodes has some 10 MB. */
#define REPLY_MAX (64 * 1024 * 1024)
/* How long the daemon may think; the status of LIMIT_NODES nodes is the longest. */
#define REPLY_TIMEOUT_MS (120 * 1000)

/* 1: connected; 0: nobody listens there; -1. */
static int connect_daemon(const struct paths *paths, int *ret_fd, struct err *err)
{
	_cleanup_(freep) char *path = paths_ctl(paths);
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	_cleanup_(closep) int fd = -1;

	if (strlen(path) >= sizeof(sa.sun_path))
		return err_set(err, ERR_USAGE, "%s: longer than a socket's name may be", path);
	memcpy(sa.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot make a socket");
	if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0) {
		if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR)
			return 0;
		if (errno == EACCES)
			return err_set(err, ERR_REFUSED,
				       "%s: only root and the group provision may talk to "
				       "provisiond",
				       path);
		return err_errno(err, ERR_IO, errno, "%s", path);
	}
	*ret_fd = TAKE_FD(fd);
	return 1;
}

static int read_line(int fd, struct buf *line, struct err *err)
{
	char chunk[65536];

	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int r = poll(&p, 1, REPLY_TIMEOUT_MS);
		ssize_t n;

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return err_errno(err, ERR_IO, errno, "control socket");
		if (r == 0)
			return err_set(err, ERR_BUSY,
				       "provisiond does not answer; its log says "
				       "why (journalctl -u provisiond)");
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(err, ERR_IO,
				       "provisiond hung up; its log says why "
				       "(journalctl -u provisiond)");
		if (!buf_add(line, chunk, (size_t)n))
			return err_set(err, ERR_PROTOCOL, "provisiond's answer has no end");
		if (chunk[n - 1] == '\n')
			return 0;
	}
}

/* {"ok":..} or {"error":{"kind","message"}} */
static int read_reply(const struct buf *line, json_t **ret, struct err *err)
{
	_cleanup_json_ json_t *j = NULL;
	const char *kind = NULL, *message = NULL;

	if (jsonx_parse(line->data, line->len, "provisiond's answer", &j, err) < 0)
		return -1;
	if (json_object_get(j, "ok")) {
		*ret = json_incref(json_object_get(j, "ok"));
		return 0;
	}
	if (json_unpack(j, "{s:{s:s,s:s}}", "error", "kind", &kind, "message", &message) < 0)
		return err_set(err, ERR_PROTOCOL, "provisiond's answer is neither ok nor error");
	return err_set(err, err_kind_parse(kind), "%s", message);
}

static int call_daemon(int fd, const char *op, json_t *args, json_t **ret, struct err *err)
{
	_cleanup_json_ json_t *request = json_object();
	_cleanup_(freep) char *text = NULL, *request_line = NULL;
	_cleanup_(buf_release) struct buf line;

	buf_init(&line, REPLY_MAX);
	jsonx_put_string(request, "op", op);
	json_object_set(request, "args", args);
	text = jsonx_canonical(request);
	request_line = xasprintf("%s\n", text);
	if (fd_write_all(fd, request_line, strlen(request_line), err) < 0 ||
	    read_line(fd, &line, err) < 0)
		return -1;
	return read_reply(&line, ret, err);
}

static int call_here(const struct paths *paths, const char *op, json_t *args, json_t **ret,
		     struct err *err)
{
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_(inventory_freep) struct inventory *inv = NULL;
	_cleanup_(store_closep) struct store *store = NULL;
	struct op_context ctx = {0};
	struct timespec now;

	if (inventory_load(paths->config, &inv, &ps) < 0)
		return problems_to_err(&ps, err);
	if (store_open(paths->state, &store, err) < 0)
		return err->errnum != EACCES ? -1
					     : err_set(err, ERR_IO,
						       "%s is root's: run it as root, or as a "
						       "member of the group "
						       "provision while provisiond runs",
						       paths->state);
	clock_gettime(CLOCK_REALTIME, &now);
	ctx.store = store;
	ctx.inventory = inv;
	ctx.now_ms = now.tv_sec * 1000LL + now.tv_nsec / 1000000;
	if (store_intents_expire(store, ctx.now_ms, err) < 0)
		return -1;
	return op_run(&ctx, op, args, ret, err);
}

int op_call(const struct paths *paths, const char *op, json_t *args, json_t **ret_reply,
	    struct err *err)
{
	_cleanup_json_ json_t *given = args ? json_incref(args) : json_object();
	_cleanup_(closep) int fd = -1;
	int r = connect_daemon(paths, &fd, err);

	if (r < 0)
		return -1;
	return r ? call_daemon(fd, op, given, ret_reply, err)
		 : call_here(paths, op, given, ret_reply, err);
}

bool op_daemon_lives(const struct paths *paths)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(closep) int fd = -1;

	return connect_daemon(paths, &fd, &err) == 1;
}
