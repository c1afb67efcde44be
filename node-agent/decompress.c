/* SPDX-License-Identifier: Apache-2.0 */
#include "decompress.h"

#include "archive_source.h"

#include <archive_entry.h>

static bool put(struct chunk_queue *to, const char *p, size_t n)
{
	while (n > 0) {
		size_t part = n < DECOMPRESS_BLOCK ? n : DECOMPRESS_BLOCK;

		if (!chunk_queue_put(to, p, part))
			return false;
		p += part;
		n -= part;
	}
	return true;
}

static int copy(struct archive *a, struct chunk_queue *to, struct err *err)
{
	const void *p;
	la_int64_t offset;
	size_t n;
	int r;

	while ((r = archive_read_data_block(a, &p, &n, &offset)) == ARCHIVE_OK)
		if (!put(to, p, n))
			return err_set(err, ERR_IO, "stopped");
	return r == ARCHIVE_EOF ? 0 : tar_fail(err, a, "archive");
}

static int run(struct chunk_queue *from, struct chunk_queue *to, struct err *err)
{
	_cleanup_(archive_readp) struct archive *a = archive_read_new();
	struct archive_entry *e;

	if (!a)
		BUG("libarchive does not start");
	/* "raw": one entry, whose data is whatever the filters give */
	if (archive_read_support_filter_zstd(a) != ARCHIVE_OK ||
	    archive_read_support_format_raw(a) != ARCHIVE_OK)
		return err_set(err, ERR_INTERNAL, "libarchive lacks zstd");
	if (archive_source_open(a, from, err) < 0)
		return -1;
	if (archive_read_next_header(a, &e) != ARCHIVE_OK)
		return tar_fail(err, a, "archive");
	return copy(a, to, err);
}

int decompress(struct chunk_queue *from, struct chunk_queue *to, struct err *err)
{
	int r = run(from, to, err);

	if (r < 0)
		chunk_queue_stop(from);
	chunk_queue_end(to, r == 0);
	return r;
}
