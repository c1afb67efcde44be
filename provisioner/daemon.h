/* SPDX-License-Identifier: Apache-2.0 */
/* The running provisiond: all its parts, opened in the order in which rights are given up. */
#ifndef PROVISION_DAEMON_H
#define PROVISION_DAEMON_H

#include <pthread.h>
#include <systemd/sd-event.h>

#include "ctl.h"
#include "dhcp/dhcp_server.h"
#include "http/web.h"
#include "privs.h"
#include "tftp.h"

#define DAEMON_INTERFACES_MAX 8
#define DAEMON_TFTPD          "/usr/sbin/in.tftpd"
/* cluster.yaml's folder, the three below it, and the assets. */
#define DAEMON_WATCHES 8

/* The thread beside the loop (daemon_work.c). */
struct daemon_work {
	pthread_t thread;
	pthread_mutex_t mutex; /* of what follows */
	pthread_cond_t asked;
	bool reload, stop;
	bool runs; /* the starter's own */
};

struct file_watch {
	sd_event_source *source;
};

struct daemon {
	struct paths paths;
	sd_event *loop;
	struct web web;
	struct site *site;      /* the loop's own reference, for DHCP */
	struct started started; /* set once, at the start */
	pthread_mutex_t reloading;
	pthread_mutex_t telling; /* of what follows; never held while a file is read */
	char *config_problem;    /* why the files are not in force, or NULL */
	struct daemon_work work;
	int wake_fd; /* eventfd: another thread changed the site */
	/* sockets and parts, in the order of their opening */
	gid_t group;
	struct privs_user user;
	bool was_root;
	int ctl_fd, http_fd, https_fd;
	struct dhcp_server *dhcp;
	struct ipv4 addresses[DAEMON_INTERFACES_MAX];
	size_t n_addresses;
	struct tftp *tftp[DAEMON_INTERFACES_MAX];
	size_t n_tftp;
	char *tftp_root;
	char *cert_pem;
	struct secret cert_key;
	struct lease_store leases;
	struct ctl *ctl;
	struct http_server *plain, *api;
	sd_event_source *reload_timer;
	sd_event_source *watches[DAEMON_WATCHES]; /* NULL: no such folder yet */
	struct file_watch *file_watches;          /* files/ and every folder below it */
	size_t n_file_watches;
};

/* Everything that needs rights: configuration, secrets, sockets, in.tftpd, the keeper. user: whom
 * to become when we are root. */
int daemon_open(struct daemon *d, const char *user, struct err *err) _must_check_ _nonnull_;
/* Gives the rights up, for good. */
int daemon_drop(struct daemon *d, struct err *err) _must_check_ _nonnull_;
/* Serves until SIGTERM. */
int daemon_serve(struct daemon *d, struct err *err) _must_check_ _nonnull_;
void daemon_release(struct daemon *d) _nonnull_;
/* Drops the watches of files/. */
void daemon_unwatch_files(struct daemon *d) _nonnull_;
/* Our addresses on the served interfaces: *ret_n of them, at least one. */
int daemon_addresses(const struct cluster *c, struct ipv4 ret[DAEMON_INTERFACES_MAX], size_t *ret_n,
		     struct err *err) _must_check_ _nonnull_;

/* ---- daemon_check.c ---- */

/* What a start would find wrong now: that user or the keys are missing, in the configuration, the
 * templates, the scripts, the manifest, and who holds a port of ours. Starts nothing, writes
 * nothing and leaves no port open. All but the first are logged; that is err. */
int daemon_check(const struct paths *paths, const char *user,
		 struct err *err) _must_check_ _nonnull_;

/* ---- daemon_reload.c: what changes while it runs ---- */

/* Loads the configuration again, from any thread but the loop's, as it reads files. On failure the
 * last good one stays in force; ERR_BUSY: to be tried again. */
int daemon_reload(struct daemon *d, struct err *err) _must_check_ _nonnull_;
/* Why the files are not in force, NULL when they are; caller frees. From any thread. */
char *daemon_config_problem(struct daemon *d) _nonnull_;
/* Joins the loop: watches the directories, SIGHUP, and the changes of other threads. */
int daemon_watch(struct daemon *d, struct err *err) _must_check_ _nonnull_;
/* What the store says about netboots, into the site: of one node, or of all (node NULL). */
int daemon_refresh_answers(struct daemon *d, struct site *site, const char *node,
			   struct err *err) _must_check_ __attribute__((nonnull(1, 2, 4)));

/* ---- daemon_work.c: what the loop must not wait for ---- */

/* Starts the thread that loads the configuration and, now and then, keeps house in the store. */
int daemon_work_start(struct daemon *d, struct err *err) _must_check_ _nonnull_;
/* Asks it to load the configuration. From any thread. */
void daemon_work_reload(struct daemon *d) _nonnull_;
/* Ends it, if it was started. */
void daemon_work_stop(struct daemon *d) _nonnull_;

/* ---- daemon_op.c ---- */

/* Runs an operation for the control socket. */
int daemon_run_op(void *arg, const char *op, const json_t *args, json_t **ret_reply,
		  struct err *err);

#endif
