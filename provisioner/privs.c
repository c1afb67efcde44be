/* SPDX-License-Identifier: Apache-2.0 */
#include "privs.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <sys/prctl.h>

#include <seccomp.h>
#include <sys/capability.h>

int privs_find_user(const char *name, struct privs_user *ret, struct err *err)
{
	const struct passwd *pw = getpwnam(name);

	if (!pw)
		return err_set(err, ERR_CONFIG,
			       "there is no user %s, who parses what comes from the network: "
			       "`systemd-sysusers` or `useradd --system %s` makes it, --user names "
			       "another one",
			       name, name);
	*ret = (struct privs_user){pw->pw_uid, pw->pw_gid};
	return 0;
}

gid_t privs_find_group(const char *name)
{
	const struct group *gr = getgrnam(name);

	return gr ? gr->gr_gid : (gid_t)-1;
}

static void cap_freep(cap_t *c)
{
	if (*c)
		cap_free(*c);
}

/* Keeps what is in `kept` (n of them) and nothing else, also for programs started later. */
static int drop_capabilities(const cap_value_t *kept, int n, struct err *err)
{
	_cleanup_(cap_freep) cap_t caps = cap_init();

	if (!caps)
		BUG("out of memory");
	for (cap_value_t c = 0; cap_get_bound(c) >= 0; c++) {
		bool keep = false;

		for (int i = 0; i < n; i++)
			keep = keep || kept[i] == c;
		/* without CAP_SETPCAP there is nothing to drop */
		if (!keep && cap_drop_bound(c) < 0 && errno != EPERM)
			return err_errno(err, ERR_INTERNAL, errno, "cannot bound capabilities");
	}
	if (n && (cap_set_flag(caps, CAP_PERMITTED, n, kept, CAP_SET) < 0 ||
		  cap_set_flag(caps, CAP_EFFECTIVE, n, kept, CAP_SET) < 0))
		return err_errno(err, ERR_INTERNAL, errno, "cannot choose capabilities");
	if (cap_set_proc(caps) < 0)
		return err_errno(err, ERR_INTERNAL, errno, "cannot drop capabilities");
	return 0;
}

int privs_become(const struct privs_user *u, struct err *err)
{
	if (setgroups(0, NULL) < 0 || setresgid(u->gid, u->gid, u->gid) < 0)
		return err_errno(err, ERR_INTERNAL, errno, "cannot become group %u", u->gid);
	/* the bounding set first: setuid gives up the right to change it */
	for (cap_value_t c = 0; cap_get_bound(c) >= 0; c++)
		if (cap_drop_bound(c) < 0 && errno != EPERM)
			return err_errno(err, ERR_INTERNAL, errno, "cannot bound capabilities");
	if (setresuid(u->uid, u->uid, u->uid) < 0)
		return err_errno(err, ERR_INTERNAL, errno, "cannot become user %u", u->uid);
	return drop_capabilities(NULL, 0, err);
}

int privs_bare(struct err *err)
{
	return drop_capabilities(NULL, 0, err);
}

/* What every program with threads, sockets and files does. */
static const char *const common_calls[] = {
	"accept4",
	"access",
	"arch_prctl",
	"bind",
	"brk",
	"clock_getres",
	"clock_gettime",
	"clock_nanosleep",
	"close",
	"connect",
	"dup",
	"dup3",
	"epoll_create1",
	"epoll_ctl",
	"epoll_pwait",
	"epoll_pwait2",
	"epoll_wait",
	"eventfd2",
	"exit",
	"exit_group",
	"faccessat",
	"faccessat2",
	"fcntl",
	"fstat",
	"futex",
	"getcwd",
	"getdents64",
	"getegid",
	"geteuid",
	"getgid",
	"getpeername",
	"getpid",
	"getppid",
	"getrandom",
	"getresgid",
	"getresuid",
	"getrlimit",
	"getsockname",
	"getsockopt",
	"gettid",
	"gettimeofday",
	"getuid",
	"ioctl",
	"listen",
	"lseek",
	"lstat",
	"madvise",
	"membarrier",
	"mmap",
	"mprotect",
	"mremap",
	"munmap",
	"nanosleep",
	"newfstatat",
	"pipe2",
	"poll",
	"ppoll",
	"prctl",
	"pread64",
	"prlimit64",
	"pselect6",
	"read",
	"readlink",
	"readlinkat",
	"readv",
	"recvfrom",
	"recvmmsg",
	"recvmsg",
	"restart_syscall",
	"rseq",
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"rt_sigtimedwait",
	"sched_getaffinity",
	"sched_setaffinity",
	"sched_yield",
	"select",
	"sendmmsg",
	"sendmsg",
	"sendto",
	"set_robust_list",
	"set_tid_address",
	"setsockopt",
	"shutdown",
	"sigaltstack",
	"socket",
	"socketpair",
	"stat",
	"statfs",
	"statx",
	"sysinfo",
	"tgkill",
	"time",
	"timerfd_create",
	"timerfd_settime",
	"uname",
	"wait4",
	"waitid",
	"write",
	"writev",
};

/* The wire-facing process: its database, file serving, watching the configuration. */
static const char *const wire_calls[] = {
	"fallocate",
	"fchmod",
	"fchown",
	"fdatasync",
	"flock",
	"fstatfs",
	"fsync",
	"ftruncate",
	"inotify_add_watch",
	"inotify_init1",
	"inotify_rm_watch",
	"kill",
	"open",
	"openat",
	"openat2",
	"pidfd_open",
	"pidfd_send_signal",
	"pwrite64",
	"pwritev",
	"rename",
	"renameat",
	"renameat2",
	"sendfile",
	"sendfile64",
	"signalfd4",
	"splice",
	"tee",
	"umask",
	"unlink",
	"unlinkat",
	"utimensat",
	"mkdir",
	"mkdirat",
	"getxattr",
	"fadvise64",
};

#ifdef WITH_SANITIZERS
/* The leak check at the end stops all threads from a process of its own. */
static const char *const checker_calls[] = {"clone", "getdents", "personality", "ptrace"};
#endif

static void filter_freep(scmp_filter_ctx *f)
{
	if (*f)
		seccomp_release(*f);
}

static int allow(scmp_filter_ctx f, const char *const *names, size_t n, struct err *err)
{
	for (size_t i = 0; i < n; i++) {
		int nr = seccomp_syscall_resolve_name(names[i]);
		int r;

		/* not every machine has every call: arm64 has no open(2) */
		if (nr == __NR_SCMP_ERROR || nr < 0)
			continue;
		r = seccomp_rule_add(f, SCMP_ACT_ALLOW, nr, 0);
		if (r < 0)
			return err_errno(err, ERR_INTERNAL, -r, "seccomp: %s", names[i]);
	}
	return 0;
}

/* Threads yes, processes no. clone3 hides its flags behind a pointer: as if it were not there, libc
 * falls back to clone. */
static int allow_threads(scmp_filter_ctx f, struct err *err)
{
	int r = seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				 SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));

	if (r == 0)
		r = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return r < 0 ? err_errno(err, ERR_INTERNAL, -r, "seccomp: clone") : 0;
}

static int load(scmp_filter_ctx f, struct err *err)
{
	int r = seccomp_load(f);

	return r < 0 ? err_errno(err, ERR_INTERNAL, -r, "seccomp: cannot load the filter") : 0;
}

int privs_lock(struct err *err)
{
	_cleanup_(filter_freep) scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	if (!f)
		BUG("out of memory");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_errno(err, ERR_INTERNAL, errno, "PR_SET_NO_NEW_PRIVS");
	if (allow(f, common_calls, ARRAY_SIZE(common_calls), err) < 0 ||
	    allow(f, wire_calls, ARRAY_SIZE(wire_calls), err) < 0 || allow_threads(f, err) < 0)
		return -1;
#ifdef WITH_SANITIZERS
	if (allow(f, checker_calls, ARRAY_SIZE(checker_calls), err) < 0)
		return -1;
#endif
	return load(f, err);
}

int privs_close_all_but(int fd, struct err *err)
{
	if ((fd > 3 && close_range(3, (unsigned int)fd - 1, 0) < 0) ||
	    close_range((unsigned int)fd + 1, ~0u, 0) < 0)
		return err_errno(err, ERR_INTERNAL, errno, "close_range");
	return 0;
}

/* Files may only be opened to read them. */
static int allow_reading(scmp_filter_ctx f, struct err *err)
{
	int r = seccomp_rule_add(
		f, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
		SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY));

	return r < 0 ? err_errno(err, ERR_INTERNAL, -r, "seccomp: openat") : 0;
}

static bool may_have(cap_value_t c)
{
	_cleanup_(cap_freep) cap_t caps = cap_get_proc();
	cap_flag_value_t value = CAP_CLEAR;

	return caps && cap_get_flag(caps, c, CAP_PERMITTED, &value) == 0 && value == CAP_SET;
}

int privs_keeper(struct err *err)
{
	static const cap_value_t kept[] = {CAP_DAC_READ_SEARCH};
	/* a container's root may not have it; then the files have to be root's own */
	const int n_kept = may_have(kept[0]);
	_cleanup_(filter_freep) scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));

	if (!f)
		BUG("out of memory");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_errno(err, ERR_INTERNAL, errno, "prctl");
	if (geteuid() == 0 && drop_capabilities(kept, n_kept, err) < 0)
		return -1;
	if (allow(f, common_calls, ARRAY_SIZE(common_calls), err) < 0 ||
	    allow_reading(f, err) < 0 || allow_threads(f, err) < 0)
		return -1;
	return load(f, err);
}
