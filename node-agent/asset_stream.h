/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An asset from its source, chunk by chunk, each passed on only after its digest was right. A
 * transfer that breaks goes on from the last byte that was verified.
 */
#ifndef PROVISION_ASSET_STREAM_H
#define PROVISION_ASSET_STREAM_H

#include "image.h"
#include "progress.h"
#include "source.h"

#include <sys/types.h>

struct asset_stream {
	struct source *source;
	const struct asset *asset;
	/* Gets ASSET_CHUNK bytes, the last time fewer; p is good until it returns. Returns false
	 * to stop. */
	bool (*on_chunk)(const void *p, size_t n, void *arg);
	void *arg;
	const struct progress *progress; /* bytes verified; may be NULL */
	/* Check the digest of the whole as well. It proves nothing that the chunks' do not, for
	 * they cover every byte and come from the same plan, and takes as long again. */
	bool check_whole;
	unsigned int attempts;   /* in a row without a verified chunk; 0: 10 */
	unsigned int backoff_ms; /* before the second, doubled up to 30 s; 0: 500 */
};

/*
 * Delivers the whole asset. ERR_VERIFY when a chunk stays wrong after a second try, or the whole
 * is, with check_whole; ERR_NETWORK when the attempts are used up; ERR_IO "stopped" when on_chunk
 * said so.
 */
int asset_stream(const struct asset_stream *s, struct err *err) _must_check_ _nonnull_;

/* Saves the asset as a file below dirfd: at once under its name when it is whole and verified. */
int asset_save(struct source *source, const struct asset *asset, int dirfd, const char *path,
	       mode_t mode, const struct progress *progress, struct err *err) _must_check_
	__attribute__((nonnull(1, 2, 4, 7)));

#endif
