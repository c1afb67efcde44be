/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The DHCP server with a fixed table of machines, for tests with real peers and for the bench.
 *
 *   dhcp_host --interface IF [--interface IF] --mode proxy|server [--subnet NET] [--range A-B]
 *             [--lease SECONDS] [--state DIR] [--node MAC[=ADDRESS]] [--ignore-unknown]
 *             [--tftp-root DIR]
 *   dhcp_host --advice ADDRESS    what `dhcp: off` says
 *
 * Prints "ready" when it serves, and its counts when it ends by SIGTERM.
 */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "dhcp/dhcp_advice.h"
#include "dhcp/dhcp_server.h"
#include "log.h"
#include "parse.h"
#include "store.h"
#include "tftp.h"

struct known {
	struct mac mac;
	struct ipv4 address;
};

struct host {
	struct cluster cluster;
	struct known *known;
	size_t n_known;
	const char *state, *tftp_root;
	struct store *store;
	struct ipv4 advise; /* 0: serve */
};

static void machine(void *ctx, const struct mac *mac, struct machine *ret)
{
	const struct host *h = ctx;

	*ret = (struct machine){.kind = MACHINE_UNKNOWN};
	for (size_t i = 0; i < h->n_known; i++)
		if (mac_compare(&h->known[i].mac, mac) == 0)
			*ret = (struct machine){MACHINE_INSTALL, "node", h->known[i].address};
}

static bool is_static(const void *ctx, struct ipv4 ip)
{
	const struct host *h = ctx;

	for (size_t i = 0; i < h->n_known; i++)
		if (h->known[i].address.a == ip.a)
			return true;
	return false;
}

static void unknown(void *ctx, const struct mac *mac, const char *arch)
{
	char text[MAC_TEXT_SIZE];

	(void)ctx;
	printf("unknown %s %s\n", mac_format(mac, text), arch);
}

static int commit(void *ctx, const struct lease *leases, size_t n, struct err *err)
{
	struct host *h = ctx;
	_cleanup_(freep) struct store_lease *rows = xcalloc(n, sizeof(*rows));

	for (size_t i = 0; i < n; i++)
		rows[i] = (struct store_lease){
			.mac = leases[i].mac,
			.ip = leases[i].ip,
			.expires_s = leases[i].state == LEASE_BOUND ? leases[i].expires : 0};
	return store_leases_put(h->store, rows, n, err);
}

struct load {
	void (*on_lease)(const struct lease *l, void *arg);
	void *arg;
};

static bool load_one(const struct store_lease *row, void *arg)
{
	const struct load *load = arg;
	const struct lease l = {row->mac, row->ip, row->expires_s, LEASE_BOUND};

	load->on_lease(&l, load->arg);
	return true;
}

static int load_all(void *ctx, void (*on_lease)(const struct lease *l, void *arg), void *arg,
		    struct err *err)
{
	struct host *h = ctx;
	struct load load = {on_lease, arg};

	return store_leases_each(h->store, load_one, &load, err);
}

static int add_node(struct host *h, const char *text, struct err *err)
{
	const char *equals = strchr(text, '=');
	_cleanup_(freep) char *mac =
		xstrndup(text, equals ? (size_t)(equals - text) : strlen(text));
	struct known k = {0};

	if (mac_parse(mac, &k.mac, err) < 0 ||
	    (equals && ipv4_parse(equals + 1, &k.address, err) < 0))
		return -1;
	*ARRAY_APPEND(h->known, h->n_known) = k;
	return 0;
}

static int set_option(struct host *h, int option, const char *arg, struct err *err)
{
	struct cluster *c = &h->cluster;
	uint64_t n = 0;

	switch (option) {
	case 'i':
		strv_add(&c->interfaces, arg);
		return 0;
	case 'm':
		c->dhcp = dhcp_mode_parse(arg);
		return 0;
	case 's':
		return ipv4_net_parse(arg, &c->subnet, err);
	case 'r':
		return ipv4_range_parse(arg, ARRAY_APPEND(c->ranges, c->n_ranges), err);
	case 'l':
		if (parse_u64(arg, UINT32_MAX, &n, err) < 0)
			return -1;
		c->lease_time = (uint32_t)n;
		return 0;
	case 'd':
		h->state = arg;
		return 0;
	case 'n':
		return add_node(h, arg, err);
	case 'a':
		return ipv4_parse(arg, &h->advise, err);
	case 't':
		h->tftp_root = arg;
		return 0;
	case 'u':
		c->unknown = UNKNOWN_IGNORE;
		return 0;
	default:
		return err_set(err, ERR_USAGE, "unknown option");
	}
}

static int parse_options(struct host *h, int argc, char **argv, struct err *err)
{
	static const struct option options[] = {{"interface", required_argument, NULL, 'i'},
						{"mode", required_argument, NULL, 'm'},
						{"subnet", required_argument, NULL, 's'},
						{"range", required_argument, NULL, 'r'},
						{"lease", required_argument, NULL, 'l'},
						{"state", required_argument, NULL, 'd'},
						{"node", required_argument, NULL, 'n'},
						{"advice", required_argument, NULL, 'a'},
						{"tftp-root", required_argument, NULL, 't'},
						{"ignore-unknown", no_argument, NULL, 'u'},
						{NULL, 0, NULL, 0}};
	int option;

	h->cluster = (struct cluster){.http_port = 8080, .dhcp = DHCP_PROXY};
	while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0)
		if (set_option(h, option, optarg, err) < 0)
			return -1;
	h->cluster.router = h->cluster.subnet.ip;
	return 0;
}

static void tftp_changed(void *ctx, enum tftp_state state, const char *sentence)
{
	(void)ctx;
	printf("tftp %s: %s\n", state == TFTP_READY ? "ready" : "failed", sentence);
}

static int start_tftp(struct host *h, const struct dhcp_server *server, sd_event *loop,
		      struct tftp **ret, struct err *err)
{
	size_t n;
	const struct dhcp_link *links = dhcp_server_links(server, &n);
	const struct tftp_options options = {.program = "/usr/sbin/in.tftpd",
					     .root = h->tftp_root,
					     .address = links[0].address.ip,
					     .first_port = 49152,
					     .last_port = 49251};

	if (tftp_start(&options, "autoexec.ipxe", ret, err) < 0)
		return -1;
	return tftp_attach(*ret, loop, tftp_changed, NULL, err);
}

static int serve(struct host *h, struct err *err)
{
	const struct dhcp_server_ops ops = {machine, is_static, unknown, h};
	const struct lease_store leases = {load_all, commit, h};
	const struct dhcp_server_counts *counts;
	struct dhcp_server *server = NULL;
	struct tftp *tftp = NULL;
	struct dhcp_config config;
	sd_event *loop = NULL;
	sigset_t set;

	if (h->state && store_open(h->state, &h->store, err) < 0)
		return -1;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	if (sd_event_default(&loop) < 0 || sd_event_add_signal(loop, NULL, SIGTERM, NULL, NULL) < 0)
		return err_set(err, ERR_INTERNAL, "no event loop");
	dhcp_config_from(&h->cluster, &config);
	if (dhcp_server_open(&h->cluster.interfaces, (struct ipv4){0}, &server, err) < 0 ||
	    dhcp_server_start(server, loop, &config, &ops, h->state ? &leases : NULL, err) < 0)
		return -1;
	if (h->tftp_root && start_tftp(h, server, loop, &tftp, err) < 0)
		return -1;
	puts("ready");
	sd_event_loop(loop);
	counts = dhcp_server_counts(server);
	printf("received %" PRIu64 " malformed %" PRIu64 " silent %" PRIu64 " sent %" PRIu64
	       " unsent %" PRIu64 "\n",
	       counts->received, counts->malformed, counts->silent, counts->sent, counts->unsent);
	dhcp_server_free(server);
	tftp_free(tftp);
	store_close(h->store);
	sd_event_unref(loop);
	return 0;
}

static void advise(const struct host *h)
{
	_cleanup_(strv_release) struct strv lines = {0};

	dhcp_advice(h->advise, h->cluster.http_port, &lines);
	for (size_t i = 0; i < lines.n; i++)
		puts(lines.v[i]);
}

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct host h = {0};
	int r;

	log_open("dhcp_host", LOG_LEVEL_DEBUG);
	setvbuf(stdout, NULL, _IOLBF, 0);
	r = parse_options(&h, argc, argv, &err);
	if (r == 0 && h.advise.a)
		advise(&h);
	else if (r == 0)
		r = serve(&h, &err);
	if (r < 0)
		log_err(&err);
	err_release(&err);
	cluster_release(&h.cluster);
	free(h.known);
	return r < 0 ? 1 : 0;
}
