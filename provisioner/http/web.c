/* SPDX-License-Identifier: Apache-2.0 */
#include "http/web.h"

#include <string.h>
#include <time.h>

#include "limits.h"
#include "parse.h"
#include "request_sign.h"
#include "selector.h"

#define JOIN_MAX 4096

const struct http_route web_plain_routes[] = {
	{.path = "/ipxe", .handle = web_ipxe},
	{.path = "/assets/", .is_prefix = true, .handle = web_asset},
	{.path = "/boot.ipxe", .handle = web_boot_script},
	/* what Matchbox calls them; /ipxe, /ignition and /assets/ are the same */
	{.path = "/boot.ipxe.0", .handle = web_boot_script},
	{.path = "/grub", .handle = web_grub},
	{.path = "/metadata", .handle = web_metadata},
	{.path = "/generic", .handle = web_generic},
	{.path = "/cloud", .handle = web_cloud},
	{.path = "/ignition", .handle = web_ignition},
	{.path = "/ca.crt", .handle = web_ca},
};
const size_t n_web_plain_routes = ARRAY_SIZE(web_plain_routes);

const struct http_route web_api_routes[] = {
	{.path = "/v1/events",
	 .post = true,
	 .body_max = (size_t)LIMIT_EVENT_BYTES * LIMIT_EVENTS_PER_POST,
	 .handle = web_events},
	{.path = "/v1/claim", .post = true, .body_max = LIMIT_CLAIM_BYTES, .handle = web_claim},
	{.path = "/v1/secrets/join",
	 .post = true,
	 .waits = true,
	 .body_max = JOIN_MAX,
	 .handle = web_join},
	{.path = "/v1/live/events",
	 .post = true,
	 .body_max = (size_t)LIMIT_EVENT_BYTES * LIMIT_EVENTS_PER_POST,
	 .handle = web_live_events},
	{.path = "/v1/live/claim",
	 .post = true,
	 .body_max = LIMIT_CLAIM_BYTES,
	 .handle = web_live_claim},
	{.path = "/v1/live/join",
	 .post = true,
	 .waits = true,
	 .body_max = JOIN_MAX,
	 .handle = web_live_join},
	{.path = "/ca.crt", .handle = web_ca},
};
const size_t n_web_api_routes = ARRAY_SIZE(web_api_routes);

int64_t web_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

int web_signed(const struct http_request *r, uint8_t ret_key[ED25519_KEY_SIZE], struct err *err)
{
	const struct signed_request s = {
		.method = r->method,
		.path = r->path,
		.key = http_header(r, "Provision-Key"),
		.time = http_header(r, "Provision-Time"),
		.signature = http_header(r, "Provision-Signature"),
		.body = r->body,
		.body_len = r->body_len,
	};

	return request_verify(&s, web_now_ms(), ret_key, err);
}

int web_bearer(const struct http_request *r, uint8_t ret_key[ED25519_KEY_SIZE], struct err *err)
{
	const char *said = http_header(r, "Authorization");
	uint8_t word[32];
	struct sha256 digest;

	_Static_assert(sizeof(digest.b) == ED25519_KEY_SIZE, "a digest stands for a key");
	if (!said || !startswith(said, "Bearer ") ||
	    parse_hex(said + strlen("Bearer "), word, sizeof(word), err) < 0) {
		err_release(err);
		return err_set(err, ERR_REFUSED,
			       "the request has no word (Authorization: Bearer, 64 hex digits)");
	}
	digest = sha256_of(word, sizeof(word));
	memcpy(ret_key, digest.b, ED25519_KEY_SIZE);
	explicit_bzero(word, sizeof(word));
	return 0;
}

int web_body(const struct http_request *r, json_t **ret, struct err *err)
{
	return jsonx_parse(r->body, r->body_len, "the request's body", ret, err);
}

int web_note(struct web *web, const struct intent *in, enum phase_name phase,
	     enum event_state state, const char *message, struct err *err)
{
	const int64_t now_ms = web_now_ms();

	/* negative: an allowance beside that of the installation's own events */
	if (rate_take(web->rates, -1 - in->id, 1, LIMIT_NOTES_PER_MINUTE, now_ms))
		return 0;
	return store_event_note(web->store, in->node, &in->mac, phase, state, message, now_ms, err);
}

struct terms {
	struct selector_term v[LIMIT_QUERY_TERMS];
	size_t n;
	bool too_many;
};

static bool add_term(const char *name, const char *value, void *arg)
{
	struct terms *t = arg;

	t->too_many = t->n == ARRAY_SIZE(t->v);
	if (!t->too_many)
		t->v[t->n++] = (struct selector_term){name, value};
	return !t->too_many;
}

int web_select(const struct site *site, const struct http_request *r, const struct node **ret,
	       struct err *err)
{
	struct terms t = {0};

	http_query_each(r, add_term, &t);
	if (t.too_many)
		return err_set(err, ERR_USAGE, "the query has more than %zu arguments",
			       ARRAY_SIZE(t.v));
	return selector_find(site, t.v, t.n, ret, err);
}

void web_urls_init(struct web_urls *u, const struct site *site, const struct http_request *r)
{
	const struct cluster *c = &site->inventory->cluster;
	char ip[IPV4_TEXT_SIZE];

	ipv4_format(c->address.a ? c->address : http_local_address(r), ip);
	u->http = xasprintf("http://%s:%u", ip, c->http_port);
	u->host = xasprintf("%s:%u", ip, c->http_port);
	u->url = xasprintf("https://%s:%u", ip, c->https_port);
	u->assets = xasprintf("http://%s:%u/assets", ip, c->http_port);
}

void web_urls_release(struct web_urls *u)
{
	free(u->http);
	free(u->host);
	free(u->url);
	free(u->assets);
	*u = (struct web_urls){0};
}

struct http_reply web_ca(void *ctx, const struct http_request *r)
{
	struct web *web = ctx;
	_cleanup_site_ struct site *site = site_slot_get(web->sites);

	(void)r;
	return http_reply_copy(200, "application/x-pem-file", site->ca_pem, strlen(site->ca_pem));
}
