/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_fetch.h"

#include "buf.h"
#include "fetch.h"
#include "ign_proxy.h"
#include "ign_resource.h"
#include "limits.h"

#include <poll.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/pem.h>

/* The spec's defaults. */
#define ANSWER_DEFAULT_S 10
/* What stands still this long is given up also where the config sets no limit. */
#define STALL_S 30
/* Ignition's own: 0.2 s, doubled up to 5 s. Ten tries are some 30 s. */
#define BACKOFF_FIRST_MS 200
#define BACKOFF_MAX_MS   5000
#define TRIES            10

/* What Ignition sends with each request; servers choose the version by it. */
static const char *const own_headers[] = {
	"Accept: application/vnd.coreos.ignition+json;version=3.4.0, */*;q=0.1",
	"Accept-Encoding: identity",
};

struct ign_fetch {
	struct fetch *fetch;
	unsigned int answer_s;
	uint64_t total_ms;
	json_t *proxy;
	json_t *authorities; /* what the fetcher trusts now */
};

struct ign_fetch *ign_fetch_new(void)
{
	struct ign_fetch *f = xcalloc(1, sizeof(*f));

	f->fetch = fetch_new(NULL);
	f->answer_s = ANSWER_DEFAULT_S;
	return f;
}

struct ign_fetch *ign_fetch_free(struct ign_fetch *f)
{
	if (!f)
		return NULL;
	fetch_free(f->fetch);
	json_decref(f->proxy);
	json_decref(f->authorities);
	free(f);
	return NULL;
}

/* A bundle holds certificates, one after the other, and text around them. */
static int check_bundle(const char *pem, size_t len, struct err *err)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	X509 *cert;
	size_t n = 0;
	bool good;

	if (!bio)
		BUG("OpenSSL has no memory");
	while ((cert = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		X509_free(cert);
		n++;
	}
	good = n > 0 && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
	ERR_clear_error();
	BIO_free(bio);
	if (good)
		return 0;
	return err_set(err, ERR_CONFIG, "certificate %zu of the bundle is no certificate in PEM",
		       n + 1);
}

static int add_authority(struct ign_fetch *f, const json_t *resource, const char *path,
			 struct buf *bundle, struct err *err)
{
	_cleanup_(freep) char *pem = NULL;
	size_t len = 0;

	if (ign_resource_read(f, resource, path, LIMIT_IGN_TRUST, &pem, &len, err) < 0)
		return -1;
	if (check_bundle(pem, len, err) < 0)
		return err_wrap(err, "%s", path);
	if (!buf_add(bundle, pem, len) || !buf_addc(bundle, '\n'))
		return err_set(err, ERR_CONFIG, "%s: the authorities are larger than %zu bytes",
			       path, bundle->max);
	return 0;
}

static int trust(struct ign_fetch *f, const json_t *authorities, const char *path, struct err *err)
{
	struct buf bundle;
	json_t *resource;
	size_t i;
	int r = 0;

	if (f->authorities ? authorities && json_equal(f->authorities, authorities) : !authorities)
		return 0;
	buf_init(&bundle, LIMIT_IGN_TRUST);
	json_array_foreach ((json_t *)authorities, i, resource) {
		_cleanup_(freep) char *place =
			xasprintf("%s.security.tls.certificateAuthorities[%zu]", path, i);

		r = add_authority(f, resource, place, &bundle, err);
		if (r < 0)
			break;
	}
	if (r == 0) {
		fetch_trust_also(f->fetch, bundle.len ? bundle.data : NULL);
		json_decref(f->authorities);
		f->authorities = json_incref((json_t *)authorities);
	}
	buf_release(&bundle);
	return r;
}

/* A limit of seconds; one that no machine's life reaches is none. */
static uint64_t seconds(const json_t *timeouts, const char *key, uint64_t otherwise)
{
	const json_t *j = json_object_get(timeouts, key);
	json_int_t n = json_integer_value(j);

	if (!json_is_integer(j))
		return otherwise;
	return n > 0 && n < INT32_MAX ? (uint64_t)n : 0;
}

int ign_fetch_set(struct ign_fetch *f, const json_t *ignition, const char *path, struct err *err)
{
	const json_t *timeouts = json_object_get(ignition, "timeouts");
	const json_t *tls = json_object_get(json_object_get(ignition, "security"), "tls");
	json_t *proxy = json_object_get(ignition, "proxy");

	f->answer_s = (unsigned int)seconds(timeouts, "httpResponseHeaders", ANSWER_DEFAULT_S);
	f->total_ms = 1000 * seconds(timeouts, "httpTotal", 0);
	json_decref(f->proxy);
	f->proxy = json_incref(proxy);
	return trust(f, json_object_get(tls, "certificateAuthorities"), path, err);
}

/* One request with its redirects, tried until it succeeds. */
struct attempt {
	struct ign_fetch *f;
	const struct ign_request *req;
	struct err why; /* of on_data */
	uint64_t started_ms;
	bool began; /* a body was given out */
};

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static bool take(const void *p, size_t n, void *arg)
{
	struct attempt *a = arg;

	a->began = true;
	return a->req->on_data(p, n, a->req->arg, &a->why) == 0;
}

static bool is_set(const json_t *headers, const char *header)
{
	size_t n = strcspn(header, ":");
	json_t *h;
	size_t i;

	json_array_foreach ((json_t *)headers, i, h) {
		const char *name = json_string_value(json_object_get(h, "name"));

		if (name && strlen(name) == n && strncasecmp(name, header, n) == 0)
			return true;
	}
	return false;
}

/* The config's headers, a header without a value being one that is not sent, and the own ones. */
static void make_headers(const json_t *headers, struct strv *ret)
{
	json_t *h;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(own_headers); i++)
		if (!is_set(headers, own_headers[i]))
			strv_add(ret, own_headers[i]);
	json_array_foreach ((json_t *)headers, i, h) {
		const char *name = json_string_value(json_object_get(h, "name"));
		const char *value = json_string_value(json_object_get(h, "value"));

		if (name && value)
			strv_take(ret, xasprintf("%s: %s", name, value));
	}
	*ARRAY_APPEND(ret->v, ret->n) = NULL;
}

static int judge(const char *asked, long status, struct err *err)
{
	_cleanup_(freep) char *url = fetch_shown_url(asked);

	if (status == 200 || status == 204)
		return 0;
	if (status == 404 || status == 410)
		return err_set(err, ERR_NOT_FOUND, "%s: the server answered %ld", url, status);
	if (status >= 500)
		return err_set(err, ERR_NETWORK, "%s: the server answered %ld", url, status);
	return err_set(err, ERR_PROTOCOL, "%s: the server answered %ld", url, status);
}

/* One hop; *next is where a redirect leads, or NULL at the end. */
static int get_once(struct attempt *a, const char *url, const json_t *headers, char **next,
		    struct err *err)
{
	_cleanup_(strv_release) struct strv lines = {0};
	_cleanup_(fetch_answer_release) struct fetch_answer answer = {0};
	struct fetch_request req = {
		.url = url,
		.max = a->req->max,
		.answer_s = a->f->answer_s,
		.stall_s = a->f->answer_s > STALL_S ? a->f->answer_s : STALL_S,
		.proxy = ign_proxy_for(a->f->proxy, url),
		.no_redirect = true,
		.on_data = take,
		.arg = a,
	};

	if (a->f->total_ms) {
		uint64_t used = now_ms() - a->started_ms;

		req.total_ms = used < a->f->total_ms ? a->f->total_ms - used : 1;
	}
	make_headers(headers, &lines);
	req.headers = (const char *const *)lines.v;
	if (fetch_do(a->f->fetch, &req, &answer, err) < 0) {
		if (a->why.kind != ERR_NONE)
			err_move(err, &a->why);
		return -1;
	}
	*next = TAKE_PTR(answer.location);
	return *next ? 0 : judge(url, answer.status, err);
}

static int fail_downgrade(const char *from, const char *to, struct err *err)
{
	_cleanup_(freep) char *from_shown = fetch_shown_url(from);
	_cleanup_(freep) char *to_shown = fetch_shown_url(to);

	return err_set(err, ERR_PROTOCOL, "%s: redirects to %s, which is not https", from_shown,
		       to_shown);
}

static int get(struct attempt *a, struct err *err)
{
	_cleanup_(freep) char *url = xstrdup(a->req->url);
	const json_t *headers = a->req->headers;

	for (int hops = 0; hops <= LIMIT_REDIRECTS; hops++) {
		_cleanup_(freep) char *next = NULL;

		if (get_once(a, url, headers, &next, err) < 0)
			return -1;
		if (!next)
			return 0;
		if (!startswith(next, "https:") &&
		    (startswith(url, "https:") || !startswith(next, "http:")))
			return fail_downgrade(url, next, err);
		free(url);
		url = TAKE_PTR(next);
		headers = NULL; /* they may hold a secret for the first server */
	}
	free(url);
	url = fetch_shown_url(a->req->url);
	return err_set(err, ERR_PROTOCOL, "%s: redirects more than %d times", url, LIMIT_REDIRECTS);
}

int ign_fetch_get(struct ign_fetch *f, const struct ign_request *req, struct err *err)
{
	struct attempt a = {.f = f, .req = req, .why = ERR_INIT, .started_ms = now_ms()};
	uint64_t backoff = BACKOFF_FIRST_MS;

	for (int tries = 1;; tries++) {
		struct err failed = ERR_INIT;

		if (get(&a, &failed) == 0)
			return 0;
		if (failed.kind != ERR_NETWORK || a.began || tries == TRIES ||
		    (f->total_ms && now_ms() - a.started_ms + backoff >= f->total_ms)) {
			err_move(err, &failed);
			return -1;
		}
		err_release(&failed);
		poll(NULL, 0, (int)backoff);
		backoff = backoff * 2 < BACKOFF_MAX_MS ? backoff * 2 : BACKOFF_MAX_MS;
	}
}
