/* SPDX-License-Identifier: Apache-2.0 */
#include "port_holder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define MAX_INODES 16

static void fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}

static void closedirp(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* The next word of *line, which moves behind it. */
static const char *next_word(const char **line)
{
	const char *word = *line + strspn(*line, " ");

	*line = word + strcspn(word, " ");
	return word;
}

/* "0100007F:0045": the number behind the colon, and the last eight digits before it: the address as
 * the machine reads its four bytes as one number. What stands before them in IPv6 is left out, as
 * an IPv4 address mapped into one ends like this. */
static bool read_end(const char *word, unsigned long *ret_address, unsigned long *ret_port)
{
	size_t n = strspn(word, "0123456789ABCDEF");

	if (n < 8 || word[n] != ':')
		return false;
	*ret_address = strtoul(word + n - 8, NULL, 16);
	*ret_port = strtoul(word + n + 1, NULL, 16);
	return true;
}

unsigned long port_holder_inode(const char *line, struct ipv4 address, uint16_t port)
{
	unsigned long local, local_port, remote, remote_port;

	next_word(&line); /* its number */
	if (!read_end(next_word(&line), &local, &local_port) ||
	    !read_end(next_word(&line), &remote, &remote_port))
		return 0;
	if (local_port != port || remote_port != 0)
		return 0;
	/* All zeroes is any address. */
	if (address.a && local && local != ipv4_to_in(address).s_addr)
		return 0;
	for (int i = 0; i < 6; i++) /* state, queues, timers, retransmissions, user, timeout */
		next_word(&line);
	return strtoul(next_word(&line), NULL, 10);
}

/* All sockets on that port, of IPv4 and IPv6; their number. */
static size_t find_inodes(const char *protocol, struct ipv4 address, uint16_t port,
			  unsigned long inodes[MAX_INODES])
{
	size_t n = 0;

	for (int v6 = 0; v6 < 2; v6++) {
		_cleanup_(freep) char *path = xasprintf("/proc/net/%s%s", protocol, v6 ? "6" : "");
		_cleanup_(fclosep) FILE *f = fopen(path, "re");
		_cleanup_(freep) char *line = NULL;
		size_t cap = 0;

		while (f && n < MAX_INODES && getline(&line, &cap, f) >= 0) {
			inodes[n] = port_holder_inode(line, address, port);
			n += inodes[n] != 0;
		}
	}
	return n;
}

/* The process has one of these sockets open. */
static bool has_socket(int proc_fd, const char *pid, const unsigned long *inodes, size_t n)
{
	_cleanup_(freep) char *path = xasprintf("%s/fd", pid);
	_cleanup_(closedirp) DIR *dir = NULL;
	int fd = openat(proc_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *e;

	dir = fd >= 0 ? fdopendir(fd) : NULL;
	while (dir && (e = readdir(dir))) {
		char target[64] = "";
		unsigned long inode;

		if (readlinkat(fd, e->d_name, target, sizeof(target) - 1) < 0 ||
		    !startswith(target, "socket:["))
			continue;
		inode = strtoul(target + strlen("socket:["), NULL, 10);
		for (size_t i = 0; i < n; i++)
			if (inodes[i] == inode)
				return true;
	}
	return false;
}

static char *describe(int proc_fd, const char *pid)
{
	_cleanup_(freep) char *path = xasprintf("%s/comm", pid);
	_cleanup_(closep) int fd = openat(proc_fd, path, O_RDONLY | O_CLOEXEC);
	char comm[64] = "";
	ssize_t n = fd >= 0 ? read(fd, comm, sizeof(comm) - 1) : -1;

	if (n > 0 && comm[n - 1] == '\n')
		comm[n - 1] = '\0';
	return xasprintf("%s (process %s)", *comm ? comm : "a process", pid);
}

char *port_holder(const char *protocol, struct ipv4 address, uint16_t port)
{
	_cleanup_(closedirp) DIR *proc = opendir("/proc");
	unsigned long inodes[MAX_INODES];
	size_t n = find_inodes(protocol, address, port, inodes);
	struct dirent *e;

	while (n > 0 && proc && (e = readdir(proc)))
		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' &&
		    has_socket(dirfd(proc), e->d_name, inodes, n))
			return describe(dirfd(proc), e->d_name);
	return xstrdup("another process");
}
