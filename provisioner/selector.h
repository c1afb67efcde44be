/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which record a request means, by its query: mac=, uuid=, serial=, hostname=, label=KEY=VALUE (or
 * KEY), and any other name that is the key of some node's label. Several have to match all. Empty
 * values and names that nobody knows say nothing. Beside a MAC, what is not known of its node (the
 * UUID, say) does not contradict. Pure.
 */
#ifndef PROVISION_SELECTOR_H
#define PROVISION_SELECTOR_H

#include "site.h"

struct selector_term {
	const char *name, *value; /* borrowed; as they came from the wire */
};

/* The one node that all terms mean. ERR_USAGE: nothing in them chooses a machine, or a MAC address
 * is none; ERR_NOT_FOUND: no node is meant; ERR_CONFIG: several are. */
int selector_find(const struct site *site, const struct selector_term *terms, size_t n,
		  const struct node **ret, struct err *err) _must_check_
	__attribute__((nonnull(1, 4, 5)));

#endif
