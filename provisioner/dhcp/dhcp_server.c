/* SPDX-License-Identifier: Apache-2.0 */
#include "dhcp/dhcp_server.h"

#include <string.h>
#include <time.h>

#include "dhcp/dhcp_socket.h"
#include "log.h"

/* Reads of DHCP_BATCH packets before other sources of the loop have their turn: also the most
 * leases of one commit. */
#define ROUNDS 16
/* Log lines in one second; the rest is only counted. */
#define LOG_BURST 20

/* Replies that go out together. */
struct outbox {
	struct dhcp_packet packets[DHCP_BATCH];
	uint8_t data[DHCP_BATCH][LIMIT_DHCP_PACKET];
	size_t n;
};

struct port {
	struct dhcp_socket socket;
	struct dhcp_server *server;
	sd_event_source *source;
};

struct dhcp_server {
	struct port *ports; /* 67 and 4011 of each link */
	size_t n_ports;
	struct dhcp_link *links;
	size_t n_links;
	struct dhcp_config config;
	struct dhcp_server_ops ops;
	struct lease_store store; /* commit NULL: none */
	struct lease_table *leases;
	struct dhcp_inbox *inbox;
	struct outbox now;          /* sent at the end of each read */
	struct outbox acks[ROUNDS]; /* sent when their leases are durable */
	struct dhcp_server_counts counts;
	struct {
		int64_t second;
		unsigned int lines;
		uint64_t left_out;
	} log;
};

static int open_link(struct dhcp_server *s, const char *interface, struct ipv4 wanted,
		     struct err *err)
{
	static const uint16_t numbers[] = {DHCP_SERVER_PORT, DHCP_PXE_PORT};
	struct dhcp_link link;

	if (dhcp_link_find(interface, wanted, &link, err) < 0)
		return -1;
	*ARRAY_APPEND(s->links, s->n_links) = link;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		struct dhcp_socket socket;

		if (dhcp_socket_open(interface, &link, numbers[i], &socket, err) < 0)
			return -1;
		*ARRAY_APPEND(s->ports, s->n_ports) = (struct port){socket, s, NULL};
	}
	return 0;
}

int dhcp_server_open(const struct strv *interfaces, struct ipv4 wanted, struct dhcp_server **ret,
		     struct err *err)
{
	struct dhcp_server *s = xcalloc(1, sizeof(*s));

	s->leases = lease_table_new();
	s->inbox = dhcp_inbox_new();
	for (size_t i = 0; i < interfaces->n; i++)
		if (open_link(s, interfaces->v[i], wanted, err) < 0) {
			dhcp_server_free(s);
			return -1;
		}
	*ret = s;
	return 0;
}

const struct dhcp_link *dhcp_server_links(const struct dhcp_server *s, size_t *ret_n)
{
	*ret_n = s->n_links;
	return s->links;
}

/* One line, unless this second had its share. Returns whether it was written. */
static bool may_log(struct dhcp_server *s, int64_t now)
{
	if (now != s->log.second) {
		if (s->log.left_out > 0)
			log_info("dhcp: %llu more lines left out",
				 (unsigned long long)s->log.left_out);
		s->log.second = now;
		s->log.lines = 0;
		s->log.left_out = 0;
	}
	if (s->log.lines >= LOG_BURST) {
		s->log.left_out++;
		return false;
	}
	s->log.lines++;
	return true;
}

static bool is_static(struct ipv4 ip, const void *arg)
{
	const struct dhcp_server *s = arg;

	return s->ops.is_static(s->ops.ctx, ip);
}

static void tell(struct dhcp_server *s, const struct dhcp_msg *m, const struct dhcp_view *v,
		 const struct dhcp_answer *a)
{
	bool boots = a->client.kind != BOOT_NONE;
	/* What the LAN's own DHCP server does with its clients is none of our business. */
	bool news = a->target != DHCP_TO_NOBODY || s->config.mode == DHCP_SERVER ||
		    (boots && m->type == DHCPDISCOVER);
	const char *name = v->machine.name;
	char mac[MAC_TEXT_SIZE];

	if (boots && v->machine.kind == MACHINE_UNKNOWN && m->type == DHCPDISCOVER)
		s->ops.unknown(s->ops.ctx, &m->mac, boot_client_arch(&a->client));
	if (news && may_log(s, v->now))
		log_info("dhcp: %s%s%s: %s: %s", mac_format(&m->mac, mac), name ? " " : "",
			 name ? name : "", dhcp_type_name(m->type), a->why);
}

static void put_in(struct outbox *box, const struct dhcp_answer *a,
		   const struct sockaddr_in *sender)
{
	struct dhcp_packet *p = &box->packets[box->n];
	struct sockaddr_in to = *sender;

	if (a->target == DHCP_TO_ADDRESS) {
		to.sin_addr = ipv4_to_in(a->address);
		to.sin_port = htons(a->port);
	} else if (a->target == DHCP_TO_BROADCAST || to.sin_addr.s_addr == 0) {
		to.sin_addr.s_addr = htonl(INADDR_BROADCAST);
		to.sin_port = htons(DHCP_CLIENT_PORT);
	}
	to.sin_family = AF_INET;
	memcpy(box->data[box->n], a->reply.data, a->reply.len);
	*p = (struct dhcp_packet){box->data[box->n], a->reply.len, to};
	box->n++;
}

static void send_out(struct port *p, struct outbox *box)
{
	struct dhcp_server *s = p->server;
	int errnum = 0;
	size_t failed = box->n > 0 ? dhcp_send(&p->socket, box->packets, box->n, &errnum) : 0;

	s->counts.sent += box->n - failed;
	s->counts.unsent += failed;
	if (failed > 0 && may_log(s, time(NULL)))
		log_warning("dhcp: %zu replies on %s could not be sent: %s", failed,
			    p->socket.interface, strerror(errnum));
	box->n = 0;
}

static void answer(struct port *p, const struct dhcp_packet *packet, int64_t now,
		   struct outbox *acks)
{
	struct dhcp_server *s = p->server;
	struct dhcp_view v = {.config = &s->config,
			      .link = p->socket.link,
			      .leases = s->leases,
			      .is_static = is_static,
			      .is_static_arg = s,
			      .now = now};
	struct err err = ERR_INIT;
	struct dhcp_answer a;
	struct dhcp_msg m;

	s->counts.received++;
	if (dhcp_msg_parse(packet->data, packet->len, &m, &err) < 0) {
		s->counts.malformed++;
		if (may_log(s, now))
			log_debug("dhcp: ignored a packet on %s: %s", p->socket.interface,
				  err_text(&err));
		err_release(&err);
		return;
	}
	s->ops.machine(s->ops.ctx, &m.mac, &v.machine);
	dhcp_policy(&m, p->socket.port, &v, &a);
	if (a.change)
		lease_set(s->leases, &a.lease);
	tell(s, &m, &v, &a);
	if (a.target == DHCP_TO_NOBODY)
		s->counts.silent++;
	else
		put_in(a.change && a.lease.state == LEASE_BOUND ? acks : &s->now, &a,
		       &packet->peer);
}

/* Makes the leases of this turn durable; false: their ACKs must not go out. */
static bool commit(struct dhcp_server *s)
{
	struct err err = ERR_INIT;

	if (lease_pending(s->leases) == 0 || !s->store.commit ||
	    lease_commit(s->leases, &s->store, &err) == 0)
		return true;
	err_wrap(&err, "dhcp: the leases could not be stored, their clients have to ask again");
	log_err(&err);
	err_release(&err);
	s->counts.lost_commits++;
	return false;
}

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *arg)
{
	struct port *p = arg;
	struct dhcp_server *s = p->server;
	int64_t now = time(NULL);
	size_t rounds = 0;
	bool durable;
	int n = DHCP_BATCH;

	(void)source;
	(void)fd;
	(void)events;
	while (rounds < ROUNDS && n == DHCP_BATCH) {
		struct outbox *acks = &s->acks[rounds++];
		struct dhcp_packet *packets = NULL;
		struct err err = ERR_INIT;

		n = dhcp_receive(&p->socket, s->inbox, &packets, &err);
		if (n < 0) {
			if (may_log(s, now))
				log_err(&err);
			err_release(&err);
		}
		for (int i = 0; i < n; i++)
			answer(p, &packets[i], now, acks);
		send_out(p, &s->now);
	}
	durable = commit(s);
	for (size_t i = 0; i < rounds; i++) {
		if (!durable)
			s->acks[i].n = 0;
		send_out(p, &s->acks[i]);
	}
	return 0;
}

int dhcp_server_start(struct dhcp_server *s, sd_event *loop, struct dhcp_config *config,
		      const struct dhcp_server_ops *ops, const struct lease_store *store,
		      struct err *err)
{
	s->ops = *ops;
	if (store) {
		s->store = *store;
		if (lease_table_load(s->leases, store, err) < 0)
			return err_wrap(err, "reading the leases");
	}
	for (size_t i = 0; i < s->n_ports; i++) {
		struct port *p = &s->ports[i];
		int r = sd_event_add_io(loop, &p->source, p->socket.fd, EPOLLIN, on_readable, p);

		if (r < 0)
			return err_errno(err, ERR_INTERNAL, -r, "adding DHCP to the event loop");
	}
	dhcp_server_reload(s, config);
	return 0;
}

void dhcp_server_reload(struct dhcp_server *s, struct dhcp_config *config)
{
	dhcp_config_release(&s->config);
	s->config = *config;
	*config = (struct dhcp_config){0};
}

const struct dhcp_server_counts *dhcp_server_counts(const struct dhcp_server *s)
{
	return &s->counts;
}

struct dhcp_server *dhcp_server_free(struct dhcp_server *s)
{
	if (!s)
		return NULL;
	for (size_t i = 0; i < s->n_ports; i++) {
		sd_event_source_disable_unref(s->ports[i].source);
		dhcp_socket_release(&s->ports[i].socket);
	}
	free(s->ports);
	free(s->links);
	dhcp_config_release(&s->config);
	lease_table_free(s->leases);
	dhcp_inbox_free(s->inbox);
	free(s);
	return NULL;
}
