/* SPDX-License-Identifier: Apache-2.0 */
#include "runcmd.h"

#include "buf.h"
#include "limits.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

/* A line longer than this is cut: it goes to a person. */
#define LINE_MAX_BYTES 4096

enum { PIPE_IN, PIPE_OUT, PIPE_ERR, PIPE_EXEC, N_PIPES };

/* One run in progress. */
struct child {
	const struct runcmd *cmd;
	pid_t pid;
	int pidfd;
	int fds[N_PIPES]; /* our ends; -1: closed */
	size_t written;   /* of the input */
	struct buf output;
	struct buf out_line, err_line;
	char *last_error; /* the last line of stderr that is not empty */
	int exec_errno;
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void child_release(struct child *c)
{
	for (int i = 0; i < N_PIPES; i++)
		closep(&c->fds[i]);
	closep(&c->pidfd);
	buf_release(&c->output);
	buf_release(&c->out_line);
	buf_release(&c->err_line);
	free(c->last_error);
}

static void close_end(struct child *c, int i)
{
	closep(&c->fds[i]);
	c->fds[i] = -1;
}

/* In the child: only what signal-safety(7) allows, for the caller may have threads. */
static _noreturn_ void become(const struct runcmd *cmd, const int theirs[N_PIPES])
{
	extern char **environ;
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	sigset_t none;
	int errnum;

	/* an agent that was killed leaves nobody behind who still writes to the disk */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	sigaction(SIGPIPE, &dfl, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(theirs[PIPE_IN], 0) < 0 || dup2(theirs[PIPE_OUT], 1) < 0 ||
	    dup2(theirs[PIPE_ERR], 2) < 0)
		goto failed;
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		goto failed;
	if (cmd->root && (chroot(cmd->root) < 0 || chdir("/") < 0))
		goto failed;
	if (cmd->env)
		execvpe(cmd->argv[0], (char *const *)cmd->argv, (char *const *)cmd->env);
	else
		execvpe(cmd->argv[0], (char *const *)cmd->argv, environ);
failed:
	errnum = errno;
	if (write(theirs[PIPE_EXEC], &errnum, sizeof(errnum)) < 0)
		_exit(126);
	_exit(127);
}

/* A descriptor above 2, so that dup2 in the child cannot run over another one of the set. */
static int above_stdio(int fd)
{
	int high;

	if (fd < 0 || fd > 2)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	close(fd);
	return high;
}

static int make_pipe(struct child *c, int i, int theirs[N_PIPES])
{
	int p[2];
	bool in = i == PIPE_IN;

	if (in && !c->cmd->input) {
		theirs[i] = above_stdio(open("/dev/null", O_RDONLY | O_CLOEXEC));
		return theirs[i] < 0 ? -1 : 0;
	}
	if (pipe2(p, O_CLOEXEC) < 0)
		return -1;
	theirs[i] = above_stdio(p[in ? 0 : 1]);
	c->fds[i] = above_stdio(p[in ? 1 : 0]);
	if (theirs[i] < 0 || c->fds[i] < 0)
		return -1;
	return fcntl(c->fds[i], F_SETFL, O_NONBLOCK);
}

static int start(struct child *c, struct err *err)
{
	int theirs[N_PIPES] = {-1, -1, -1, -1};
	int r = 0;

	for (int i = 0; r == 0 && i < N_PIPES; i++)
		r = make_pipe(c, i, theirs);
	if (r < 0) {
		err_errno(err, ERR_IO, errno, "cannot make the pipes of %s", c->cmd->argv[0]);
		goto out;
	}
	c->pid = fork();
	if (c->pid == 0)
		become(c->cmd, theirs);
	if (c->pid < 0) {
		r = err_errno(err, ERR_IO, errno, "cannot start %s", c->cmd->argv[0]);
		goto out;
	}
	c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	if (c->pidfd < 0) {
		r = err_errno(err, ERR_IO, errno, "cannot watch %s", c->cmd->argv[0]);
		kill(c->pid, SIGKILL);
		waitpid(c->pid, NULL, 0);
	}
out:
	for (int i = 0; i < N_PIPES; i++)
		closep(&theirs[i]);
	return r;
}

static void end_line(struct child *c, int i)
{
	struct buf *line = i == PIPE_OUT ? &c->out_line : &c->err_line;

	if (i == PIPE_OUT && c->cmd->on_line)
		c->cmd->on_line(line->data ? line->data : "", c->cmd->arg);
	if (i == PIPE_ERR && line->len > 0) {
		free(c->last_error);
		c->last_error = xstrdup(line->data);
	}
	buf_reset(line);
}

static void take_lines(struct child *c, int i, const char *p, size_t n)
{
	struct buf *line = i == PIPE_OUT ? &c->out_line : &c->err_line;

	for (size_t k = 0; k < n; k++) {
		if (p[k] == '\n' || p[k] == '\r')
			end_line(c, i);
		else
			buf_addc(line, (unsigned char)p[k] < ' ' ? ' ' : p[k]);
	}
}

/* Takes what is there now; closes our end at the end of the stream. */
static void drain(struct child *c, int i)
{
	char block[8192];

	while (c->fds[i] >= 0) {
		ssize_t n = read(c->fds[i], block, sizeof(block));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			close_end(c, i);
			return;
		}
		if (i == PIPE_EXEC) {
			memcpy(&c->exec_errno, block,
			       (size_t)n < sizeof(int) ? (size_t)n : sizeof(int));
			continue;
		}
		if (i == PIPE_OUT)
			buf_add(&c->output, block, (size_t)n);
		take_lines(c, i, block, (size_t)n);
	}
}

static void feed(struct child *c)
{
	const char *p = c->cmd->input;

	while (c->written < c->cmd->input_len) {
		ssize_t n = write(c->fds[PIPE_IN], p + c->written, c->cmd->input_len - c->written);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) /* it closed its end: its exit status says whether that is wrong */
			break;
		c->written += (size_t)n;
	}
	close_end(c, PIPE_IN);
}

/* Until the program has ended, or its time has. */
static int attend(struct child *c, struct err *err)
{
	int64_t end = now_ms() + (int64_t)c->cmd->timeout_s * 1000;

	for (;;) {
		struct pollfd p[N_PIPES + 1];
		int wait = -1;

		if (c->cmd->timeout_s) {
			int64_t left = end - now_ms();

			if (left <= 0)
				return err_set(err, ERR_BUSY,
					       "%s did not end within %u s and was stopped",
					       c->cmd->argv[0], c->cmd->timeout_s);
			wait = left > 1000000 ? 1000000 : (int)left;
		}
		for (int i = 0; i < N_PIPES; i++)
			p[i] = (struct pollfd){c->fds[i], i == PIPE_IN ? POLLOUT : POLLIN, 0};
		p[N_PIPES] = (struct pollfd){c->pidfd, POLLIN, 0};
		if (poll(p, N_PIPES + 1, wait) < 0 && errno != EINTR)
			return err_errno(err, ERR_IO, errno, "cannot wait for %s", c->cmd->argv[0]);
		if (c->fds[PIPE_IN] >= 0 && p[PIPE_IN].revents)
			feed(c);
		for (int i = PIPE_OUT; i < N_PIPES; i++)
			drain(c, i);
		if (p[N_PIPES].revents)
			return 0;
	}
}

static int judge(const struct child *c, int status, struct err *err)
{
	const char *name = c->cmd->argv[0];
	const char *colon = c->last_error ? ": " : "";
	const char *said = c->last_error ? c->last_error : "";

	if (c->exec_errno)
		return err_errno(err, ERR_IO, c->exec_errno, "cannot run %s", name);
	if (WIFSIGNALED(status))
		return err_set(err, ERR_IO, "%s was ended by signal %d%s%s", name, WTERMSIG(status),
			       colon, said);
	if (WEXITSTATUS(status) != 0)
		return err_set(err, ERR_IO, "%s ended with status %d%s%s", name,
			       WEXITSTATUS(status), colon, said);
	return 0;
}

/* What it wrote last may still be in the pipes. */
static void finish_lines(struct child *c)
{
	for (int i = PIPE_OUT; i < N_PIPES; i++)
		drain(c, i);
	if (c->out_line.len > 0)
		end_line(c, PIPE_OUT);
	if (c->err_line.len > 0)
		end_line(c, PIPE_ERR);
}

int runcmd(const struct runcmd *cmd, char **ret_output, struct err *err)
{
	_cleanup_(child_release) struct child c = {
		.cmd = cmd, .pid = -1, .pidfd = -1, .fds = {-1, -1, -1, -1}};
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	int status = 0, r;

	buf_init(&c.output, LIMIT_RUNCMD_OUTPUT);
	buf_init(&c.out_line, LINE_MAX_BYTES);
	buf_init(&c.err_line, LINE_MAX_BYTES);
	if (start(&c, err) < 0)
		return -1;
	/* a program that does not read all of its input must not end this one */
	if (cmd->input)
		sigaction(SIGPIPE, &ignore, &before);
	r = attend(&c, err);
	if (cmd->input)
		sigaction(SIGPIPE, &before, NULL);
	if (r < 0) {
		kill(-c.pid, SIGKILL);
		kill(c.pid, SIGKILL);
	}
	while (waitpid(c.pid, &status, 0) < 0 && errno == EINTR)
		;
	if (r < 0)
		return -1;
	finish_lines(&c);
	if (judge(&c, status, err) < 0)
		return -1;
	if (ret_output && c.output.overflow)
		return err_set(err, ERR_IO, "%s wrote more than %d bytes", cmd->argv[0],
			       LIMIT_RUNCMD_OUTPUT);
	if (ret_output)
		*ret_output = buf_take(&c.output);
	return 0;
}

int runcmd_argv(const char *const *argv, struct err *err)
{
	return runcmd(&(struct runcmd){.argv = argv}, NULL, err);
}
