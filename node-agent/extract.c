/* SPDX-License-Identifier: Apache-2.0 */
#include "extract.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <sched.h>
#include <string.h>

static void read_freep(struct archive **a)
{
	archive_read_free(*a);
}

static void write_freep(struct archive **a)
{
	archive_write_free(*a);
}

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

/* "./etc", "/etc", "etc" are one. */
static const char *strip(const char *path)
{
	for (;;) {
		if (*path == '/')
			path++;
		else if (path[0] == '.' && (path[1] == '/' || !path[1]))
			path++;
		else
			return *path ? path : ".";
	}
}

static int fail(struct err *err, struct archive *a, const char *path)
{
	const char *why = archive_error_string(a);
	_cleanup_(freep) char *shown = xstrdup(path);

	for (char *c = shown; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';

	if (archive_errno(a) == ENOSPC || archive_errno(a) == EDQUOT)
		return err_set(err, ERR_IO,
			       "%s: the target's file system is full; name larger disks in the "
			       "node's record, or take a smaller image",
			       shown);
	return err_set(err, ERR_IO, "%s: %s", shown, why ? why : "cannot be unpacked");
}

static int copy_data(struct archive *in, struct archive *out, const char *path, struct err *err)
{
	const void *p;
	la_int64_t offset;
	size_t n;
	int r;

	while ((r = archive_read_data_block(in, &p, &n, &offset)) == ARCHIVE_OK)
		if (archive_write_data_block(out, p, n, offset) < ARCHIVE_OK)
			return fail(err, out, path);
	return r == ARCHIVE_EOF ? 0 : fail(err, in, path);
}

static int copy_entry(struct archive *in, struct archive *out, struct archive_entry *e,
		      struct err *err)
{
	const char *name = archive_entry_pathname(e);
	const char *link = archive_entry_hardlink(e);
	_cleanup_(freep) char *path = NULL;

	if (!name)
		return err_set(err, ERR_IO, "the archive has an entry without a name");
	path = xstrdup(strip(name));
	archive_entry_copy_pathname(e, path);
	if (link) {
		_cleanup_(freep) char *target = xstrdup(strip(link));

		archive_entry_copy_hardlink(e, target);
	}
	/* a warning is an owner, mode or attribute that could not be set: the system would lack it
	 */
	if (archive_write_header(out, e) < ARCHIVE_OK)
		return fail(err, out, path);
	if (archive_entry_size(e) > 0 && copy_data(in, out, path, err) < 0)
		return -1;
	if (archive_write_finish_entry(out) < ARCHIVE_OK)
		return fail(err, out, path);
	return 0;
}

static int copy_all(struct archive *in, struct archive *out, struct err *err)
{
	struct archive_entry *e;
	int r;

	/* ARCHIVE_WARN: a name that is not in the locale's encoding; its bytes are taken as they
	 * are */
	while ((r = archive_read_next_header(in, &e)) == ARCHIVE_OK || r == ARCHIVE_WARN)
		if (copy_entry(in, out, e, err) < 0)
			return -1;
	if (r != ARCHIVE_EOF)
		return fail(err, in, "archive");
	if (archive_write_close(out) < ARCHIVE_OK)
		return fail(err, out, "folders");
	return 0;
}

static struct archive *open_reader(struct chunk_queue *queue, struct err *err)
{
	_cleanup_(read_freep) struct archive *a = archive_read_new();

	if (!a)
		BUG("libarchive does not start");
	if (archive_read_support_filter_zstd(a) != ARCHIVE_OK ||
	    archive_read_support_format_tar(a) != ARCHIVE_OK) {
		err_set(err, ERR_INTERNAL, "libarchive lacks tar or zstd");
		return NULL;
	}
	if (archive_read_open(a, queue, NULL, next_block, NULL) != ARCHIVE_OK) {
		fail(err, a, "archive");
		return NULL;
	}
	return TAKE_PTR(a);
}

static struct archive *open_writer(void)
{
	struct archive *a = archive_write_disk_new();

	if (!a)
		BUG("libarchive does not start");
	/* SECURE_NOABSOLUTEPATHS: the names are relative here, so it only holds them to it */
	archive_write_disk_set_options(
		a, ARCHIVE_EXTRACT_OWNER | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME |
			   ARCHIVE_EXTRACT_UNLINK | ARCHIVE_EXTRACT_ACL | ARCHIVE_EXTRACT_XATTR |
			   ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
			   ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS);
	return a;
}

static int extract_here(struct chunk_queue *queue, struct err *err)
{
	_cleanup_(read_freep) struct archive *in = open_reader(queue, err);
	_cleanup_(write_freep) struct archive *out = NULL;
	size_t n;

	if (!in)
		return -1;
	out = open_writer();
	if (copy_all(in, out, err) < 0)
		return -1;
	/* what follows the archive's end is verified as well */
	while (chunk_queue_get(queue, &n))
		;
	return 0;
}

int extract(struct chunk_queue *queue, int rootfd, struct err *err)
{
	int r;

	if (unshare(CLONE_FS) < 0 || fchdir(rootfd) < 0)
		r = err_errno(err, ERR_IO, errno, "cannot go to the target");
	else
		r = extract_here(queue, err);
	if (r < 0)
		chunk_queue_stop(queue);
	return r;
}
