/* SPDX-License-Identifier: Apache-2.0 */
/* Machines that asked and that no record names, in memory: seen in the path of a request, written
 * to the store later. The LIMIT_UNKNOWN seen last are kept. */
#ifndef PROVISION_UNKNOWN_H
#define PROVISION_UNKNOWN_H

#include "store.h"

struct unknown_table; /* for any thread */

struct unknown_table *unknown_table_new(void);
struct unknown_table *unknown_table_free(struct unknown_table *t);
/* Notes that it asked. arch, uuid and serial are printable and short, or NULL; copied. */
void unknown_seen(struct unknown_table *t, const struct mac *mac, const char *arch,
		  const char *uuid, const char *serial, struct ipv4 ip, int64_t now_ms)
	__attribute__((nonnull(1, 2)));
/* Moves what came since the last call to the store. */
int unknown_flush(struct unknown_table *t, struct store *s, struct err *err) _must_check_ _nonnull_;

#endif
