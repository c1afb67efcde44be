/* SPDX-License-Identifier: Apache-2.0 */
/* The host's network interfaces, as `init` chooses among them. */
#ifndef PROVISION_INTERFACES_H
#define PROVISION_INTERFACES_H

#include "ipv4.h"

struct interface {
	char *name;
	struct ipv4_net address; /* the first IPv4 address; ip.a 0: none */
	struct ipv4 router;      /* of the default route through it; 0: none */
	bool wired;              /* a network card of its own: no wireless, bridge, tunnel... */
};

struct interface_list {
	struct interface *i;
	size_t n;
};

/* All but the loopback, in the kernel's order. */
int interfaces_read(struct interface_list *ret, struct err *err) _must_check_ _nonnull_;
/* By name, or NULL. */
const struct interface *interfaces_find(const struct interface_list *l, const char *name) _nonnull_;
/* The wired one with the default route; else the only wired one with an address; else ERR_REFUSED
 * with all of them. */
int interfaces_choose(const struct interface_list *l, const struct interface **ret,
		      struct err *err) _must_check_ _nonnull_;
void interfaces_release(struct interface_list *l) _nonnull_;
/* The router of the default route via `name` in the text of /proc/net/route; 0 when none. */
struct ipv4 interfaces_router(const char *route_table, const char *name) _nonnull_;

#endif
