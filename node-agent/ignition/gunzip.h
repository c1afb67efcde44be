/* SPDX-License-Identifier: Apache-2.0 */
/* gzip (RFC 1952) as it comes in blocks: several members one after the other, no trailing bytes,
 * and no more of it than LIMIT_GZIP_FREE and LIMIT_GZIP_RATIO permit. */
#ifndef PROVISION_GUNZIP_H
#define PROVISION_GUNZIP_H

#include "err.h"

struct gunzip; /* heap */

/* on_data gets the content; it returns -1 with err set to stop. */
struct gunzip *gunzip_new(int (*on_data)(const void *p, size_t n, void *arg, struct err *err),
			  void *arg);
struct gunzip *gunzip_free(struct gunzip *g);
/* ERR_PROTOCOL for what is no gzip or unpacks to more than anybody packs, else on_data's error. */
int gunzip_add(struct gunzip *g, const void *p, size_t n, struct err *err) _must_check_ _nonnull_;
/* The stream ended: ERR_PROTOCOL when it was empty or cut short. */
int gunzip_end(struct gunzip *g, struct err *err) _must_check_ _nonnull_;

#endif
