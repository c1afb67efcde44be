/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <systemd/sd-event.h>

#include "buf.h"
#include "fsio.h"

/* People and scripts at one daemon; each may hold one connection open for `watch`. */
#define CONNECTIONS_MAX 64
/* One request: the disks of a machine, named to be erased. */
#define REQUEST_MAX (64 * 1024)
/* The status of LIMIT_NODES nodes has some 10 MB. */
#define REPLY_MAX (64 * 1024 * 1024)

struct conn {
	struct ctl *ctl;
	struct conn *next;
	int fd;
	sd_event_source *io, *timer;
	struct buf in, out;
	size_t sent;
	json_t *waiting; /* the request that waits for events, or NULL */
};

struct ctl {
	struct ctl_options o;
	pthread_t thread;
	sd_event *event;
	int wake_fd; /* eventfd: something changed, or stop */
	bool stop;   /* atomic */
	struct conn *conns;
	size_t n_conns;
};

static struct conn *conn_free(struct conn *c)
{
	struct conn **at = &c->ctl->conns;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->ctl->n_conns--;
	sd_event_source_disable_unref(c->io);
	sd_event_source_disable_unref(c->timer);
	close(c->fd);
	buf_release(&c->in);
	buf_release(&c->out);
	json_decref(c->waiting);
	free(c);
	return NULL;
}

/* Sends what is queued; false when the connection is gone. */
static bool conn_send(struct conn *c)
{
	while (c->sent < c->out.len) {
		ssize_t n = send(c->fd, c->out.data + c->sent, c->out.len - c->sent,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			sd_event_source_set_io_events(c->io, EPOLLIN | EPOLLOUT);
			return true;
		}
		if (n < 0)
			return false;
		c->sent += (size_t)n;
	}
	c->sent = 0;
	/* an answer may be large: its memory is not kept */
	buf_release(&c->out);
	buf_init(&c->out, REPLY_MAX);
	sd_event_source_set_io_events(c->io, EPOLLIN);
	return true;
}

static void queue_error(struct conn *c, const struct err *why)
{
	_cleanup_json_ json_t *j = json_pack("{s:{s:s,s:s}}", "error", "kind",
					     err_kind_name(why->kind), "message", err_text(why));
	_cleanup_(freep) char *text =
		j ? jsonx_canonical(j)
		  : xstrdup("{\"error\":{\"kind\":\"internal\",\"message\":\"\"}}");

	buf_addf(&c->out, "%s\n", text);
}

static void queue_ok(struct conn *c, json_t *reply)
{
	_cleanup_json_ json_t *j = json_object();
	_cleanup_(freep) char *text = NULL;
	_cleanup_(err_release) struct err why = ERR_INIT;

	json_object_set(j, "ok", reply);
	text = jsonx_canonical(j);
	if (!buf_addf(&c->out, "%s\n", text)) {
		buf_reset(&c->out);
		err_set(&why, ERR_INTERNAL,
			"the answer is larger than the control socket takes: "
			"ask for one node");
		queue_error(c, &why);
	}
}

/* Runs a request. True when it was answered; false when it has to wait. */
static bool answer(struct conn *c, const json_t *request, bool last_chance)
{
	const char *op = json_string_value(json_object_get(request, "op"));
	const json_t *args = json_object_get(request, "args");
	_cleanup_json_ json_t *none = json_object(), *reply = NULL;
	_cleanup_(err_release) struct err why = ERR_INIT;

	if (!op)
		err_set(&why, ERR_USAGE, "$.op is missing");
	if (!op || c->ctl->o.run(c->ctl->o.arg, op, args ? args : none, &reply, &why) < 0) {
		queue_error(c, &why);
		return true;
	}
	if (!last_chance && streq(op, "events") &&
	    json_integer_value(json_object_get(args, "wait")) > 0 &&
	    json_array_size(json_object_get(reply, "events")) == 0)
		return false;
	queue_ok(c, reply);
	return true;
}

static int on_wait_over(sd_event_source *source, uint64_t usec, void *arg)
{
	struct conn *c = arg;

	(void)source;
	(void)usec;
	if (c->waiting) {
		answer(c, c->waiting, true);
		json_decref(c->waiting);
		c->waiting = NULL;
		if (!conn_send(c))
			conn_free(c);
	}
	return 0;
}

static void park(struct conn *c, json_t *request)
{
	json_int_t seconds =
		json_integer_value(json_object_get(json_object_get(request, "args"), "wait"));
	uint64_t now;

	c->waiting = json_incref(request);
	c->timer = sd_event_source_disable_unref(c->timer);
	sd_event_now(c->ctl->event, CLOCK_MONOTONIC, &now);
	if (seconds > 3600)
		seconds = 3600;
	sd_event_add_time(c->ctl->event, &c->timer, CLOCK_MONOTONIC,
			  now + (uint64_t)seconds * 1000000, 100000, on_wait_over, c);
}

/* Answers every whole line that has come; false when the connection is to end. */
static bool take_lines(struct conn *c)
{
	char *end;

	while (!c->waiting && c->in.len && (end = memchr(c->in.data, '\n', c->in.len))) {
		const size_t len = (size_t)(end - c->in.data);
		_cleanup_(err_release) struct err why = ERR_INIT;
		_cleanup_json_ json_t *request = NULL;

		if (jsonx_parse(c->in.data, len, "request", &request, &why) < 0)
			queue_error(c, &why);
		else if (!answer(c, request, false))
			park(c, request);
		memmove(c->in.data, end + 1, c->in.len - len - 1);
		c->in.len -= len + 1;
		if (!conn_send(c))
			return false;
	}
	return true;
}

static bool conn_read(struct conn *c)
{
	char chunk[8192];

	for (;;) {
		ssize_t n = recv(c->fd, chunk, sizeof(chunk), MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		if (n == 0)
			return false;
		/* a line that does not end, or requests sent ahead without bound */
		if (!buf_add(&c->in, chunk, (size_t)n) || !take_lines(c))
			return false;
	}
}

static int on_io(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	struct conn *c = arg;

	(void)source;
	(void)fd;
	if (((revents & EPOLLOUT) && !conn_send(c)) ||
	    ((revents & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !conn_read(c)))
		conn_free(c);
	return 0;
}

static bool in_group(int fd, const struct ucred *peer, gid_t group)
{
	_cleanup_(freep) gid_t *groups = NULL;
	socklen_t size = 0;

	if (group == (gid_t)-1)
		return false;
	if (peer->gid == group)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, NULL, &size) == 0 || errno != ERANGE)
		return false;
	groups = xmalloc(size);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) < 0)
		return false;
	for (size_t i = 0; i < size / sizeof(*groups); i++)
		if (groups[i] == group)
			return true;
	return false;
}

static bool may_talk(int fd, gid_t group)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
	       (peer.uid == 0 || peer.uid == geteuid() || in_group(fd, &peer, group));
}

static int on_accept(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	struct ctl *ctl = arg;
	_cleanup_(closep) int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct conn *c;

	(void)source;
	(void)revents;
	if (peer < 0 || ctl->n_conns >= CONNECTIONS_MAX || !may_talk(peer, ctl->o.group))
		return 0;
	c = xcalloc(1, sizeof(*c));
	c->ctl = ctl;
	c->fd = TAKE_FD(peer);
	buf_init(&c->in, REQUEST_MAX);
	buf_init(&c->out, REPLY_MAX);
	c->next = ctl->conns;
	ctl->conns = c;
	ctl->n_conns++;
	if (sd_event_add_io(ctl->event, &c->io, c->fd, EPOLLIN, on_io, c) < 0)
		conn_free(c);
	return 0;
}

static int on_wake(sd_event_source *source, int fd, uint32_t revents, void *arg)
{
	struct ctl *ctl = arg;
	struct conn *next;
	uint64_t count;

	(void)source;
	(void)revents;
	if (read(fd, &count, sizeof(count)) < 0)
		return 0;
	if (__atomic_load_n(&ctl->stop, __ATOMIC_ACQUIRE))
		return sd_event_exit(ctl->event, 0);
	for (struct conn *c = ctl->conns; c; c = next) {
		next = c->next;
		if (!c->waiting || !answer(c, c->waiting, false))
			continue;
		json_decref(c->waiting);
		c->waiting = NULL;
		c->timer = sd_event_source_disable_unref(c->timer);
		if (!conn_send(c) || !take_lines(c))
			conn_free(c);
	}
	return 0;
}

static void *ctl_thread(void *arg)
{
	struct ctl *ctl = arg;

	sd_event_loop(ctl->event);
	return NULL;
}

int ctl_listen(const char *path, gid_t group, int *ret_fd, struct err *err)
{
	_cleanup_(freep) char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	struct sockaddr_un sa = {.sun_family = AF_UNIX};
	_cleanup_(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot make a socket");
	if (strlen(path) >= sizeof(sa.sun_path))
		return err_set(err, ERR_USAGE, "%s: longer than a socket's name may be", path);
	memcpy(sa.sun_path, path, strlen(path) + 1);
	if (dir_make(AT_FDCWD, dir, 0755, err) < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) == 0 || errno == EAGAIN)
		return err_set(err, ERR_BUSY, "%s: another provisiond answers there: stop it first",
			       path);
	if (unlink(path) < 0 && errno != ENOENT)
		return err_errno(err, ERR_IO, errno, "%s", path);
	if (bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0 || chmod(path, 0660) < 0 ||
	    (group != (gid_t)-1 && chown(path, (uid_t)-1, group) < 0) || listen(fd, 16) < 0)
		return err_errno(err, ERR_IO, errno, "%s", path);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int ctl_start(const struct ctl_options *o, struct ctl **ret, struct err *err)
{
	struct ctl *ctl = xcalloc(1, sizeof(*ctl));
	int r;

	ctl->o = *o;
	ctl->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r = ctl->wake_fd < 0 ? -errno : sd_event_new(&ctl->event);
	if (r >= 0)
		r = sd_event_add_io(ctl->event, NULL, o->listen_fd, EPOLLIN, on_accept, ctl);
	if (r >= 0)
		r = sd_event_add_io(ctl->event, NULL, ctl->wake_fd, EPOLLIN, on_wake, ctl);
	if (r >= 0)
		r = -pthread_create(&ctl->thread, NULL, ctl_thread, ctl);
	if (r < 0) {
		sd_event_unref(ctl->event);
		closep(&ctl->wake_fd);
		free(ctl);
		return err_errno(err, ERR_INTERNAL, -r, "control socket");
	}
	*ret = ctl;
	return 0;
}

void ctl_changed(struct ctl *c)
{
	const uint64_t one = 1;

	/* a full counter wakes as well */
	if (write(c->wake_fd, &one, sizeof(one)) < 0)
		return;
}

struct ctl *ctl_stop(struct ctl *c)
{
	if (!c)
		return NULL;
	__atomic_store_n(&c->stop, true, __ATOMIC_RELEASE);
	ctl_changed(c);
	pthread_join(c->thread, NULL);
	for (struct conn *conn = c->conns, *next; conn; conn = next) {
		next = conn->next;
		conn_free(conn);
	}
	sd_event_unref(c->event);
	close(c->wake_fd);
	close(c->o.listen_fd);
	free(c);
	return NULL;
}
