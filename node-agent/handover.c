/* SPDX-License-Identifier: Apache-2.0 */
#include "handover.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fsio.h"
#include "install.h"
#include "kube.h"
#include "limits.h"
#include "target.h"

#define CA      INSTALL_DIR "/ca.crt"
#define UNIT    "/etc/systemd/system/" INSTALL_UNIT
#define ENABLED "/etc/systemd/system/multi-user.target.wants/" INSTALL_UNIT
/* The agent is about half a megabyte; with a sanitizer, ten. */
#define LIMIT_BINARY (64 * 1024 * 1024)

/* Messages go to the console too: whoever stands before the machine sees why it is not Ready. */
static const char unit[] = "[Unit]\n"
			   "Description=Join this node to its cluster\n"
			   "Wants=network-online.target\n"
			   "After=network-online.target containerd.service\n"
			   "ConditionPathExists=!" INSTALL_OVER "\n"
			   "StartLimitIntervalSec=0\n"
			   "\n"
			   "[Service]\n"
			   "ExecStart=" INSTALL_BINARY " firstboot\n"
			   "Restart=on-failure\n"
			   "RestartSec=" INSTALL_RESTART_S "\n"
			   "StandardOutput=journal+console\n"
			   "StandardError=journal+console\n"
			   "\n"
			   "[Install]\n"
			   "WantedBy=multi-user.target\n";

static int write_text(int root, const char *path, const char *text, mode_t mode, struct err *err)
{
	return target_write(root, path, text, strlen(text), mode, TARGET_ROOT, err);
}

static int write_binary(int root, struct err *err)
{
	_cleanup_(freep) char *data = NULL;
	size_t len;

	if (file_read(AT_FDCWD, "/proc/self/exe", LIMIT_BINARY, &data, &len, err) < 0)
		return -1;
	return target_write(root, INSTALL_BINARY, data, len, 0755, TARGET_ROOT, err);
}

static int write_plan(int root, const struct plan *plan, struct err *err)
{
	_cleanup_json_ json_t *j = plan_to_json(plan);
	_cleanup_(freep) char *text = jsonx_canonical(j);

	return write_text(root, INSTALL_PLAN, text, 0600, err);
}

static int write_key(int root, const struct identity *identity, struct err *err)
{
	_cleanup_(closep) int folder = -1, real = -1;
	const char *name;

	folder = target_parent(root, INSTALL_KEY, &name, err);
	if (folder < 0)
		return -1;
	/* One that can be synced, unlike a descriptor for paths only. */
	real = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (real < 0)
		return err_errno(err, ERR_IO, errno, INSTALL_DIR);
	return identity_save(identity, real, name, err);
}

/* A pool that was adopted at /var has what an earlier installation left there. */
static int forget_earlier(int root, struct err *err)
{
	static const char *const paths[] = {INSTALL_EVENTS, INSTALL_JOINED, INSTALL_TRACE,
					    INSTALL_OVER,   KUBE_MADE,      KUBE_OWN_ETCD};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		_cleanup_(closep) int folder = -1;
		const char *name;

		folder = target_parent(root, paths[i], &name, err);
		if (folder < 0)
			return -1;
		if (unlinkat(folder, name, 0) < 0 && errno != ENOENT)
			return err_errno(err, ERR_IO, errno, "cannot remove %s", paths[i]);
	}
	return 0;
}

int handover_write(int root, const struct plan *plan, const char *ca_pem,
		   const struct identity *identity, struct err *err)
{
	if (target_mkdir(root, INSTALL_DIR, 0700, TARGET_ROOT, err) < 0 ||
	    forget_earlier(root, err) < 0 || write_binary(root, err) < 0 ||
	    write_plan(root, plan, err) < 0 || write_text(root, CA, ca_pem, 0644, err) < 0 ||
	    write_key(root, identity, err) < 0 || write_text(root, UNIT, unit, 0644, err) < 0)
		return -1;
	return target_link(root, ENABLED, UNIT, TARGET_ROOT, err);
}

static int read_all(struct handover *h, struct err *err)
{
	_cleanup_(freep) char *text = NULL;
	_cleanup_json_ json_t *j = NULL;
	size_t len;

	if (file_read(AT_FDCWD, INSTALL_PLAN, LIMIT_PLAN_BYTES, &text, &len, err) < 0 ||
	    jsonx_parse(text, len, INSTALL_PLAN, &j, err) < 0 ||
	    plan_from_json(j, &h->plan, err) < 0 ||
	    file_read(AT_FDCWD, CA, 65536, &h->ca_pem, &len, err) < 0)
		return -1;
	return identity_load(AT_FDCWD, INSTALL_KEY, &h->identity, err);
}

int handover_read(struct handover *ret, struct err *err)
{
	struct handover h = {0};

	if (read_all(&h, err) < 0) {
		handover_release(&h);
		return -1;
	}
	*ret = h;
	return 0;
}

void handover_release(struct handover *h)
{
	plan_free(h->plan);
	free(h->ca_pem);
	identity_free(h->identity);
	*h = (struct handover){0};
}
