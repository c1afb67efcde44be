/* SPDX-License-Identifier: Apache-2.0 */
#include "source.h"

#include "fetch.h"
#include "fsio.h"

#include <errno.h>
#include <fcntl.h>

#define BLOCK (256 * 1024)

struct source {
	/* one of the two */
	struct fetch *fetch;
	int dirfd;
	char *place; /* URL or folder */
	int (*read)(struct source *s, const char *asset, uint64_t offset, uint64_t size,
		    bool (*on_data)(const void *p, size_t n, void *arg), void *arg,
		    struct err *err);
};

static int judge_status(long status, const char *url, struct err *err)
{
	if (status >= 200 && status < 300)
		return 0;
	if (status == 404 || status == 410)
		return err_set(err, ERR_NOT_FOUND,
			       "%s: not there; on the provisioner: provision assets verify", url);
	/* it may be better later */
	if (status >= 500 || status == 429 || status == 408)
		return err_set(err, ERR_NETWORK, "%s: the server answered %ld", url, status);
	return err_set(err, ERR_PROTOCOL, "%s: the server answered %ld", url, status);
}

static int read_http(struct source *s, const char *asset, uint64_t offset, uint64_t size,
		     bool (*on_data)(const void *p, size_t n, void *arg), void *arg,
		     struct err *err)
{
	_cleanup_(freep) char *url = xasprintf("%s/%s", s->place, asset);
	_cleanup_(fetch_answer_release) struct fetch_answer a = {0};
	struct fetch_request req = {
		.url = url,
		.offset = offset,
		.max = size - offset,
		.on_data = on_data,
		.arg = arg,
	};

	if (fetch_do(s->fetch, &req, &a, err) < 0)
		return -1;
	return judge_status(a.status, url, err);
}

static int read_dir(struct source *s, const char *asset, uint64_t offset, uint64_t size,
		    bool (*on_data)(const void *p, size_t n, void *arg), void *arg, struct err *err)
{
	_cleanup_(closep) int fd = file_open_beneath(s->dirfd, asset, O_RDONLY, err);
	_cleanup_(freep) char *block = xmalloc(BLOCK);

	if (fd < 0)
		return err_wrap(err, "%s", s->place);
	while (offset < size) {
		size_t want = size - offset < BLOCK ? (size_t)(size - offset) : BLOCK;
		ssize_t n = pread(fd, block, want, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_IO, errno, "cannot read %s/%s", s->place, asset);
		if (n == 0)
			return err_set(err, ERR_VERIFY, "%s/%s is shorter than the manifest says",
				       s->place, asset);
		if (!on_data(block, (size_t)n, arg))
			return err_set(err, ERR_IO, "%s/%s: stopped", s->place, asset);
		offset += (uint64_t)n;
	}
	return 0;
}

struct source *source_http_new(const char *url, const char *ca_pem)
{
	struct source *s = xcalloc(1, sizeof(*s));

	*s = (struct source){fetch_new(ca_pem), -1, xstrdup(url), read_http};
	return s;
}

struct source *source_dir_new(const char *path)
{
	struct source *s = xcalloc(1, sizeof(*s));

	/* a folder that is not there is told at the first read */
	*s = (struct source){NULL, open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), xstrdup(path),
			     read_dir};
	return s;
}

struct source *source_free(struct source *s)
{
	if (!s)
		return NULL;
	fetch_free(s->fetch);
	closep(&s->dirfd);
	free(s->place);
	free(s);
	return NULL;
}

int source_read(struct source *s, const char *asset, uint64_t offset, uint64_t size,
		bool (*on_data)(const void *p, size_t n, void *arg), void *arg, struct err *err)
{
	if (offset >= size)
		return 0;
	return s->read(s, asset, offset, size, on_data, arg, err);
}
