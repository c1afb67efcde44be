/* SPDX-License-Identifier: Apache-2.0 */
#include "unpack.h"

#include "chunk_queue.h"
#include "decompress.h"
#include "extract.h"
#include "limits.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

/* Chunks verified and not yet decompressed: enough to ride out a slow sync on the far side. */
#define CHUNKS 4
/* Blocks decompressed and not yet written: few and small, so that they are still in the processor's
 * cache; more and larger ones measured slower. */
#define BLOCKS 4

/* Three stages, each with a thread: this one fetches and verifies, one decompresses, one writes. */
struct line {
	struct chunk_queue *chunks, *blocks;
	int rootfd;
	const struct strv *kept;
	bool stopped; /* fetching was told that nothing more is wanted */
	int fetched, decompressed, extracted;
	struct err fetch_err, decompress_err, extract_err;
};

static void *run_decompress(void *arg)
{
	struct line *l = arg;

	l->decompressed = decompress(l->chunks, l->blocks, &l->decompress_err);
	return NULL;
}

static void *run_extract(void *arg)
{
	struct line *l = arg;

	l->extracted = extract(l->blocks, l->rootfd, l->kept, &l->extract_err);
	return NULL;
}

static bool put_chunk(const void *p, size_t n, void *arg)
{
	struct line *l = arg;

	l->stopped = !chunk_queue_put(l->chunks, p, n);
	return !l->stopped;
}

/* The failure that the others only follow from: of the first stage that was not told to stop; a
 * writer that failed has told the others. */
static int judge(struct line *l, struct err *err)
{
	if (l->fetched == 0 && l->decompressed == 0 && l->extracted == 0)
		return 0;
	if (l->fetched < 0 && !l->stopped)
		err_move(err, &l->fetch_err);
	else if (l->decompressed < 0 && !streq(err_text(&l->decompress_err), "stopped"))
		err_move(err, &l->decompress_err);
	else
		err_move(err, &l->extract_err);
	err_release(&l->fetch_err);
	err_release(&l->decompress_err);
	err_release(&l->extract_err);
	return -1;
}

static int run_line(struct line *l, const struct asset_stream *stream, struct err *err)
{
	pthread_t decompressor, extractor;
	int e;

	e = pthread_create(&decompressor, NULL, run_decompress, l);
	if (e != 0)
		return err_errno(err, ERR_IO, e, "cannot start a thread");
	e = pthread_create(&extractor, NULL, run_extract, l);
	if (e != 0) {
		chunk_queue_stop(l->blocks);
		chunk_queue_end(l->chunks, false);
		pthread_join(decompressor, NULL);
		err_release(&l->decompress_err);
		return err_errno(err, ERR_IO, e, "cannot start a thread");
	}
	l->fetched = asset_stream(stream, &l->fetch_err);
	chunk_queue_end(l->chunks, l->fetched == 0);
	pthread_join(decompressor, NULL);
	pthread_join(extractor, NULL);
	return judge(l, err);
}

int unpack(struct source *source, const struct asset *asset, const char *root,
	   const struct strv *kept, unsigned int backoff_ms, const struct progress *progress,
	   struct err *err)
{
	_cleanup_(closep) int rootfd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct line l = {.rootfd = rootfd, .kept = kept};
	struct asset_stream stream = {
		.source = source,
		.asset = asset,
		.on_chunk = put_chunk,
		.progress = progress,
		.backoff_ms = backoff_ms,
	};
	int r;

	if (rootfd < 0)
		return err_errno(err, ERR_IO, errno, "cannot open %s", root);
	l.chunks = chunk_queue_new(CHUNKS, ASSET_CHUNK);
	l.blocks = chunk_queue_new(BLOCKS, DECOMPRESS_BLOCK);
	stream.arg = &l;
	r = run_line(&l, &stream, err);
	chunk_queue_free(l.chunks);
	chunk_queue_free(l.blocks);
	if (r < 0)
		return err_wrap(err, "unpacking %s", asset->path);
	if (syncfs(rootfd) < 0)
		return err_errno(err, ERR_IO, errno, "cannot sync %s", root);
	return 0;
}
