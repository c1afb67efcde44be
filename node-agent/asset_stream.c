/* SPDX-License-Identifier: Apache-2.0 */
#include "asset_stream.h"

#include "fsio.h"
#include "limits.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define ATTEMPTS_DEFAULT   10
#define BACKOFF_DEFAULT_MS 500
#define BACKOFF_MAX_MS     30000

/* One asset on its way. */
struct state {
	const struct asset_stream *s;
	uint8_t *chunk;
	size_t filled;     /* of chunk */
	uint64_t verified; /* bytes passed on: the chunk starts there */
	struct sha256_ctx *whole;
	bool stopped;
	bool bad_chunk;
};

static size_t chunk_size(const struct state *st)
{
	uint64_t left = st->s->asset->size - st->verified;

	return left < ASSET_CHUNK ? (size_t)left : ASSET_CHUNK;
}

static bool finish_chunk(struct state *st)
{
	const struct asset *a = st->s->asset;
	struct sha256 digest = sha256_of(st->chunk, st->filled);

	if (!sha256_equal(&digest, &a->chunks[st->verified / ASSET_CHUNK])) {
		st->bad_chunk = true;
		return false;
	}
	if (st->whole)
		sha256_add(st->whole, st->chunk, st->filled);
	if (!st->s->on_chunk(st->chunk, st->filled, st->s->arg)) {
		st->stopped = true;
		return false;
	}
	st->verified += st->filled;
	st->filled = 0;
	progress_tell(st->s->progress, st->verified, a->size, NULL);
	return true;
}

static bool on_data(const void *p, size_t n, void *arg)
{
	struct state *st = arg;
	const uint8_t *from = p;

	while (n > 0) {
		size_t room = chunk_size(st) - st->filled;
		size_t take = n < room ? n : room;

		if (take == 0) /* more than the asset has */
			return false;
		memcpy(st->chunk + st->filled, from, take);
		st->filled += take;
		from += take;
		n -= take;
		if (st->filled == chunk_size(st) && !finish_chunk(st))
			return false;
	}
	return true;
}

/* From the last verified byte to the end, once. */
static int attempt(struct state *st, struct err *err)
{
	const struct asset *a = st->s->asset;

	st->filled = 0;
	st->bad_chunk = false;
	if (source_read(st->s->source, a->path, st->verified, a->size, on_data, st, err) < 0) {
		if (st->bad_chunk)
			err_set(err, ERR_VERIFY,
				"%s: bytes %llu to %llu are not what the plan says; on the "
				"provisioner: provision assets verify",
				a->path, (unsigned long long)st->verified,
				(unsigned long long)st->verified + st->filled - 1);
		return -1;
	}
	if (st->verified < a->size)
		return err_set(err, ERR_NETWORK, "%s: ended after %llu of %llu bytes", a->path,
			       (unsigned long long)st->verified + st->filled,
			       (unsigned long long)a->size);
	return 0;
}

static int deliver(struct state *st, struct err *err)
{
	unsigned int attempts = st->s->attempts ? st->s->attempts : ATTEMPTS_DEFAULT;
	unsigned int first = st->s->backoff_ms ? st->s->backoff_ms : BACKOFF_DEFAULT_MS;
	unsigned int failed = 0, bad = 0, backoff = first;

	for (;;) {
		uint64_t before = st->verified;
		struct err why = ERR_INIT;

		if (attempt(st, &why) == 0)
			return 0;
		if (st->verified > before) {
			failed = bad = 0;
			backoff = first;
		}
		failed++;
		bad += why.kind == ERR_VERIFY;
		if (st->stopped || bad > 1 || failed >= attempts ||
		    (why.kind != ERR_NETWORK && why.kind != ERR_VERIFY)) {
			err_move(err, &why);
			return -1;
		}
		err_release(&why);
		poll(NULL, 0, (int)backoff);
		backoff = backoff * 2 < BACKOFF_MAX_MS ? backoff * 2 : BACKOFF_MAX_MS;
	}
}

int asset_stream(const struct asset_stream *s, struct err *err)
{
	const struct asset *a = s->asset;
	struct state st = {.s = s};
	struct sha256 digest;
	int r;

	if (a->n_chunks != (a->size + ASSET_CHUNK - 1) / ASSET_CHUNK)
		return err_set(err, ERR_PROTOCOL, "%s: %zu chunks for %llu bytes", a->path,
			       a->n_chunks, (unsigned long long)a->size);
	st.chunk = xmalloc(ASSET_CHUNK);
	st.whole = s->check_whole ? sha256_new() : NULL;
	r = deliver(&st, err);
	if (r == 0 && st.whole) {
		digest = sha256_end(st.whole);
		if (!sha256_equal(&digest, &a->digest))
			r = err_set(err, ERR_VERIFY,
				    "%s: the whole is not what the plan says; on the provisioner: "
				    "provision assets verify",
				    a->path);
	}
	sha256_free(st.whole);
	free(st.chunk);
	return r;
}

struct save {
	int fd;
	struct err err;
};

static bool save_chunk(const void *p, size_t n, void *arg)
{
	struct save *s = arg;

	return fd_write_all(s->fd, p, n, &s->err) == 0;
}

static int save_to(struct source *source, const struct asset *asset, int fd, mode_t mode,
		   const struct progress *progress, struct err *err)
{
	struct save s = {.fd = fd};
	struct asset_stream stream = {
		.source = source,
		.asset = asset,
		.on_chunk = save_chunk,
		.arg = &s,
		.progress = progress,
		.check_whole = true,
	};

	if (asset_stream(&stream, err) < 0) {
		if (s.err.kind != ERR_NONE)
			err_move(err, &s.err);
		return -1;
	}
	if (fchmod(fd, mode) < 0 || fsync(fd) < 0)
		return err_errno(err, ERR_IO, errno, "cannot finish it");
	return 0;
}

int asset_save(struct source *source, const struct asset *asset, int dirfd, const char *path,
	       mode_t mode, const struct progress *progress, struct err *err)
{
	/* one writer per name: a rest of an earlier run is overwritten */
	_cleanup_(freep) char *temp = xasprintf("%s.part", path);
	_cleanup_(closep) int fd =
		openat(dirfd, temp, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "cannot create %s", temp);
	if (save_to(source, asset, fd, mode, progress, err) < 0) {
		unlinkat(dirfd, temp, 0);
		return err_wrap(err, "%s", path);
	}
	if (renameat(dirfd, temp, dirfd, path) < 0)
		return err_errno(err, ERR_IO, errno, "cannot rename %s", temp);
	return 0;
}
