/* SPDX-License-Identifier: Apache-2.0 */
/* From a zstd stream (or a plain one, which passes) to its content, with libarchive's filters; runs
 * in a thread of its own, so that it does not take turns with the writing of files. */
#ifndef PROVISION_DECOMPRESS_H
#define PROVISION_DECOMPRESS_H

#include "chunk_queue.h"
#include "err.h"

/* Bytes of a block of `to` that this fills at best. */
enum { DECOMPRESS_BLOCK = 64 * 1024 };

/* Reads `from` to its end and ends `to`. Stops `from` when `to` was stopped or this fails. The
 * error is set on every failure, also when it was only the one of a neighbour passed on. */
int decompress(struct chunk_queue *from, struct chunk_queue *to,
	       struct err *err) _must_check_ _nonnull_;

#endif
