/* SPDX-License-Identifier: Apache-2.0 */
#include "coldplug.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "clock.h"
#include "fsio.h"
#include "runcmd.h"

/* The kernel's UEVENT_BUFFER_SIZE. */
#define UEVENT_SIZE 2048
/* /sys/devices is about 15 deep behind a chain of USB hubs. */
#define WALK_DEPTH 32

int coldplug_open(struct coldplug *c, struct err *err)
{
	struct sockaddr_nl any = {.nl_family = AF_NETLINK, .nl_groups = 1};
	int size = 1024 * 1024;

	*c = (struct coldplug){.events = -1};
	c->events = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			   NETLINK_KOBJECT_UEVENT);
	if (c->events < 0)
		return err_errno(err, ERR_IO, errno, "no uevent socket");
	/* Refused outside of the boot environment; the default serves too. */
	setsockopt(c->events, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	if (bind(c->events, (struct sockaddr *)&any, sizeof(any)) < 0)
		return err_errno(err, ERR_IO, errno, "cannot follow uevents");
	return 0;
}

const char *coldplug_alias(const char *msg, size_t len)
{
	const char *end = msg + len;

	if (len == 0 || end[-1] != '\0' || !startswith(msg, "add@"))
		return NULL;
	for (const char *field = msg; field < end; field += strlen(field) + 1) {
		if (startswith(field, "MODALIAS="))
			return field + strlen("MODALIAS=");
	}
	return NULL;
}

static void collect(struct coldplug *c, const char *alias)
{
	if (!*alias || *alias == '-' || c->known.n + c->fresh.n >= LIMIT_ALIASES)
		return;
	if (!strv_has(&c->known, alias) && !strv_has(&c->fresh, alias))
		strv_add(&c->fresh, alias);
}

static void collect_file(struct coldplug *c, int dirfd)
{
	char text[UEVENT_SIZE];
	_cleanup_(closep) int fd = openat(dirfd, "modalias", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return;
	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	collect(c, text);
}

/* Links are never followed: they lead back up. */
static void walk(struct coldplug *c, int dirfd, unsigned int depth)
{
	DIR *dir = fdopendir(dirfd);
	struct dirent *d;

	if (!dir) {
		close(dirfd);
		return;
	}
	while ((d = readdir(dir))) {
		int fd;

		if (streq(d->d_name, "modalias"))
			collect_file(c, dirfd);
		if (d->d_type != DT_DIR || d->d_name[0] == '.' || depth == 0)
			continue;
		fd = openat(dirfd, d->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0)
			walk(c, fd, depth - 1);
	}
	closedir(dir);
}

void coldplug_walk(struct coldplug *c, const char *root)
{
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		walk(c, fd, WALK_DEPTH);
}

void coldplug_load(struct coldplug *c)
{
	_cleanup_(freep) const char **argv = NULL;
	struct err err = ERR_INIT;

	if (c->fresh.n == 0)
		return;
	argv = xcalloc(c->fresh.n + 4, sizeof(*argv));
	argv[0] = "modprobe";
	argv[1] = "-qab";
	argv[2] = "--";
	for (size_t i = 0; i < c->fresh.n; i++)
		argv[i + 3] = c->fresh.v[i];
	/* It also fails when one alias of many has no module. */
	if (runcmd_argv(argv, &err) < 0)
		err_release(&err);
	for (size_t i = 0; i < c->fresh.n; i++)
		strv_take(&c->known, TAKE_PTR(c->fresh.v[i]));
	c->fresh.n = 0;
	strv_release(&c->fresh);
}

/* Whether any event came; the aliases of all that wait are collected. */
static bool drain(struct coldplug *c)
{
	char msg[UEVENT_SIZE + 1];
	bool any = false;

	for (;;) {
		ssize_t n = recv(c->events, msg, UEVENT_SIZE, 0);
		const char *alias;

		if (n < 0 && errno == ENOBUFS) {
			/* Events were lost: look at everything again. */
			coldplug_walk(c, "/sys/devices");
			any = true;
			continue;
		}
		if (n <= 0)
			return any;
		any = true;
		alias = coldplug_alias(msg, (size_t)n);
		if (alias)
			collect(c, alias);
	}
}

bool coldplug_settle(struct coldplug *c, bool (*done)(void *arg), void *arg, int quiet_ms,
		     int limit_ms)
{
	int64_t end = clock_monotonic_ms() + limit_ms;

	for (;;) {
		int64_t left = end - clock_monotonic_ms();
		bool held = !done || done(arg);
		struct pollfd pfd = {.fd = c->events, .events = POLLIN};
		/* While something is missing, look again now and then: not everything that done()
		 * asks for is announced by an event. */
		int wait = held ? quiet_ms : 500;

		if (left <= 0)
			return held;
		if (poll(&pfd, 1, left < wait ? (int)left : wait) == 0) {
			if (held)
				return true;
			continue;
		}
		drain(c);
		coldplug_load(c);
	}
}

/* Whether the folder has an entry that starts with prefix; its path in *ret (caller frees). */
static bool find_entry(const char *path, const char *prefix, char **ret)
{
	DIR *dir = opendir(path);
	struct dirent *d;
	bool found = false;

	if (!dir)
		return false;
	while (!found && (d = readdir(dir))) {
		found = d->d_name[0] != '.' && startswith(d->d_name, prefix);
		if (found)
			*ret = xasprintf("%s/%s", path, d->d_name);
	}
	closedir(dir);
	return found;
}

/* host6/target6:0:0/6:0:0:0/block below the interface. */
static bool has_block_device(const char *interface)
{
	static const char *const steps[] = {"host", "target", "", "block"};
	_cleanup_(freep) char *at = xstrdup(interface);

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		_cleanup_(freep) char *digits = NULL;
		char *next = NULL;

		if (i == 2) {
			/* "6:0:0:0" after "target6:0:0" */
			const char *target = strrchr(at, '/') + 1 + strlen("target");

			digits = xasprintf("%s:", target);
		}
		if (!find_entry(at, digits ? digits : steps[i], &next))
			return false;
		free(at);
		at = next;
	}
	return true;
}

bool coldplug_usb_ready(void)
{
	static const char where[] = "/sys/bus/usb/devices";
	DIR *dir = opendir(where);
	struct dirent *d;
	bool ready = true;

	if (!dir)
		return true;
	while (ready && (d = readdir(dir))) {
		_cleanup_(freep) char *path = xasprintf("%s/%s", where, d->d_name);
		_cleanup_(freep) char *class = xasprintf("%s/bInterfaceClass", path);
		_cleanup_(freep) char *text = NULL;
		struct err err = ERR_INIT;
		size_t len;

		if (d->d_name[0] == '.' || file_read(AT_FDCWD, class, 64, &text, &len, &err) < 0) {
			err_release(&err);
			continue;
		}
		if (startswith(text, "08"))
			ready = has_block_device(path);
	}
	closedir(dir);
	return ready;
}

void coldplug_release(struct coldplug *c)
{
	closep(&c->events);
	c->events = -1;
	strv_release(&c->known);
	strv_release(&c->fresh);
}
