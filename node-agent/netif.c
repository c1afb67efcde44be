/* SPDX-License-Identifier: Apache-2.0 */
#include "netif.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "fsio.h"
#include "limits.h"

/* A small file of one line, without its newline; NULL when it cannot be read. */
static char *attribute(const char *root, const char *name, const char *what)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s/%s", root, name, what);
	struct err err = ERR_INIT;
	char *text;
	size_t len;

	if (file_read(AT_FDCWD, path, 4096, &text, &len, &err) < 0) {
		err_release(&err);
		return NULL;
	}
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static bool has(const char *root, const char *name, const char *what)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s/%s", root, name, what);

	return access(path, F_OK) == 0;
}

static void take(const char *root, const char *name, struct netif_list *l)
{
	_cleanup_(freep) char *type = attribute(root, name, "type");
	_cleanup_(freep) char *address = attribute(root, name, "address");
	struct err err = ERR_INIT;
	struct netif *n;
	struct mac mac;

	/* 1 is ARPHRD_ETHER. */
	if (!type || !address || !streq(type, "1") || l->n >= LIMIT_MACS)
		return;
	if (!has(root, name, "device") || has(root, name, "wireless") ||
	    has(root, name, "phy80211"))
		return;
	if (mac_parse(address, &mac, &err) < 0) {
		err_release(&err);
		return;
	}
	n = ARRAY_APPEND(l->d, l->n);
	n->name = xstrdup(name);
	n->mac = mac;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct netif *)a)->name, ((const struct netif *)b)->name);
}

void netif_list(const char *root, struct netif_list *ret_list)
{
	DIR *dir = opendir(root);
	struct dirent *d;

	*ret_list = (struct netif_list){0};
	if (!dir)
		return;
	while ((d = readdir(dir))) {
		if (d->d_name[0] != '.')
			take(root, d->d_name, ret_list);
	}
	closedir(dir);
	if (ret_list->n > 1)
		qsort(ret_list->d, ret_list->n, sizeof(*ret_list->d), by_name);
}

const struct netif *netif_find(const struct netif_list *l, const struct mac *mac)
{
	for (size_t i = 0; i < l->n; i++) {
		if (mac_compare(&l->d[i].mac, mac) == 0)
			return &l->d[i];
	}
	return NULL;
}

int netif_up(const char *name, struct err *err)
{
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq req = {0};

	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "no socket");
	if (strlen(name) >= sizeof(req.ifr_name))
		return err_set(err, ERR_IO, "%s: not an interface name", name);
	memcpy(req.ifr_name, name, strlen(name));
	if (ioctl(fd, SIOCGIFFLAGS, &req) < 0)
		return err_errno(err, ERR_IO, errno, "%s", name);
	req.ifr_flags |= IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &req) < 0)
		return err_errno(err, ERR_IO, errno, "cannot switch %s on", name);
	return 0;
}

void netif_list_release(struct netif_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->d[i].name);
	free(l->d);
	*l = (struct netif_list){0};
}
