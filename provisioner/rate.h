/* SPDX-License-Identifier: Apache-2.0 */
/* How often each installation may do something a minute. */
#ifndef PROVISION_RATE_H
#define PROVISION_RATE_H

#include "base.h"

struct rate_table; /* for any thread */

struct rate_table *rate_table_new(void);
struct rate_table *rate_table_free(struct rate_table *t);
/* Takes n of the allowance of who (an intent's id); 0, or the seconds until there is some again. */
unsigned int rate_take(struct rate_table *t, int64_t who, size_t n, size_t per_minute,
		       int64_t now_ms) _nonnull_;

#endif
