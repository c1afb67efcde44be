/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch.h"

#include "buf.h"
#include "fsio.h"
#include "parse.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

/* An error page kept for the message, when the body itself goes to on_data. */
#define ERROR_BODY_MAX (64 * 1024)
/* Larger reads mean fewer turns per MiB of a root file system. */
#define RECEIVE_BUFFER (512L * 1024)
#define STALL_DEFAULT  30
/* The system's authorities are some 250 KB. */
#define SYSTEM_TRUST_MAX ((size_t)4 * 1024 * 1024)

struct fetch {
	CURL *curl;
	char *ca_pem;
	char *also_pem; /* the system's and those of fetch_trust_also */
	char *cert_pem;
	struct secret key_pem;
};

/* One request in progress. */
struct transfer {
	const struct fetch_request *req;
	CURL *curl;
	long status;          /* of the answer whose headers come in */
	uint64_t length;      /* Content-Length; valid with have_length */
	uint64_t range_start; /* Content-Range; valid with have_range */
	uint64_t range_total;
	bool have_length, have_range;
	uint64_t received;
	struct buf body;
	bool stopped, too_large, wrong_range, unanswered;
	struct timespec sent; /* when the request had gone out; valid with was_sent */
	bool was_sent;
};

struct fetch *fetch_new(const char *ca_pem)
{
	struct fetch *f = xcalloc(1, sizeof(*f));

	f->curl = curl_easy_init();
	if (!f->curl)
		BUG("libcurl does not start");
	f->ca_pem = xstrdup(ca_pem);
	return f;
}

struct fetch *fetch_free(struct fetch *f)
{
	if (!f)
		return NULL;
	curl_easy_cleanup(f->curl);
	free(f->ca_pem);
	free(f->also_pem);
	free(f->cert_pem);
	secret_release(&f->key_pem);
	free(f);
	return NULL;
}

/* A blob takes the place of the system's file, so it begins with what that holds. */
void fetch_trust_also(struct fetch *f, const char *ca_pem)
{
	_cleanup_(freep) char *system = NULL;
	struct err unreadable = ERR_INIT;
	const char *file = NULL;
	size_t len = 0;

	free(f->also_pem);
	f->also_pem = NULL;
	if (!ca_pem)
		return;
	curl_easy_getinfo(f->curl, CURLINFO_CAINFO, &file);
	if (file && file_read(AT_FDCWD, file, SYSTEM_TRUST_MAX, &system, &len, &unreadable) < 0)
		err_release(&unreadable); /* a system without any trusts only these */
	f->also_pem = xasprintf("%s\n%s", system ? system : "", ca_pem);
}

void fetch_set_client(struct fetch *f, const char *cert_pem, const struct secret *key_pem)
{
	free(f->cert_pem);
	f->cert_pem = xstrdup(cert_pem);
	secret_set(&f->key_pem, secret_reveal(key_pem), secret_length(key_pem));
}

static void set_client(struct fetch *f)
{
	struct curl_blob cert = {f->cert_pem, 0, CURL_BLOB_COPY};
	struct curl_blob key = {(char *)(uintptr_t)secret_reveal(&f->key_pem),
				secret_length(&f->key_pem), CURL_BLOB_COPY};

	if (!f->cert_pem)
		return;
	cert.len = strlen(f->cert_pem);
	curl_easy_setopt(f->curl, CURLOPT_SSLCERT_BLOB, &cert);
	curl_easy_setopt(f->curl, CURLOPT_SSLCERTTYPE, "PEM");
	curl_easy_setopt(f->curl, CURLOPT_SSLKEY_BLOB, &key);
	curl_easy_setopt(f->curl, CURLOPT_SSLKEYTYPE, "PEM");
}

char *fetch_shown_url(const char *url)
{
	const char *host = strstr(url, "://");
	const char *end, *query, *at = NULL;

	if (!host)
		return xstrdup(url);
	host += 3;
	end = host + strcspn(host, "/?#");
	for (const char *p = host; p < end; p++)
		if (*p == '@')
			at = p;
	host = at ? at + 1 : host;
	query = host + strcspn(host, "?#");
	return xasprintf("%.*s%.*s%s", (int)(strstr(url, "://") + 3 - url), url,
			 (int)(query - host), host, *query ? "?..." : "");
}

void fetch_answer_release(struct fetch_answer *a)
{
	free(a->body);
	free(a->location);
	*a = (struct fetch_answer){0};
}

/* "bytes 200-1000/67589" (RFC 9110 section 14.4); the total may be "*". */
static void take_content_range(struct transfer *t, const char *v)
{
	uint64_t last;

	if (strncasecmp(v, "bytes ", 6) != 0)
		return;
	v += 6;
	if (!parse_digits(&v, UINT64_MAX, &t->range_start) || *v++ != '-' ||
	    !parse_digits(&v, UINT64_MAX, &last) || *v++ != '/')
		return;
	if (!parse_digits(&v, UINT64_MAX, &t->range_total))
		t->range_total = 0;
	t->have_range = true;
}

static bool is_success(const struct transfer *t)
{
	return t->status >= 200 && t->status < 300;
}

/* At the end of the headers: a body that will not fit is not waited for. */
static size_t end_headers(struct transfer *t, size_t n)
{
	bool no_body = t->req->method && streq(t->req->method, "HEAD");

	if (no_body || !is_success(t) || !t->have_length || t->length <= t->req->max)
		return n;
	t->too_large = true;
	return 0;
}

static size_t on_header(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	_cleanup_(freep) char *line = xstrndup(p, size * n);
	const char *v;

	if (startswith(line, "HTTP/")) { /* also after a redirect: a new answer */
		t->have_length = t->have_range = false;
		v = strchr(line, ' ');
		t->status = v ? strtol(v + 1, NULL, 10) : 0;
		return size * n;
	}
	if (line[strspn(line, "\r\n")] == '\0')
		return end_headers(t, size * n);
	v = strchr(line, ':');
	if (!v)
		return size * n;
	size_t name = (size_t)(v - line);
	v += 1 + strspn(v + 1, " \t");
	if (name == 14 && strncasecmp(line, "Content-Length", name) == 0)
		t->have_length = parse_digits(&v, UINT64_MAX, &t->length);
	else if (name == 13 && strncasecmp(line, "Content-Range", name) == 0)
		take_content_range(t, v);
	return size * n;
}

/* Whether the bytes start where they were asked for. */
static bool range_fits(const struct transfer *t)
{
	if (t->req->offset == 0 || !is_success(t))
		return true;
	return t->status == 206 && t->have_range && t->range_start == t->req->offset;
}

static bool answer_is_data(const struct transfer *t)
{
	return t->req->on_data && is_success(t);
}

static size_t on_body(char *p, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	size_t len = size * n;

	if (!range_fits(t)) {
		t->wrong_range = true;
		return CURL_WRITEFUNC_ERROR;
	}
	t->received += len;
	if (!answer_is_data(t)) {
		if (buf_add(&t->body, p, len) || t->req->on_data)
			return len;
		t->too_large = true;
		return CURL_WRITEFUNC_ERROR;
	}
	if (t->received > t->req->max) {
		t->too_large = true;
		return CURL_WRITEFUNC_ERROR;
	}
	if (!t->req->on_data(p, len, t->req->arg)) {
		t->stopped = true;
		return CURL_WRITEFUNC_ERROR;
	}
	return len;
}

static void set_trust(const struct fetch *f, const char *url)
{
	CURL *c = f->curl;

	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	/* a redirect never leads from https to http */
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR,
			 startswith(url, "https:") ? "https" : "http,https");
	if (!f->ca_pem && f->also_pem) {
		struct curl_blob also = {f->also_pem, strlen(f->also_pem), CURL_BLOB_COPY};

		curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &also);
	}
	if (!f->ca_pem)
		return;
	struct curl_blob blob = {f->ca_pem, strlen(f->ca_pem), CURL_BLOB_COPY};

	curl_easy_setopt(c, CURLOPT_CAINFO_BLOB, &blob);
	/* the built-in folder would be trusted beside the blob */
	curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(c, CURLOPT_NOPROXY, "*");
}

static void set_method(CURL *c, const struct fetch_request *req)
{
	const char *method = req->method ? req->method : req->body ? "POST" : "GET";

	if (req->body || streq(method, "POST") || streq(method, "PUT")) {
		curl_easy_setopt(c, CURLOPT_POST, 1L);
		curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body_len);
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, req->body ? req->body : "");
		curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
	} else if (streq(method, "HEAD")) {
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
	} else if (!streq(method, "GET")) {
		curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
	} else {
		/* release files of upstream projects lie behind redirects */
		curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, req->no_redirect ? 0L : 1L);
		curl_easy_setopt(c, CURLOPT_MAXREDIRS, 5L);
	}
}

static struct curl_slist *make_headers(const struct fetch_request *req)
{
	struct curl_slist *l = curl_slist_append(NULL, "Expect:");
	bool typed = false;

	for (size_t i = 0; req->headers && req->headers[i]; i++) {
		l = curl_slist_append(l, req->headers[i]);
		typed = typed || strncasecmp(req->headers[i], "Content-Type:", 13) == 0;
	}
	if (req->body && !typed)
		l = curl_slist_append(l, "Content-Type: application/json");
	return l;
}

/* libcurl has no limit for the time to the first header; this is called about once a second. */
static int on_progress(void *arg, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
		       curl_off_t up)
{
	struct transfer *t = arg;
	curl_off_t ready_us = 0;
	struct timespec now;

	(void)down_total, (void)down, (void)up_total, (void)up;
	if (t->status)
		return 0;
	curl_easy_getinfo(t->curl, CURLINFO_PRETRANSFER_TIME_T, &ready_us);
	if (ready_us <= 0)
		return 0;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!t->was_sent)
		t->sent = now;
	t->was_sent = true;
	t->unanswered = now.tv_sec - t->sent.tv_sec >= (time_t)t->req->answer_s;
	return t->unanswered;
}

static void set_limits(struct transfer *t)
{
	const struct fetch_request *req = t->req;
	long stall = req->stall_s ? (long)req->stall_s : STALL_DEFAULT;

	curl_easy_setopt(t->curl, CURLOPT_CONNECTTIMEOUT, stall);
	curl_easy_setopt(t->curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(t->curl, CURLOPT_LOW_SPEED_TIME, stall);
	if (req->total_ms)
		curl_easy_setopt(t->curl, CURLOPT_TIMEOUT_MS,
				 req->total_ms < LONG_MAX ? (long)req->total_ms : LONG_MAX);
	if (!req->answer_s)
		return;
	curl_easy_setopt(t->curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(t->curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(t->curl, CURLOPT_XFERINFODATA, t);
}

static void set_transfer(struct transfer *t)
{
	const struct fetch_request *req = t->req;
	CURL *c = t->curl;

	curl_easy_setopt(c, CURLOPT_URL, req->url);
	curl_easy_setopt(c, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L); /* not the answer's */
	curl_easy_setopt(c, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
	if (req->offset > 0) {
		_cleanup_(freep) char *range = xasprintf("%llu-", (unsigned long long)req->offset);

		curl_easy_setopt(c, CURLOPT_RANGE, range);
	}
	if (req->proxy)
		curl_easy_setopt(c, CURLOPT_PROXY, req->proxy);
	set_method(c, req);
	set_limits(t);
}

/* Cuts " after 12 ms" out of what libcurl says: an error that lasts is the same each time. */
static void cut_duration(char *text)
{
	char *at = strstr(text, " after "), *end;

	if (!at)
		return;
	end = at + strlen(" after ");
	end += strspn(end, "0123456789");
	if (startswith(end, " milliseconds"))
		end += strlen(" milliseconds");
	else if (startswith(end, " ms"))
		end += strlen(" ms");
	else
		return;
	memmove(at, end, strlen(end) + 1);
}

static int judge(const struct transfer *t, CURLcode code, const char *detail, struct err *err)
{
	_cleanup_(freep) char *url = fetch_shown_url(t->req->url);

	if (code == CURLE_OK)
		return 0;
	if (t->stopped)
		return err_set(err, ERR_IO, "%s: stopped", url);
	/* who sends all of it announces more than was asked for, too */
	if (t->wrong_range || (t->too_large && !range_fits(t)))
		return err_set(err, ERR_NETWORK,
			       "%s: asked for the bytes from %llu on, the server sent others "
			       "(status %ld)",
			       url, (unsigned long long)t->req->offset, t->status);
	if (t->too_large)
		return err_set(err, ERR_PROTOCOL, "%s: the answer is larger than %zu bytes", url,
			       t->req->max);
	if (t->unanswered)
		return err_set(err, ERR_NETWORK, "%s: no answer in %u seconds", url,
			       t->req->answer_s);
	if (!detail[0])
		detail = curl_easy_strerror(code);
	switch (code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return err_set(err, ERR_VERIFY, "%s: %s", url, detail);
	default:
		return err_set(err, ERR_NETWORK, "%s: %s", url, detail);
	}
}

static void give_answer(struct transfer *t, struct fetch_answer *ret)
{
	*ret = (struct fetch_answer){.status = t->status};
	if (t->have_range)
		ret->total = t->range_total;
	else if (t->have_length)
		ret->total = t->length;
	if (t->req->no_redirect) {
		const char *location = NULL;

		curl_easy_getinfo(t->curl, CURLINFO_REDIRECT_URL, &location);
		ret->location = xstrdup(location);
	}
	if (answer_is_data(t))
		return;
	ret->len = t->body.len;
	ret->body = buf_take(&t->body);
}

int fetch_do(struct fetch *f, const struct fetch_request *req, struct fetch_answer *ret,
	     struct err *err)
{
	char detail[CURL_ERROR_SIZE] = "";
	struct transfer t = {.req = req, .curl = f->curl};
	struct curl_slist *headers = make_headers(req);
	CURLcode code;
	int r;

	buf_init(&t.body, req->on_data ? ERROR_BODY_MAX : req->max);
	curl_easy_reset(f->curl); /* keeps the connection */
	curl_easy_setopt(f->curl, CURLOPT_ERRORBUFFER, detail);
	curl_easy_setopt(f->curl, CURLOPT_HTTPHEADER, headers);
	set_trust(f, req->url);
	set_client(f);
	set_transfer(&t);
	code = curl_easy_perform(f->curl);
	curl_easy_setopt(f->curl, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_setopt(f->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	if (code == CURLE_OK && !range_fits(&t)) { /* an answer without a body */
		t.wrong_range = true;
		code = CURLE_RANGE_ERROR;
	}
	cut_duration(detail);
	r = judge(&t, code, detail, err);
	if (r == 0)
		give_answer(&t, ret);
	buf_release(&t.body);
	return r;
}
