/* SPDX-License-Identifier: Apache-2.0 */
/* provisiond -n: what a start would find wrong, found without starting anything. */
#include "daemon.h"

#include "dhcp/dhcp_opts.h"
#include "dhcp/dhcp_socket.h"
#include "log.h"
#include "op.h"
#include "port_holder.h"
#include "secrets.h"

struct check {
	const struct cluster *cluster;
	bool lives; /* a provisiond answers: what it holds is no other's */
	struct err first;
};

/* The first is the caller's to log. */
static void add(struct check *c, struct err *why)
{
	if (c->first.kind == ERR_NONE) {
		err_move(&c->first, why);
		return;
	}
	log_err(why);
	err_release(why);
}

/* The port could not be had, because of why. */
static void add_port(struct check *c, const char *protocol, struct ipv4 address, uint16_t port,
		     struct err *why)
{
	_cleanup_(freep) char *holder = NULL;

	if (why->kind == ERR_BUSY && c->lives) {
		holder = port_holder(protocol, address, port);
		if (startswith(holder, "provisiond (") || startswith(holder, "in.tftpd (")) {
			log_info("%s port %u is held by %s, which is running", protocol, port,
				 holder);
			err_release(why);
			return;
		}
	}
	add(c, why);
}

static void check_http(struct check *c, uint16_t port)
{
	_cleanup_(closep) int fd = -1;
	struct err why = ERR_INIT;

	if (http_listen(port, &fd, &why) < 0)
		add_port(c, "tcp", (struct ipv4){0}, port, &why);
}

static void check_dhcp(struct check *c, const char *interface)
{
	static const uint16_t ports[] = {DHCP_SERVER_PORT, DHCP_PXE_PORT};
	struct dhcp_link link;
	struct err why = ERR_INIT;

	if (dhcp_link_find(interface, c->cluster->address, &link, &why) < 0) {
		add(c, &why);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(ports); i++) {
		struct dhcp_socket s;

		if (dhcp_socket_open(interface, &link, ports[i], &s, &why) == 0)
			dhcp_socket_release(&s);
		else
			add_port(c, "udp", (struct ipv4){0}, ports[i], &why);
	}
}

static void check_tftp(struct check *c, struct ipv4 address)
{
	const struct tftp_options o = {.program = DAEMON_TFTPD, .address = address};
	struct err why = ERR_INIT;

	if (tftp_minder_check(&o, &why) < 0)
		add_port(c, "udp", address, TFTP_PORT, &why);
}

static void check_ports(struct check *c, const struct ipv4 *addresses, size_t n)
{
	const struct strv *interfaces = &c->cluster->interfaces;

	check_http(c, c->cluster->http_port);
	check_http(c, c->cluster->https_port);
	for (size_t i = 0; c->cluster->dhcp != DHCP_OFF && i < interfaces->n; i++)
		check_dhcp(c, interfaces->v[i]);
	for (size_t i = 0; i < n; i++)
		check_tftp(c, addresses[i]);
}

static void check_user(struct check *c, const char *user)
{
	struct privs_user found;
	struct err why = ERR_INIT;

	if (geteuid() == 0 && privs_find_user(user, &found, &why) < 0)
		add(c, &why);
}

/* That there are none everybody is told; whether they are whole only root can see. */
static void check_keys(struct check *c, const char *state_dir)
{
	struct err why = ERR_INIT;

	if (geteuid() != 0 && secrets_exist(state_dir))
		return;
	if (secrets_whole(state_dir, &why) < 0)
		add(c, &why);
}

/* The files, and what they name of this host. */
static void check_site(struct check *c, const struct paths *paths, struct site **ret)
{
	_cleanup_(problems_release) struct problems ps = {0};
	struct ipv4 addresses[DAEMON_INTERFACES_MAX];
	struct err why = ERR_INIT;
	size_t n;

	if (site_check(paths, ret, &ps, &why) < 0) {
		problems_log_rest(&ps);
		add(c, &why);
		return;
	}
	c->cluster = &(*ret)->inventory->cluster;
	if (daemon_addresses(c->cluster, addresses, &n, &why) < 0)
		add(c, &why);
	else if (geteuid() == 0)
		check_ports(c, addresses, n);
	else
		log_warning("who holds its ports, and whether its user and keys are all there, is "
			    "told to root only: run it as root");
}

int daemon_check(const struct paths *paths, const char *user, struct err *err)
{
	_cleanup_site_ struct site *site = NULL;
	struct check c = {.lives = op_daemon_lives(paths)};

	check_user(&c, user);
	check_keys(&c, paths->state);
	check_site(&c, paths, &site);
	if (c.first.kind != ERR_NONE) {
		err_move(err, &c.first);
		return -1;
	}
	log_info("%zu nodes, nothing is wrong", site->inventory->n_nodes);
	return 0;
}
