/* SPDX-License-Identifier: Apache-2.0 */
#include "tftp.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "log.h"
#include "tftp_wire.h"

/* A question that got no answer is asked again after this long; so often, then it has failed. */
#define ASK_AGAIN_US (250 * 1000)
#define ASK_TIMES    20
/* Then it is asked anew: a firewall or a file may have been put right. */
#define LOOK_AGAIN_US (30 * 1000 * 1000)

struct tftp {
	struct tftp_options options;
	char *probe;
	struct tftp_minder minder;
	sd_event *loop;
	sd_event_source *reports, *answers, *timer;
	int probe_fd; /* -1: nothing is being asked */
	unsigned int asked;
	pid_t pid;
	enum tftp_state state;
	void (*changed)(void *ctx, enum tftp_state state, const char *sentence);
	void *ctx;
};

int tftp_start(const struct tftp_options *o, const char *probe, struct tftp **ret, struct err *err)
{
	struct tftp_minder minder;
	struct tftp *t;

	if (tftp_minder_start(o, &minder, err) < 0)
		return -1;
	t = xcalloc(1, sizeof(*t));
	t->options = *o;
	t->probe = xstrdup(probe);
	t->minder = minder;
	t->probe_fd = -1;
	*ret = t;
	return 0;
}

static void become(struct tftp *t, enum tftp_state state, enum log_level level, char *sentence)
{
	t->state = state;
	log_line(level, "tftp: %s", sentence);
	if (t->changed)
		t->changed(t->ctx, state, sentence);
	free(sentence);
}

static void stop_asking(struct tftp *t)
{
	t->answers = sd_event_source_disable_unref(t->answers);
	t->timer = sd_event_source_disable_unref(t->timer);
	closep(&t->probe_fd);
	t->probe_fd = -1;
}

static int start_asking(struct tftp *t);

static int on_time_to_look_again(sd_event_source *source, uint64_t now, void *arg)
{
	(void)source;
	(void)now;
	return start_asking(arg);
}

static void answers_not(struct tftp *t, const char *why)
{
	char ip[IPV4_TEXT_SIZE];
	uint64_t now = 0;

	stop_asking(t);
	sd_event_now(t->loop, CLOCK_MONOTONIC, &now);
	(void)!sd_event_add_time(t->loop, &t->timer, CLOCK_MONOTONIC, now + LOOK_AGAIN_US, 0,
				 on_time_to_look_again, t);
	become(t, TFTP_FAILED, LOG_LEVEL_ERROR,
	       xasprintf("in.tftpd (process %d) does not give out %s on %s: %s; the system log has "
			 "its own words (journalctl -t in.tftpd)",
			 (int)t->pid, t->probe, ipv4_format(t->options.address, ip), why));
}

/* The first block of the file as it is on disk. */
static int read_probe(const struct tftp *t, uint8_t content[TFTP_BLOCK], size_t *ret_n,
		      struct err *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", t->options.root, t->probe);
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, content, TFTP_BLOCK) : -1;

	if (n < 0)
		return err_errno(err, ERR_IO, errno, "reading %s", path);
	*ret_n = (size_t)n;
	return 0;
}

static int on_answer(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	uint8_t message[TFTP_MESSAGE], content[TFTP_BLOCK], end[TFTP_MESSAGE];
	struct sockaddr_in from = {.sin_family = AF_INET};
	socklen_t from_size = sizeof(from);
	struct err err = ERR_INIT;
	struct tftp *t = arg;
	char ip[IPV4_TEXT_SIZE];
	size_t n = 0;
	ssize_t len = recvfrom(fd, message, sizeof(message), MSG_DONTWAIT, (struct sockaddr *)&from,
			       &from_size);

	(void)source;
	(void)events;
	/* A refused question comes back as an error here while in.tftpd is still starting. */
	if (len < 0 || ipv4_from_in(from.sin_addr).a != t->options.address.a)
		return 0;
	if (read_probe(t, content, &n, &err) < 0 ||
	    tftp_check_first_block(message, (size_t)len, content, n, &err) < 0) {
		answers_not(t, err_text(&err));
		err_release(&err);
		return 0;
	}
	n = n < TFTP_BLOCK ? tftp_acknowledgement(1, end) : tftp_stop(end);
	(void)!sendto(fd, end, n, MSG_DONTWAIT, (struct sockaddr *)&from, sizeof(from));
	stop_asking(t);
	become(t, TFTP_READY, LOG_LEVEL_INFO,
	       xasprintf("serving %s on %s by in.tftpd (process %d)", t->options.root,
			 ipv4_format(t->options.address, ip), (int)t->pid));
	return 0;
}

static int on_time_to_ask(sd_event_source *source, uint64_t now, void *arg)
{
	struct tftp *t = arg;
	const struct sockaddr_in to = {.sin_family = AF_INET,
				       .sin_port = htons(TFTP_PORT),
				       .sin_addr = ipv4_to_in(t->options.address)};
	uint8_t request[TFTP_MESSAGE];
	size_t n = tftp_read_request(t->probe, request);

	if (t->asked++ == ASK_TIMES) {
		answers_not(t, "no answer");
		return 0;
	}
	(void)!sendto(t->probe_fd, request, n, MSG_DONTWAIT, (const struct sockaddr *)&to,
		      sizeof(to));
	sd_event_source_set_time(source, now + ASK_AGAIN_US);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	return 0;
}

/* From our own address to our own address: what comes back was sent by this very in.tftpd. */
static int start_asking(struct tftp *t)
{
	const struct sockaddr_in own = {.sin_family = AF_INET,
					.sin_addr = ipv4_to_in(t->options.address)};
	uint64_t now = 0;

	stop_asking(t);
	t->asked = 0;
	t->probe_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (t->probe_fd < 0 || bind(t->probe_fd, (const struct sockaddr *)&own, sizeof(own)) < 0)
		return -errno;
	sd_event_now(t->loop, CLOCK_MONOTONIC, &now);
	if (sd_event_add_io(t->loop, &t->answers, t->probe_fd, EPOLLIN, on_answer, t) < 0)
		return -ENOMEM;
	return sd_event_add_time(t->loop, &t->timer, CLOCK_MONOTONIC, now, 1000, on_time_to_ask, t);
}

static void server_started(struct tftp *t, const struct tftp_report *r)
{
	int error;

	t->pid = r->pid;
	t->state = TFTP_STARTING;
	error = start_asking(t);
	if (error < 0)
		answers_not(t, strerror(-error));
}

static void server_ended(struct tftp *t, const struct tftp_report *r)
{
	char *how = WIFSIGNALED(r->status)
			    ? xasprintf("was killed by signal %d", WTERMSIG(r->status))
			    : xasprintf("ended with status %d", WEXITSTATUS(r->status));

	stop_asking(t);
	become(t, TFTP_FAILED, LOG_LEVEL_ERROR,
	       xasprintf("in.tftpd (process %d) %s; started again in %u ms (its own words: "
			 "journalctl -t in.tftpd)",
			 (int)r->pid, how, r->pause_ms));
	free(how);
}

static int on_report(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct tftp *t = arg;
	struct tftp_report r;
	ssize_t n = recv(fd, &r, sizeof(r), MSG_DONTWAIT);

	(void)events;
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n == (ssize_t)sizeof(r)) {
		if (r.started)
			server_started(t, &r);
		else
			server_ended(t, &r);
		return 0;
	}
	sd_event_source_set_enabled(source, SD_EVENT_OFF);
	stop_asking(t);
	become(t, TFTP_FAILED, LOG_LEVEL_ERROR,
	       xasprintf("the minder of in.tftpd (process %d) is gone, there is no TFTP any more; "
			 "restart provisiond",
			 (int)t->minder.pid));
	return 0;
}

int tftp_attach(struct tftp *t, sd_event *loop,
		void (*changed)(void *ctx, enum tftp_state state, const char *sentence), void *ctx,
		struct err *err)
{
	int r = sd_event_add_io(loop, &t->reports, t->minder.fd, EPOLLIN, on_report, t);

	if (r < 0)
		return err_errno(err, ERR_INTERNAL, -r, "adding TFTP to the event loop");
	t->loop = sd_event_ref(loop);
	t->changed = changed;
	t->ctx = ctx;
	return 0;
}

enum tftp_state tftp_state(const struct tftp *t)
{
	return t->state;
}

struct tftp *tftp_free(struct tftp *t)
{
	if (!t)
		return NULL;
	stop_asking(t);
	sd_event_source_disable_unref(t->reports);
	sd_event_unref(t->loop);
	close(t->minder.fd);
	while (waitpid(t->minder.pid, NULL, 0) < 0 && errno == EINTR)
		;
	free(t->probe);
	free(t);
	return NULL;
}
