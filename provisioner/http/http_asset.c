/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of the assets directory, resumable by Range, checked by ETag: sent by sendfile(2), small
 * ones with their headers in one call.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fsio.h"
#include "http/range.h"
#include "http/web.h"

/* Up to here one copy costs less than the further system calls of sendfile(2). */
#define SMALL 16384

static struct http_reply not_found(void)
{
	struct err err = ERR_INIT;

	err_set(&err, ERR_NOT_FOUND, "there is no such asset (provision assets list)");
	return http_reply_err(&err);
}

/* Replaced files get another inode (temp + rename), so these three tell versions apart. */
static char *make_etag(const struct stat *st)
{
	return xasprintf("\"%llx-%llx-%llx\"", (unsigned long long)st->st_ino,
			 (unsigned long long)st->st_size,
			 (unsigned long long)st->st_mtim.tv_sec * 1000000000ULL +
				 (unsigned long long)st->st_mtim.tv_nsec);
}

/* RFC 9110 section 13.1.2: a list of tags, or "*". */
static bool tag_matches(const char *header, const char *etag)
{
	return header && (streq(header, "*") || strstr(header, etag));
}

static struct http_reply unsatisfiable(uint64_t size)
{
	_cleanup_(freep) char *range = xasprintf("bytes */%llu", (unsigned long long)size);
	struct http_reply reply = http_reply_copy(416, NULL, "", 0);

	http_reply_header(&reply, "Content-Range", range);
	return reply;
}

/* Takes fd over. A file that ends before its size does is being cut: the client asks again. */
static struct http_reply send_small(unsigned int status, const char *type, int fd, uint64_t offset,
				    size_t length)
{
	_cleanup_(closep) int held = fd;
	char text[SMALL];

	if (pread(held, text, length, (off_t)offset) != (ssize_t)length)
		return http_reply_copy(500, NULL, "", 0);
	return http_reply_copy(status, type, text, length);
}

static struct http_reply send_part(unsigned int status, const char *type, int fd, uint64_t offset,
				   uint64_t length)
{
	return length <= SMALL ? send_small(status, type, fd, offset, (size_t)length)
			       : http_reply_fd(status, type, fd, offset, length);
}

static struct http_reply send_file(const struct http_request *r, int fd, const struct stat *st)
{
	const uint64_t size = (uint64_t)st->st_size;
	_cleanup_(freep) char *etag = make_etag(st), *content_range = NULL;
	const char *if_range = http_header(r, "If-Range"), *range = http_header(r, "Range");
	uint64_t offset = 0, length = size;
	enum range_verdict verdict = RANGE_WHOLE;
	struct http_reply reply;

	if (tag_matches(http_header(r, "If-None-Match"), etag)) {
		close(fd);
		reply = http_reply_copy(304, NULL, "", 0);
		http_reply_header(&reply, "ETag", etag);
		return reply;
	}
	if (!if_range || streq(if_range, etag))
		verdict = range_parse(range, size, &offset, &length);
	if (verdict == RANGE_UNSATISFIABLE) {
		close(fd);
		return unsatisfiable(size);
	}
	reply = send_part(verdict == RANGE_PART ? 206 : 200, asset_type(r->tail), fd, offset,
			  length);
	http_reply_header(&reply, "ETag", etag);
	http_reply_header(&reply, "Accept-Ranges", "bytes");
	if (verdict == RANGE_PART) {
		content_range = xasprintf("bytes %llu-%llu/%llu", (unsigned long long)offset,
					  (unsigned long long)(offset + length - 1),
					  (unsigned long long)size);
		http_reply_header(&reply, "Content-Range", content_range);
	}
	return reply;
}

struct http_reply web_asset(void *ctx, const struct http_request *r)
{
	struct web *web = ctx;
	_cleanup_(closep) int fd = -1;
	struct err err = ERR_INIT;
	struct stat st;

	if (!asset_name_is_fine(r->tail))
		return not_found();
	/* O_NONBLOCK: a FIFO somebody put there keeps no thread waiting */
	fd = file_open_beneath(web->assets_fd, r->tail, O_RDONLY | O_NONBLOCK | O_NOCTTY, &err);
	if (fd < 0) {
		err_release(&err);
		return not_found();
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return not_found();
	return send_file(r, TAKE_FD(fd), &st);
}
