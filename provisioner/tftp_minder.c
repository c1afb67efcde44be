/* SPDX-License-Identifier: Apache-2.0 */
#include "tftp_minder.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "port_holder.h"

/* A start that lasted this long was a good one: the next pause is the shortest again. */
#define GOOD_RUN_MS  60000
#define PAUSE_MIN_MS 250
#define PAUSE_MAX_MS 30000

static const cap_value_t needed[] = {CAP_NET_BIND_SERVICE, CAP_SETUID, CAP_SETGID, CAP_SYS_CHROOT};

struct user {
	const char *name;
	uid_t uid;
	gid_t gid;
};

static int find_user(struct user *ret, struct err *err)
{
	static const char *const names[] = {"provision-tftp", "tftp"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct passwd *pw = getpwnam(names[i]);

		if (pw && pw->pw_uid != 0) {
			*ret = (struct user){names[i], pw->pw_uid, pw->pw_gid};
			return 0;
		}
	}
	return err_set(err, ERR_CONFIG,
		       "there is no user provision-tftp to run in.tftpd; make it with "
		       "`useradd --system --shell /usr/sbin/nologin provision-tftp`");
}

/* in.tftpd tells a taken port only to the system log. */
static int check_port(struct ipv4 address, struct err *err)
{
	const struct sockaddr_in in = {.sin_family = AF_INET,
				       .sin_port = htons(TFTP_PORT),
				       .sin_addr = ipv4_to_in(address)};
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	_cleanup_(freep) char *holder = NULL;
	char text[IPV4_TEXT_SIZE];

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&in, sizeof(in)) == 0)
		return 0;
	ipv4_format(address, text);
	if (errno != EADDRINUSE)
		return err_errno(err, ERR_IO, errno, "binding UDP port %d on %s", TFTP_PORT, text);
	holder = port_holder("udp", address, TFTP_PORT);
	return err_set(err, ERR_BUSY,
		       "UDP port %d on %s is taken by %s: stop it (Debian's own TFTP server: "
		       "`systemctl disable --now tftpd-hpa`)",
		       TFTP_PORT, text, holder);
}

/* The lines below run in the minder, which has no log: they end it with an exit status. */

static void give_up(const char *what)
{
	fprintf(stderr, "tftp: %s: %s\n", what, strerror(errno));
	_exit(1);
}

static void become(const struct user *u)
{
	cap_t caps = cap_init();

	if (prctl(PR_SET_KEEPCAPS, 1L) < 0 || setgroups(0, NULL) < 0 ||
	    setresgid(u->gid, u->gid, u->gid) < 0 || setresuid(u->uid, u->uid, u->uid) < 0)
		give_up("becoming the TFTP user (start the daemon as root)");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L) < 0)
		give_up("giving up new privileges");
	if (!caps || cap_set_flag(caps, CAP_PERMITTED, ARRAY_SIZE(needed), needed, CAP_SET) < 0 ||
	    cap_set_flag(caps, CAP_EFFECTIVE, ARRAY_SIZE(needed), needed, CAP_SET) < 0 ||
	    cap_set_flag(caps, CAP_INHERITABLE, ARRAY_SIZE(needed), needed, CAP_SET) < 0 ||
	    cap_set_proc(caps) < 0)
		give_up("keeping the four capabilities of in.tftpd");
	cap_free(caps);
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		if (cap_set_ambient(needed[i], CAP_SET) < 0)
			give_up("handing the capabilities to in.tftpd");
}

/* Only the socket and the standard streams stay open; stdin and stdout lead nowhere. */
static void close_the_rest(int fd)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0)
		give_up("opening /dev/null");
	if (fd > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, (unsigned int)fd - 1, 0);
	close_range((unsigned int)fd + 1, ~0u, 0);
}

static pid_t start_server(const struct tftp_options *o, const struct user *u)
{
	char address[IPV4_TEXT_SIZE];
	_cleanup_(freep) char *listen =
		xasprintf("%s:%d", ipv4_format(o->address, address), TFTP_PORT);
	_cleanup_(freep) char *ports = xasprintf("%u:%u", o->first_port, o->last_port);
	const char *const argv[] = {o->program,     "--foreground", "--secure", "--ipv4",
				    "--address",    listen,         "--user",   u->name,
				    "--port-range", ports,          o->root,    NULL};
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (prctl(PR_SET_PDEATHSIG, (long)SIGTERM) < 0 || getppid() != parent)
		_exit(1);
	execv(o->program, (char *const *)argv);
	give_up(o->program);
	_exit(1);
}

/* Waits until provisiond is gone, or the process ended (pidfd -1: none), or the time is over (-1:
 * never). True: provisiond is gone. */
static bool wait_for(int fd, int pidfd, int ms)
{
	struct pollfd fds[] = {{fd, POLLIN, 0}, {pidfd, POLLIN, 0}};

	while (poll(fds, ARRAY_SIZE(fds), ms) < 0 && errno == EINTR)
		;
	return fds[0].revents != 0;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void report(int fd, const struct tftp_report *r)
{
	(void)!send(fd, r, sizeof(*r), MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Runs in.tftpd once. False: provisiond is gone. */
static bool run_once(const struct tftp_options *o, const struct user *u, int fd,
		     struct tftp_report *r)
{
	_cleanup_(closep) int pidfd = -1;
	bool gone;

	*r = (struct tftp_report){.started = true, .pid = start_server(o, u)};
	if (r->pid < 0)
		give_up("fork");
	pidfd = (int)syscall(SYS_pidfd_open, r->pid, 0);
	if (pidfd < 0)
		give_up("pidfd_open");
	report(fd, r);
	gone = wait_for(fd, pidfd, -1);
	if (gone)
		kill(r->pid, SIGTERM);
	while (waitpid(r->pid, &r->status, 0) < 0 && errno == EINTR)
		;
	r->started = false;
	return !gone;
}

_noreturn_ static void mind(const struct tftp_options *o, const struct user *u, int fd)
{
	unsigned int pause = PAUSE_MIN_MS;
	struct tftp_report r;
	int64_t start;

	for (;;) {
		start = now_ms();
		if (!run_once(o, u, fd, &r))
			_exit(0);
		if (now_ms() - start >= GOOD_RUN_MS)
			pause = PAUSE_MIN_MS;
		r.pause_ms = pause;
		report(fd, &r);
		if (wait_for(fd, -1, (int)pause))
			_exit(0);
		pause = pause * 2 > PAUSE_MAX_MS ? PAUSE_MAX_MS : pause * 2;
	}
}

int tftp_minder_check(const struct tftp_options *o, struct err *err)
{
	struct user user;

	if (access(o->program, X_OK) < 0)
		return err_errno(err, ERR_CONFIG, errno,
				 "%s cannot be run (apt-get install tftpd-hpa)", o->program);
	return find_user(&user, err) < 0 ? -1 : check_port(o->address, err);
}

int tftp_minder_start(const struct tftp_options *o, struct tftp_minder *ret, struct err *err)
{
	struct user user = {0};
	sigset_t none;
	int fds[2];
	pid_t pid;

	if (tftp_minder_check(o, err) < 0 || find_user(&user, err) < 0)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return err_errno(err, ERR_IO, errno, "making a pair of sockets");
	fflush(NULL);
	pid = fork();
	if (pid < 0) {
		close(fds[0]);
		close(fds[1]);
		return err_errno(err, ERR_IO, errno, "starting the TFTP minder");
	}
	if (pid == 0) {
		prctl(PR_SET_NAME, "tftp-minder");
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		close_the_rest(fds[1]);
		become(&user);
		mind(o, &user, fds[1]);
	}
	close(fds[1]);
	*ret = (struct tftp_minder){pid, fds[0]};
	return 0;
}
