/* SPDX-License-Identifier: Apache-2.0 */
/* From a plain tar stream to files, with libarchive; runs in a thread of its own. */
#ifndef PROVISION_EXTRACT_H
#define PROVISION_EXTRACT_H

#include "chunk_queue.h"
#include "err.h"

/*
 * Unpacks what comes through the queue below rootfd until its end, then reads on until the queue's
 * end, but for what lies at or below the `kept` paths (absolute; NULL: none). Stops the queue when
 * it fails. Takes the calling thread's own working directory (unshare(2), CLONE_FS): the other
 * threads keep theirs.
 */
int extract(struct chunk_queue *queue, int rootfd, const struct strv *kept,
	    struct err *err) _must_check_ __attribute__((nonnull(1, 4)));

#endif
