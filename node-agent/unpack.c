/* SPDX-License-Identifier: Apache-2.0 */
#include "unpack.h"

#include "chunk_queue.h"
#include "extract.h"
#include "limits.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>

/* Chunks verified and not yet unpacked: enough to ride out a slow fsync on the one side. */
#define QUEUE_DEPTH 4

struct extraction {
	struct chunk_queue *queue;
	int rootfd;
	bool stopped; /* the fetching side was told that nothing more is wanted */
	struct err err;
	int result;
};

static void *run_extraction(void *arg)
{
	struct extraction *x = arg;

	x->result = extract(x->queue, x->rootfd, &x->err);
	return NULL;
}

static bool put_chunk(const void *p, size_t n, void *arg)
{
	struct extraction *x = arg;

	x->stopped = !chunk_queue_put(x->queue, p, n);
	return !x->stopped;
}

/* Fetches here, unpacks in the other thread; tells whose fault it is. */
static int run_both(struct extraction *x, const struct asset_stream *stream, struct err *err)
{
	struct err fetched = ERR_INIT;
	pthread_t thread;
	int r, e;

	e = pthread_create(&thread, NULL, run_extraction, x);
	if (e != 0)
		return err_errno(err, ERR_IO, e, "cannot start a thread");
	r = asset_stream(stream, &fetched);
	chunk_queue_end(x->queue, r == 0);
	pthread_join(thread, NULL);
	if (r < 0 && !x->stopped)
		err_move(err, &fetched);
	else if (x->result < 0)
		err_move(err, &x->err);
	err_release(&fetched);
	err_release(&x->err);
	return r < 0 || x->result < 0 ? -1 : 0;
}

int unpack(struct source *source, const struct asset *asset, const char *root,
	   unsigned int backoff_ms, const struct progress *progress, struct err *err)
{
	_cleanup_(closep) int rootfd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct extraction x = {.rootfd = rootfd};
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
	x.queue = chunk_queue_new(QUEUE_DEPTH, ASSET_CHUNK);
	stream.arg = &x;
	r = run_both(&x, &stream, err);
	chunk_queue_free(x.queue);
	if (r < 0)
		return err_wrap(err, "unpacking %s", asset->path);
	if (syncfs(rootfd) < 0)
		return err_errno(err, ERR_IO, errno, "cannot sync %s", root);
	return 0;
}
