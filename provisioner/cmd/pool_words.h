/* SPDX-License-Identifier: Apache-2.0 */
/* add-node's --pool: a pool in one line of words. Pure. */
#ifndef PROVISION_POOL_WORDS_H
#define PROVISION_POOL_WORDS_H

#include "pool.h"

/*
 * "name=tank,mount=/srv/tank,data=raid1,metadata=raid1,compression=zstd,disk=serial=A,disk=serial=B"
 * into ret_pool, which the caller has set up and releases in either case. What follows "disk=" up
 * to the next known word belongs to that disk's rule, so that
 * "disk=transport=sata,size>=1T,count=2" is one.
 */
int pool_words_parse(const char *text, struct pool_spec *ret_pool,
		     struct err *err) _must_check_ _nonnull_;

#endif
