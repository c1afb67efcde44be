/* SPDX-License-Identifier: Apache-2.0 */
#include "keeper.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "log.h"
#include "privs.h"

/* A message: the eight files of a control plane are some 20 KB. */
#define MESSAGE_MAX (128 * 1024)

struct keeper {
	pid_t pid;
	int fd;
	pthread_mutex_t mutex;
};

static int send_json(int fd, const json_t *j, struct err *err)
{
	char *text = jsonx_canonical(j);
	size_t len = strlen(text);
	ssize_t n;

	do
		n = send(fd, text, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	explicit_bzero(text, len);
	free(text);
	return n == (ssize_t)len ? 0
				 : err_set(err, ERR_INTERNAL,
					   "the keeper process does not listen: "
					   "restart provisiond");
}

/* 1: a message; 0: the other side hung up; -1. */
static int receive_json(int fd, json_t **ret, struct err *err)
{
	_cleanup_(freep) char *text = xmalloc(MESSAGE_MAX);
	ssize_t n;
	int r;

	do
		n = recv(fd, text, MESSAGE_MAX, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(err, ERR_INTERNAL, errno, "the keeper's socket");
	if (n == 0)
		return 0;
	r = jsonx_parse(text, (size_t)n, "the keeper's message", ret, err);
	explicit_bzero(text, (size_t)n);
	return r < 0 ? -1 : 1;
}

/* Strings of a reply may be secrets; jansson frees without wiping. */
static void wipe_strings(json_t *j)
{
	const char *key;
	json_t *item;
	size_t i;

	if (json_is_string(j) && json_string_length(j))
		explicit_bzero((char *)(uintptr_t)json_string_value(j), json_string_length(j));
	json_array_foreach (j, i, item)
		wipe_strings(item);
	json_object_foreach (j, key, item)
		wipe_strings(item);
}

static json_t *error_reply(const struct err *why)
{
	return json_pack("{s:{s:s,s:s}}", "error", "kind", err_kind_name(why->kind), "message",
			 err_text(why));
}

static _noreturn_ void serve(int fd, const struct keeper_duty *duty)
{
	for (;;) {
		_cleanup_(err_release) struct err why = ERR_INIT;
		_cleanup_json_ json_t *question = NULL, *reply = NULL;
		int r = receive_json(fd, &question, &why);

		if (r == 0)
			_exit(0);
		if (r < 0 || keeper_answer(duty, question, &reply, &why) < 0)
			reply = error_reply(&why);
		if (!reply || send_json(fd, reply, &why) < 0)
			_exit(1);
		wipe_strings(reply);
	}
}

static _noreturn_ void run_keeper(int fd, const struct paths *paths, const struct cluster *c)
{
	_cleanup_(err_release) struct err why = ERR_INIT;
	struct keeper_duty duty;
	sigset_t none;

	prctl(PR_SET_NAME, "keeper");
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* a SIGTERM for the whole group is the wire-facing process's business; it hangs up */
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (privs_close_all_but(fd, &why) < 0 || keeper_duty_init(&duty, paths, c, &why) < 0 ||
	    privs_keeper(&why) < 0) {
		log_err(&why);
		_exit(1);
	}
	serve(fd, &duty);
}

int keeper_start(const struct paths *paths, const struct cluster *c, struct keeper **ret,
		 struct err *err)
{
	int fds[2];
	struct keeper *k;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return err_errno(err, ERR_INTERNAL, errno, "socketpair");
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return err_errno(err, ERR_INTERNAL, errno, "fork");
	}
	if (pid == 0)
		run_keeper(fds[1], paths, c);
	close(fds[1]);
	k = xcalloc(1, sizeof(*k));
	k->pid = pid;
	k->fd = fds[0];
	pthread_mutex_init(&k->mutex, NULL);
	*ret = k;
	return 0;
}

static int exchange(struct keeper *k, const json_t *question, json_t **ret, struct err *err)
{
	int r;

	if (send_json(k->fd, question, err) < 0)
		return -1;
	r = receive_json(k->fd, ret, err);
	if (r == 0)
		return err_set(err, ERR_INTERNAL,
			       "the keeper process has ended: restart provisiond");
	return r < 0 ? -1 : 0;
}

int keeper_take(struct keeper *k, struct err *err)
{
	return pthread_mutex_trylock(&k->mutex) == 0
		       ? 0
		       : err_set(err, ERR_BUSY,
				 "another node is being given its secrets: try again");
}

void keeper_give(struct keeper *k)
{
	if (pthread_mutex_unlock(&k->mutex))
		BUG("the keeper is given back by who did not take it");
}

int keeper_ask(struct keeper *k, const json_t *question, json_t **ret, struct err *err)
{
	_cleanup_json_ json_t *reply = NULL;
	const char *kind = NULL, *message = NULL;

	if (exchange(k, question, &reply, err) < 0)
		return -1;
	if (json_unpack(reply, "{s:{s:s,s:s}}", "error", "kind", &kind, "message", &message) == 0)
		return err_set(err, err_kind_parse(kind), "%s", message);
	*ret = json_incref(reply);
	return 0;
}

pid_t keeper_pid(const struct keeper *k)
{
	return k->pid;
}

struct keeper *keeper_stop(struct keeper *k)
{
	if (!k)
		return NULL;
	close(k->fd);
	while (waitpid(k->pid, NULL, 0) < 0 && errno == EINTR)
		;
	pthread_mutex_destroy(&k->mutex);
	free(k);
	return NULL;
}
