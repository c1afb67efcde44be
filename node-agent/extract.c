/* SPDX-License-Identifier: Apache-2.0 */
#include "extract.h"

#include "archive_source.h"

#include <archive_entry.h>
#include <errno.h>
#include <sched.h>
#include <string.h>

static void write_freep(struct archive **a)
{
	archive_write_free(*a);
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

static int copy_data(struct archive *in, struct archive *out, const char *path, struct err *err)
{
	const void *p;
	la_int64_t offset;
	size_t n;
	int r;

	while ((r = archive_read_data_block(in, &p, &n, &offset)) == ARCHIVE_OK)
		if (archive_write_data_block(out, p, n, offset) < ARCHIVE_OK)
			return tar_fail(err, out, path);
	return r == ARCHIVE_EOF ? 0 : tar_fail(err, in, path);
}

/* path: stripped. */
static bool is_kept(const struct strv *kept, const char *path)
{
	for (size_t i = 0; kept && i < kept->n; i++) {
		const char *k = strip(kept->v[i]);
		size_t len = strlen(k);

		if (strncmp(path, k, len) == 0 && (!path[len] || path[len] == '/'))
			return true;
	}
	return false;
}

static int copy_entry(struct archive *in, struct archive *out, struct archive_entry *e,
		      const struct strv *kept, struct err *err)
{
	const char *name = archive_entry_pathname(e);
	const char *link = archive_entry_hardlink(e);
	_cleanup_(freep) char *path = NULL;

	if (!name)
		return err_set(err, ERR_IO, "the archive has an entry without a name");
	path = xstrdup(strip(name));
	if (is_kept(kept, path))
		return 0;
	archive_entry_copy_pathname(e, path);
	if (link) {
		_cleanup_(freep) char *target = xstrdup(strip(link));

		archive_entry_copy_hardlink(e, target);
	}
	/* a warning is an owner, mode or attribute that could not be set: the system would lack it
	 */
	if (archive_write_header(out, e) < ARCHIVE_OK)
		return tar_fail(err, out, path);
	if (archive_entry_size(e) > 0 && copy_data(in, out, path, err) < 0)
		return -1;
	if (archive_write_finish_entry(out) < ARCHIVE_OK)
		return tar_fail(err, out, path);
	return 0;
}

static int copy_all(struct archive *in, struct archive *out, const struct strv *kept,
		    struct err *err)
{
	struct archive_entry *e;
	int r;

	/* ARCHIVE_WARN: a name that is not in the locale's encoding; its bytes are taken as they
	 * are */
	while ((r = archive_read_next_header(in, &e)) == ARCHIVE_OK || r == ARCHIVE_WARN)
		if (copy_entry(in, out, e, kept, err) < 0)
			return -1;
	if (r != ARCHIVE_EOF)
		return tar_fail(err, in, "archive");
	if (archive_write_close(out) < ARCHIVE_OK)
		return tar_fail(err, out, "folders");
	return 0;
}

static struct archive *open_writer(void)
{
	struct archive *a = archive_write_disk_new();

	if (!a)
		BUG("libarchive does not start");
	/* SECURE_NOABSOLUTEPATHS: the names are relative here, so it only holds them to it */
	archive_write_disk_set_options(
		a, ARCHIVE_EXTRACT_OWNER | ARCHIVE_EXTRACT_PERM | ARCHIVE_EXTRACT_TIME |
			   ARCHIVE_EXTRACT_ACL | ARCHIVE_EXTRACT_XATTR |
			   ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT |
			   ARCHIVE_EXTRACT_SECURE_NOABSOLUTEPATHS);
	return a;
}

static int extract_here(struct chunk_queue *queue, const struct strv *kept, struct err *err)
{
	_cleanup_(archive_readp) struct archive *in = archive_read_new();
	_cleanup_(write_freep) struct archive *out = open_writer();
	size_t n;

	if (!in)
		BUG("libarchive does not start");
	if (archive_read_support_format_tar(in) != ARCHIVE_OK)
		return err_set(err, ERR_INTERNAL, "libarchive lacks tar");
	if (archive_source_open(in, queue, err) < 0 || copy_all(in, out, kept, err) < 0)
		return -1;
	/* what follows the archive's end is verified as well */
	while (chunk_queue_get(queue, &n))
		;
	if (!chunk_queue_is_whole(queue))
		return err_set(err, ERR_IO, "archive: the stream broke off");
	return 0;
}

int extract(struct chunk_queue *queue, int rootfd, const struct strv *kept, struct err *err)
{
	int r;

	if (unshare(CLONE_FS) < 0 || fchdir(rootfd) < 0)
		r = err_errno(err, ERR_IO, errno, "cannot go to the target");
	else
		r = extract_here(queue, kept, err);
	if (r < 0)
		chunk_queue_stop(queue);
	return r;
}
