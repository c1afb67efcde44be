/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_resource.h"

#include "buf.h"
#include "data_url.h"
#include "fsio.h"
#include "gunzip.h"
#include "limits.h"
#include "verification.h"

#include <string.h>

/* Where a content goes: through gunzip when it is packed, then through the digest to fd or buf. */
struct sink {
	struct gunzip *gunzip;
	struct verification *verification;
	struct buf *buf; /* or NULL: fd */
	int fd;
	size_t max, len;
};

static int put(const void *p, size_t n, void *arg, struct err *err)
{
	struct sink *s = arg;

	if (n > s->max - s->len)
		return err_set(err, ERR_PROTOCOL, "the content is larger than %zu bytes", s->max);
	s->len += n;
	if (s->verification)
		verification_add(s->verification, p, n);
	if (!s->buf)
		return fd_write_all(s->fd, p, n, err);
	if (!buf_add(s->buf, p, n))
		BUG("a buffer smaller than its sink");
	return 0;
}

static int take(const void *p, size_t n, void *arg, struct err *err)
{
	struct sink *s = arg;

	return s->gunzip ? gunzip_add(s->gunzip, p, n, err) : put(p, n, s, err);
}

static int take_source(struct ign_fetch *f, const json_t *resource, struct sink *s, struct err *err)
{
	const char *source = json_string_value(json_object_get(resource, "source"));
	struct ign_request req = {
		.url = source,
		.headers = json_object_get(resource, "httpHeaders"),
		.max = s->max,
		.on_data = take,
		.arg = s,
	};
	_cleanup_(freep) char *content = NULL;
	size_t len = 0;

	if (!source || !source[0])
		return 0;
	if (!data_url_is(source))
		return ign_fetch_get(f, &req, err);
	if (data_url_decode(source, &content, &len, err) < 0)
		return -1;
	return take(content, len, s, err);
}

static int move(struct ign_fetch *f, const json_t *resource, struct sink *s, struct err *err)
{
	const json_t *verification = json_object_get(resource, "verification");
	const char *compression = json_string_value(json_object_get(resource, "compression"));
	const char *source = json_string_value(json_object_get(resource, "source"));
	const char *hash = json_string_value(json_object_get(verification, "hash"));
	int r;

	if (hash && verification_new(hash, &s->verification, err) < 0)
		return -1;
	if (compression && streq(compression, "gzip") && source && source[0])
		s->gunzip = gunzip_new(put, s);
	r = take_source(f, resource, s, err);
	if (r == 0 && s->gunzip)
		r = gunzip_end(s->gunzip, err);
	if (r == 0 && s->verification)
		r = verification_end(s->verification, err);
	gunzip_free(s->gunzip);
	verification_free(s->verification);
	return r;
}

int ign_resource_write(struct ign_fetch *f, const json_t *resource, const char *path, int fd,
		       struct err *err)
{
	struct sink s = {.fd = fd, .max = LIMIT_IGN_FILE};

	return move(f, resource, &s, err) < 0 ? err_wrap(err, "%s", path) : 0;
}

int ign_resource_read(struct ign_fetch *f, const json_t *resource, const char *path, size_t max,
		      char **ret, size_t *ret_len, struct err *err)
{
	struct buf buf;
	struct sink s = {.buf = &buf, .max = max};
	int r;

	buf_init(&buf, max);
	r = move(f, resource, &s, err);
	if (r == 0) {
		*ret_len = buf.len;
		*ret = buf_take(&buf);
	} else {
		err_wrap(err, "%s", path);
	}
	buf_release(&buf);
	return r;
}
