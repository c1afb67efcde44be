/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The DHCP server: sockets and event loop around dhcp_policy. Answers come from memory only; leases
 * are made durable once a loop turn, before the ACKs of that turn are sent.
 *
 * Opened while there are still rights to bind ports, started after they are dropped.
 */
#ifndef PROVISION_DHCP_SERVER_H
#define PROVISION_DHCP_SERVER_H

#include <systemd/sd-event.h>

#include "dhcp/dhcp_policy.h"

/* What the server asks of its surroundings. No function may wait for anything. */
struct dhcp_server_ops {
	/* What this MAC stands for; ret->name must stay until the loop's next turn. */
	void (*machine)(void *ctx, const struct mac *mac, struct machine *ret);
	/* Some node's record has this static address. */
	bool (*is_static)(const void *ctx, struct ipv4 ip);
	/* A machine without a record asked for a boot file. arch: "amd64", ... or "". */
	void (*unknown)(void *ctx, const struct mac *mac, const char *arch);
	void *ctx;
};

/* Since the start. */
struct dhcp_server_counts {
	uint64_t received, malformed, silent, sent, unsent, lost_commits;
};

struct dhcp_server; /* heap */

/* Opens ports 67 and 4011 on each interface. wanted: our address in URLs, used on the interface
 * that has it; 0: the first of each. */
int dhcp_server_open(const struct strv *interfaces, struct ipv4 wanted, struct dhcp_server **ret,
		     struct err *err) _must_check_ _nonnull_;
/* The served interfaces: *ret_n of them, owned by the server. */
const struct dhcp_link *dhcp_server_links(const struct dhcp_server *s, size_t *ret_n) _nonnull_;
/* Reads the leases and joins the loop. config is moved in; ops and store are copied, and their
 * contexts have to outlive the server. store may be NULL while the mode is not DHCP_SERVER; leases
 * are then not durable. */
int dhcp_server_start(struct dhcp_server *s, sd_event *loop, struct dhcp_config *config,
		      const struct dhcp_server_ops *ops, const struct lease_store *store,
		      struct err *err) _must_check_ __attribute__((nonnull(1, 2, 3, 4, 6)));
/* A new configuration, moved in, for all requests from now on. Interfaces need a restart. */
void dhcp_server_reload(struct dhcp_server *s, struct dhcp_config *config) _nonnull_;
const struct dhcp_server_counts *dhcp_server_counts(const struct dhcp_server *s) _nonnull_;
/* NULL-safe; gives NULL. */
struct dhcp_server *dhcp_server_free(struct dhcp_server *s);

#endif
