/* SPDX-License-Identifier: Apache-2.0 */
/* A queue as the input of libarchive. */
#ifndef PROVISION_ARCHIVE_SOURCE_H
#define PROVISION_ARCHIVE_SOURCE_H

#include "chunk_queue.h"
#include "err.h"

#include <archive.h>

static inline void archive_readp(struct archive **a)
{
	archive_read_free(*a);
}

/* Opens a, whose formats and filters are chosen, on the queue. A queue that ends before it is whole
 * is a read error. */
int archive_source_open(struct archive *a, struct chunk_queue *queue,
			struct err *err) _must_check_ _nonnull_;
/* libarchive's own words about a's last failure, behind `what`; returns -1. */
int tar_fail(struct err *err, struct archive *a, const char *what) _nonnull_;

#endif
