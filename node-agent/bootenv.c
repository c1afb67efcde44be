/* SPDX-License-Identifier: Apache-2.0 */
#include "bootenv.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "console.h"

static const struct {
	const char *where, *type, *options;
	unsigned long flags;
	bool optional;
} mounts[] = {
	{"/proc", "proc", NULL, MS_NOSUID | MS_NOEXEC | MS_NODEV, false},
	{"/sys", "sysfs", NULL, MS_NOSUID | MS_NOEXEC | MS_NODEV, false},
	{"/dev", "devtmpfs", "mode=0755", MS_NOSUID, false},
	{"/run", "tmpfs", "mode=0755", MS_NOSUID | MS_NODEV, false},
	{"/tmp", "tmpfs", "mode=1777", MS_NOSUID | MS_NODEV, false},
	/* Read-only: nothing here may touch the boot order. */
	{"/sys/firmware/efi/efivars", "efivarfs", NULL,
	 MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, true},
};

/* It lies where the kernel does not look by itself, so that the kernel's start is not held up by
 * requests for modules which are not there. */
static void name_modprobe(void)
{
	static const char path[] = "/usr/bin/modprobe";
	_cleanup_(closep) int fd = open("/proc/sys/kernel/modprobe", O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)!write(fd, path, strlen(path));
}

int bootenv_mount(struct err *err)
{
	umask(022);
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		if (mkdir(mounts[i].where, 0755) < 0 && errno != EEXIST && !mounts[i].optional)
			return err_errno(err, ERR_IO, errno, "%s", mounts[i].where);
		if (mount(mounts[i].type, mounts[i].where, mounts[i].type, mounts[i].flags,
			  mounts[i].options) < 0 &&
		    errno != EBUSY && !mounts[i].optional)
			return err_errno(err, ERR_IO, errno, "cannot mount %s", mounts[i].where);
	}
	name_modprobe();
	return 0;
}

struct supervisor {
	struct console consoles;
	pid_t child;
	int output; /* what the child writes */
	unsigned int restarts;
	int64_t next_ms; /* how long to wait before the next start; -1: nothing is due */
};

static void say(struct supervisor *s, const char *line)
{
	console_write(&s->consoles, line, strlen(line));
}

/* Not in the parent's copy of anything: the child starts with an empty signal mask, its output in
 * a pipe, and a session of its own. */
static void start(struct supervisor *s, int (*agent)(void))
{
	int ends[2];
	sigset_t none;

	if (pipe2(ends, O_CLOEXEC) < 0)
		BUG("no pipe for the agent's output");
	s->child = fork();
	if (s->child < 0)
		BUG("no process for the agent");
	if (s->child == 0) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		setsid();
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		_exit(agent());
	}
	close(ends[1]);
	closep(&s->output);
	s->output = ends[0];
	s->next_ms = -1;
}

static void child_ended(struct supervisor *s, int status)
{
	_cleanup_(freep) char *how = NULL;

	s->child = -1;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
		how = xstrdup("took too long for its phase");
	else if (WIFSIGNALED(status))
		how = xasprintf("was ended by signal %d", WTERMSIG(status));
	else
		how = xasprintf("ended with status %d", WEXITSTATUS(status));
	if (s->restarts++ < BOOTENV_RESTARTS) {
		_cleanup_(freep) char *line =
			xasprintf("provision: the agent %s; it is started again\n", how);

		say(s, line);
		s->next_ms = 2000;
	} else {
		_cleanup_(freep) char *line = xasprintf(
			"provision: the agent %s; the machine is held here. Note the lines above, "
			"then power it off and on to try again.\n",
			how);

		say(s, line);
	}
}

static void reap(struct supervisor *s)
{
	for (;;) {
		int status;
		pid_t pid = waitpid(-1, &status, WNOHANG);

		if (pid <= 0)
			return;
		if (pid == s->child)
			child_ended(s, status);
	}
}

static void copy_output(struct supervisor *s)
{
	char chunk[4096];
	ssize_t n = read(s->output, chunk, sizeof(chunk));

	if (n > 0) {
		console_write(&s->consoles, chunk, (size_t)n);
	} else if (n == 0) {
		close(s->output);
		s->output = -1;
	}
}

_noreturn_ void bootenv_supervise(int (*agent)(void))
{
	struct supervisor s = {.child = -1, .output = -1, .next_ms = -1};
	sigset_t children;
	int signals;

	console_open(&s.consoles);
	/* Errors of the kernel stay visible; its chatter would scroll ours away. */
	klogctl(8 /* SYSLOG_ACTION_CONSOLE_LEVEL */, NULL, 4);
	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	sigprocmask(SIG_BLOCK, &children, NULL);
	signals = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		BUG("no signalfd");
	start(&s, agent);
	for (;;) {
		struct pollfd pfd[] = {
			{.fd = signals, .events = POLLIN},
			{.fd = s.output, .events = POLLIN},
		};
		struct signalfd_siginfo info;
		int n = poll(pfd, ARRAY_SIZE(pfd), (int)s.next_ms);

		if (n < 0)
			continue;
		if (n == 0) {
			start(&s, agent);
			continue;
		}
		if (pfd[1].revents)
			copy_output(&s);
		if (pfd[0].revents) {
			while (read(signals, &info, sizeof(info)) > 0)
				;
			reap(&s);
		}
	}
}

int bootenv_reboot(struct err *err)
{
	sync();
	reboot(RB_AUTOBOOT);
	return err_errno(err, ERR_IO, errno, "cannot restart the machine");
}
