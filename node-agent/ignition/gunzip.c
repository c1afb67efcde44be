/* SPDX-License-Identifier: Apache-2.0 */
#include "gunzip.h"

#include "limits.h"

#include <limits.h>

#include <zlib.h>

#define BLOCK ((size_t)64 * 1024)

struct gunzip {
	z_stream z;
	bool inside; /* a member has begun and not ended */
	bool seen;   /* one has ended */
	uint64_t in, out;
	int (*on_data)(const void *p, size_t n, void *arg, struct err *err);
	void *arg;
	uint8_t block[BLOCK];
};

struct gunzip *gunzip_new(int (*on_data)(const void *p, size_t n, void *arg, struct err *err),
			  void *arg)
{
	struct gunzip *g = xcalloc(1, sizeof(*g));

	g->on_data = on_data;
	g->arg = arg;
	/* 16: gzip's header and trailer, nothing else */
	if (inflateInit2(&g->z, 16 + MAX_WBITS) != Z_OK)
		BUG("zlib does not start");
	return g;
}

struct gunzip *gunzip_free(struct gunzip *g)
{
	if (!g)
		return NULL;
	inflateEnd(&g->z);
	free(g);
	return NULL;
}

static int give(struct gunzip *g, size_t n, struct err *err)
{
	g->out += n;
	if (g->out > LIMIT_GZIP_FREE && g->out / LIMIT_GZIP_RATIO > g->in)
		return err_set(err, ERR_PROTOCOL,
			       "%llu bytes of gzip unpack to more than %d times as much",
			       (unsigned long long)g->in, LIMIT_GZIP_RATIO);
	return n ? g->on_data(g->block, n, g->arg, err) : 0;
}

int gunzip_add(struct gunzip *g, const void *p, size_t n, struct err *err)
{
	if (n > UINT_MAX)
		BUG("a block of 4 GiB");
	g->in += n;
	g->z.next_in = (z_const Bytef *)p;
	g->z.avail_in = (uInt)n;
	for (;;) {
		int code;

		if (!g->inside && g->z.avail_in == 0)
			return 0;
		if (!g->inside && g->seen && inflateReset(&g->z) != Z_OK)
			BUG("inflateReset");
		g->inside = true;
		g->z.next_out = g->block;
		g->z.avail_out = BLOCK;
		code = inflate(&g->z, Z_NO_FLUSH);
		if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
			return err_set(err, ERR_PROTOCOL, "no gzip: %s",
				       g->z.msg ? g->z.msg : "unknown form");
		if (give(g, BLOCK - g->z.avail_out, err) < 0)
			return -1;
		if (code == Z_STREAM_END) {
			g->inside = false;
			g->seen = true;
		} else if (g->z.avail_in == 0 && g->z.avail_out > 0) {
			return 0;
		}
	}
}

int gunzip_end(struct gunzip *g, struct err *err)
{
	if (g->seen && !g->inside)
		return 0;
	return err_set(err, ERR_PROTOCOL, g->in ? "the gzip stream ends early" : "no gzip: empty");
}
