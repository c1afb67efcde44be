/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <malloc.h>
#include <net/if.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include <systemd/sd-daemon.h>

#include "assets.h"
#include "dhcp/dhcp_socket.h"
#include "fsio.h"
#include "dhcp/dhcp_advice.h"
#include "lease_store.h"
#include "limits.h"
#include "log.h"
#include "tftp_files.h"

#define HTTP_THREADS 2
#define API_THREADS  4

/* ---- while there are rights ---- */

static int load_site(struct daemon *d, struct err *err)
{
	_cleanup_(problems_release) struct problems ps = {0};
	struct site *site;

	if (site_load(&d->paths, NULL, &site, &ps, err) < 0) {
		problems_log_rest(&ps);
		return -1;
	}
	d->web.sites = site_slot_new();
	d->site = site_ref(site);
	started_init(&d->started, &site->inventory->cluster);
	site_slot_set(d->web.sites, site);
	return 0;
}

static int choose_user(struct daemon *d, const char *user, struct err *err)
{
	d->group = privs_find_group("provision");
	d->was_root = geteuid() == 0;
	if (!d->was_root)
		return 0;
	if (privs_find_user(user, &d->user, err) < 0)
		return -1;
	if (d->user.uid == 0)
		log_warning("--user %s: the process that parses packets can read every file of "
			    "root's, the keys too",
			    user);
	return 0;
}

int daemon_addresses(const struct cluster *c, struct ipv4 ret[DAEMON_INTERFACES_MAX], size_t *ret_n,
		     struct err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < c->interfaces.n && n < DAEMON_INTERFACES_MAX; i++) {
		struct dhcp_link link;

		if (dhcp_link_find(c->interfaces.v[i], c->address, &link, err) < 0)
			return err_wrap(err, "cluster.yaml: provisioner.interfaces");
		ret[n++] = link.address.ip;
	}
	*ret_n = n;
	return n ? 0
		 : err_set(err, ERR_CONFIG,
			   "cluster.yaml: provisioner.interfaces is empty: name the interface that "
			   "the machines are on");
}

/* `dhcp: off` */
static void tell_advice(const struct daemon *d)
{
	_cleanup_(strv_release) struct strv lines = {0};

	dhcp_advice(d->addresses[0], d->site->inventory->cluster.http_port, &lines);
	for (size_t i = 0; i < lines.n; i++)
		log_info("%s", lines.v[i]);
}

static int open_sockets(struct daemon *d, struct err *err)
{
	const struct cluster *c = &d->site->inventory->cluster;
	_cleanup_(freep) char *ctl = paths_ctl(&d->paths);

	if (ctl_listen(ctl, d->group, &d->ctl_fd, err) < 0 ||
	    http_listen(c->http_port, &d->http_fd, err) < 0 ||
	    http_listen(c->https_port, &d->https_fd, err) < 0)
		return -1;
	if (c->dhcp == DHCP_OFF) {
		tell_advice(d);
		return 0;
	}
	return dhcp_server_open(&c->interfaces, c->address, &d->dhcp, err);
}

static int start_tftp(struct daemon *d, struct err *err)
{
	const struct cluster *c = &d->site->inventory->cluster;
	_cleanup_(freep) char *http = NULL;
	char ip[IPV4_TEXT_SIZE];
	size_t loaders;

	d->tftp_root = paths_tftp(&d->paths);
	http = xasprintf("http://%s:%u", ipv4_format(d->addresses[0], ip), c->http_port);
	if (tftp_files_loaders(&d->paths, &loaders, err) < 0 ||
	    tftp_files_autoexec(&d->paths, http, err) < 0)
		return -1;
	if (loaders == 0)
		log_warning("%s has no boot loaders yet: provision assets build", d->tftp_root);
	for (size_t i = 0; i < d->n_addresses; i++) {
		const struct tftp_options o = {
			.program = DAEMON_TFTPD,
			.root = d->tftp_root,
			.address = d->addresses[i],
			.first_port = c->tftp_first_port,
			.last_port = c->tftp_last_port,
		};

		if (tftp_start(&o, TFTP_PROBE_FILE, &d->tftp[d->n_tftp], err) < 0)
			return -1;
		d->n_tftp++;
	}
	return 0;
}

/* Every address that a machine may reach us at. */
static int make_certificate(struct daemon *d, struct err *err)
{
	_cleanup_(strv_release) struct strv names = {0};
	struct ifaddrs *all, *a;
	char text[IPV4_TEXT_SIZE];

	if (getifaddrs(&all) < 0)
		return err_errno(err, ERR_IO, errno, "cannot list our addresses");
	for (a = all; a; a = a->ifa_next) {
		const struct ipv4 ip = ipv4_from_sockaddr(a->ifa_addr);

		if (!ip.a)
			continue;
		ipv4_format(ip, text);
		if (!strv_has(&names, text))
			strv_add(&names, text);
	}
	freeifaddrs(all);
	ipv4_format(d->site->inventory->cluster.address, text);
	if (d->site->inventory->cluster.address.a && !strv_has(&names, text))
		strv_add(&names, text);
	return secrets_tls_leaf(d->paths.state, &names, &d->cert_pem, &d->cert_key, err);
}

static int open_assets(struct daemon *d, struct err *err)
{
	_cleanup_(freep) char *assets = paths_assets(&d->paths);

	if (dir_make(AT_FDCWD, assets, 0755, err) < 0 ||
	    (d->was_root && assets_give_lock(d->paths.state, d->user.gid, err) < 0))
		return -1;
	d->web.assets_fd = open(assets, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return d->web.assets_fd < 0 ? err_errno(err, ERR_IO, errno, "%s", assets) : 0;
}

int daemon_open(struct daemon *d, const char *user, struct err *err)
{
	d->ctl_fd = d->http_fd = d->https_fd = d->wake_fd = d->web.assets_fd = -1;
	pthread_mutex_init(&d->reloading, NULL);
	pthread_mutex_init(&d->telling, NULL);
	if (choose_user(d, user, err) < 0 || secrets_check(d->paths.state, err) < 0 ||
	    load_site(d, err) < 0 ||
	    daemon_addresses(&d->site->inventory->cluster, d->addresses, &d->n_addresses, err) <
		    0 ||
	    open_sockets(d, err) < 0 || open_assets(d, err) < 0 || start_tftp(d, err) < 0 ||
	    make_certificate(d, err) < 0)
		return -1;
	return keeper_start(&d->paths, &d->site->inventory->cluster, &d->web.keeper, err);
}

int daemon_drop(struct daemon *d, struct err *err)
{
	if (d->was_root && (store_give(d->paths.state, d->user.uid, d->user.gid, err) < 0 ||
			    privs_become(&d->user, err) < 0))
		return -1;
	if (!d->was_root && privs_bare(err) < 0)
		return -1;
	return privs_lock(err);
}

/* ---- without rights ---- */

static void on_store_change(void *arg, bool intents, const char *node)
{
	struct daemon *d = arg;
	_cleanup_site_ struct site *site = NULL;
	_cleanup_(err_release) struct err why = ERR_INIT;

	if (intents) {
		site = site_slot_get(d->web.sites);
		if (daemon_refresh_answers(d, site, node, &why) < 0)
			log_err(&why);
	}
	if (d->ctl)
		ctl_changed(d->ctl);
}

static void machine(void *ctx, const struct mac *mac, struct machine *ret)
{
	const struct daemon *d = ctx;
	const struct node *n = inventory_by_mac(d->site->inventory, mac);

	*ret = (struct machine){.kind = MACHINE_UNKNOWN};
	if (!n)
		return;
	ret->kind = boot_answer_starts(site_answer(site_node_of(d->site, n))) ? MACHINE_INSTALL
									      : MACHINE_DISK;
	ret->name = n->name;
	ret->address = n->address.ip;
}

static bool is_static(const void *ctx, struct ipv4 ip)
{
	const struct daemon *d = ctx;

	return site_is_static(d->site, ip);
}

static void unknown(void *ctx, const struct mac *mac, const char *arch)
{
	struct daemon *d = ctx;

	unknown_seen(d->web.unknown, mac, arch, NULL, NULL, (struct ipv4){0}, web_now_ms());
}

static int open_store(struct daemon *d, struct err *err)
{
	if (store_open(d->paths.state, &d->web.store, err) < 0)
		return -1;
	d->leases = lease_store_of(d->web.store);
	d->web.unknown = unknown_table_new();
	d->web.rates = rate_table_new();
	d->web.join_rates = rate_table_new();
	if (store_nonce_key(d->web.store, d->web.nonce_key, err) < 0 ||
	    store_intents_expire(d->web.store, web_now_ms(), err) < 0 ||
	    daemon_refresh_answers(d, d->site, NULL, err) < 0)
		return -1;
	store_on_change(d->web.store, on_store_change, d);
	return 0;
}

static int start_http(struct daemon *d, struct err *err)
{
	const struct http_options plain = {.listen_fd = d->http_fd,
					   .threads = HTTP_THREADS,
					   .routes = web_plain_routes,
					   .n_routes = n_web_plain_routes,
					   .ctx = &d->web},
				  api = {.listen_fd = d->https_fd,
					 .threads = API_THREADS,
					 .routes = web_api_routes,
					 .n_routes = n_web_api_routes,
					 .ctx = &d->web,
					 .cert_pem = d->cert_pem,
					 .key_pem = &d->cert_key};

	return http_start(&plain, &d->plain, err) < 0 ? -1 : http_start(&api, &d->api, err);
}

static int start_dhcp(struct daemon *d, struct err *err)
{
	const struct dhcp_server_ops ops = {machine, is_static, unknown, d};
	struct dhcp_config config;

	if (!d->dhcp)
		return 0;
	dhcp_config_from(&d->site->inventory->cluster, &config);
	return dhcp_server_start(d->dhcp, d->loop, &config, &ops, &d->leases, err);
}

static int start_ctl(struct daemon *d, struct err *err)
{
	const struct ctl_options o = {
		.listen_fd = d->ctl_fd, .group = d->group, .run = daemon_run_op, .arg = d};

	return ctl_start(&o, &d->ctl, err);
}

static int on_terminate(sd_event_source *source, const struct signalfd_siginfo *info, void *arg)
{
	(void)info;
	(void)arg;
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

static int on_keeper_end(sd_event_source *source, const siginfo_t *info, void *arg)
{
	(void)arg;
	log_error("the keeper process has ended (%s %d): provisiond ends, to be started anew",
		  info->si_code == CLD_EXITED ? "exit" : "signal", info->si_status);
	return sd_event_exit(sd_event_source_get_event(source), 1);
}

static int start_loop(struct daemon *d, struct err *err)
{
	sigset_t mask;
	int r;

	sigemptyset(&mask);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGHUP);
	sigaddset(&mask, SIGCHLD);
	pthread_sigmask(SIG_BLOCK, &mask, NULL);
	signal(SIGPIPE, SIG_IGN);
	d->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	r = d->wake_fd < 0 ? -errno : sd_event_new(&d->loop);
	if (r >= 0)
		r = sd_event_add_signal(d->loop, NULL, SIGTERM, on_terminate, d);
	if (r >= 0)
		r = sd_event_add_signal(d->loop, NULL, SIGINT, on_terminate, d);
	if (r >= 0)
		r = sd_event_add_child(d->loop, NULL, keeper_pid(d->web.keeper), WEXITED,
				       on_keeper_end, d);
	return r < 0 ? err_errno(err, ERR_INTERNAL, -r, "event loop") : 0;
}

static int attach_tftp(struct daemon *d, struct err *err)
{
	for (size_t i = 0; i < d->n_tftp; i++)
		if (tftp_attach(d->tftp[i], d->loop, NULL, NULL, err) < 0)
			return -1;
	return 0;
}

int daemon_serve(struct daemon *d, struct err *err)
{
	int r;

	/* threads share one heap: what one frees another takes, and 10,000 nodes fit in 32 MiB */
	mallopt(M_ARENA_MAX, 1);
	if (start_loop(d, err) < 0 || open_store(d, err) < 0 || daemon_work_start(d, err) < 0 ||
	    daemon_watch(d, err) < 0 || start_dhcp(d, err) < 0 || attach_tftp(d, err) < 0 ||
	    start_ctl(d, err) < 0 || start_http(d, err) < 0)
		return -1;
	log_info("serving %zu nodes", d->site->inventory->n_nodes);
	sd_notifyf(0, "READY=1\nSTATUS=%zu nodes", d->site->inventory->n_nodes);
	r = sd_event_loop(d->loop);
	sd_notify(0, "STOPPING=1");
	if (r < 0)
		return err_errno(err, ERR_INTERNAL, -r, "event loop");
	return r == 0 ? 0 : err_set(err, ERR_INTERNAL, "the keeper process has ended");
}

void daemon_release(struct daemon *d)
{
	_cleanup_(err_release) struct err why = ERR_INIT;

	daemon_work_stop(d);
	d->plain = http_stop(d->plain);
	d->api = http_stop(d->api);
	if (d->web.store)
		store_on_change(d->web.store, NULL, NULL);
	d->ctl = ctl_stop(d->ctl);
	d->dhcp = dhcp_server_free(d->dhcp);
	for (size_t i = 0; i < d->n_tftp; i++)
		tftp_free(d->tftp[i]);
	sd_event_source_disable_unref(d->reload_timer);
	for (size_t i = 0; i < DAEMON_WATCHES; i++)
		sd_event_source_disable_unref(d->watches[i]);
	daemon_unwatch_files(d);
	sd_event_unref(d->loop);
	keeper_stop(d->web.keeper);
	if (d->web.unknown && d->web.store && unknown_flush(d->web.unknown, d->web.store, &why) < 0)
		log_err(&why);
	unknown_table_free(d->web.unknown);
	rate_table_free(d->web.rates);
	rate_table_free(d->web.join_rates);
	store_close(d->web.store);
	site_unref(d->site);
	site_slot_free(d->web.sites);
	started_release(&d->started);
	closep(&d->web.assets_fd);
	closep(&d->wake_fd);
	free(d->tftp_root);
	free(d->cert_pem);
	secret_release(&d->cert_key);
	free(d->config_problem);
	pthread_mutex_destroy(&d->telling);
	pthread_mutex_destroy(&d->reloading);
}
