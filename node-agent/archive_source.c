/* SPDX-License-Identifier: Apache-2.0 */
#include "archive_source.h"

#include <errno.h>

static la_ssize_t next_block(struct archive *a, void *arg, const void **ret)
{
	struct chunk_queue *q = arg;
	size_t n;

	*ret = chunk_queue_get(q, &n);
	if (*ret)
		return (la_ssize_t)n;
	if (chunk_queue_is_whole(q))
		return 0;
	archive_set_error(a, EPIPE, "the stream broke off");
	return ARCHIVE_FATAL;
}

int archive_source_open(struct archive *a, struct chunk_queue *queue, struct err *err)
{
	if (archive_read_open(a, queue, NULL, next_block, NULL) != ARCHIVE_OK)
		return tar_fail(err, a, "archive");
	return 0;
}

int tar_fail(struct err *err, struct archive *a, const char *what)
{
	const char *why = archive_error_string(a);
	_cleanup_(freep) char *shown = xstrdup(what);

	for (char *c = shown; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	if (archive_errno(a) == ENOSPC || archive_errno(a) == EDQUOT)
		return err_set(err, ERR_IO,
			       "%s: the target's file system is full; name larger disks in the "
			       "node's file, or take a smaller image",
			       shown);
	return err_set(err, ERR_IO, "%s: %s", shown, why ? why : "cannot be unpacked");
}
