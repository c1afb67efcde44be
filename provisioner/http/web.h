/* SPDX-License-Identifier: Apache-2.0 */
/* What the HTTP handlers share, and the tables of routes. */
#ifndef PROVISION_WEB_H
#define PROVISION_WEB_H

#include "http/http.h"
#include "keeper.h"
#include "rate.h"
#include "site.h"
#include "store.h"
#include "unknown.h"

struct web {
	struct site_slot *sites;
	struct store *store;
	struct keeper *keeper;
	struct unknown_table *unknown;
	struct rate_table *rates, *join_rates;
	int assets_fd; /* the assets directory */
	uint8_t nonce_key[32];
};

/* For plain HTTP: scripts, assets, the CA certificate. */
extern const struct http_route web_plain_routes[];
extern const size_t n_web_plain_routes;
/* For HTTPS: the API. */
extern const struct http_route web_api_routes[];
extern const size_t n_web_api_routes;

/* Unix time in ms. */
int64_t web_now_ms(void);
/* The request's signature is good; the sender's key. */
int web_signed(const struct http_request *r, uint8_t ret_key[ED25519_KEY_SIZE],
	       struct err *err) _must_check_ _nonnull_;
/* The request shows a word (RFC 6750: Authorization: Bearer, 64 hex digits), as a machine in memory
 * does, which can sign nothing. Its digest, which stands for the key: the word itself is not kept.
 */
int web_bearer(const struct http_request *r, uint8_t ret_key[ED25519_KEY_SIZE],
	       struct err *err) _must_check_ _nonnull_;
/* The body as JSON. */
int web_body(const struct http_request *r, json_t **ret, struct err *err) _must_check_ _nonnull_;

/* store_event_note about this installation, on behalf of a sender that may be anybody: what comes
 * too often (LIMIT_NOTES_PER_MINUTE) is left out, so that nobody fills the store. */
int web_note(struct web *web, const struct intent *in, enum phase_name phase,
	     enum event_state state, const char *message, struct err *err) _must_check_ _nonnull_;

/* How the asking machine reaches us: provisioner.address, else the address it came to. */
struct web_urls {
	char *http;   /* http://IP:8080 */
	char *host;   /* IP:8080 */
	char *url;    /* https://IP:8443 */
	char *assets; /* http://IP:8080/assets */
};
void web_urls_init(struct web_urls *u, const struct site *site,
		   const struct http_request *r) _nonnull_;
void web_urls_release(struct web_urls *u) _nonnull_;

/* The node that the query means (selector.h), out of site. */
int web_select(const struct site *site, const struct http_request *r, const struct node **ret,
	       struct err *err) _must_check_ _nonnull_;

/* Handlers, one noun a file; ctx is struct web. */

/* http_boot.c */
struct http_reply web_boot_script(void *ctx, const struct http_request *r);
struct http_reply web_ipxe(void *ctx, const struct http_request *r);
struct http_reply web_grub(void *ctx, const struct http_request *r);
/* web.c */
struct http_reply web_ca(void *ctx, const struct http_request *r);
/* http_asset.c */
struct http_reply web_asset(void *ctx, const struct http_request *r);
/* http_claim.c */
struct http_reply web_claim(void *ctx, const struct http_request *r);
/* http_events.c */
struct http_reply web_events(void *ctx, const struct http_request *r);
struct http_reply web_live_events(void *ctx, const struct http_request *r);
/* http_join.c */
struct http_reply web_join(void *ctx, const struct http_request *r);
struct http_reply web_live_join(void *ctx, const struct http_request *r);
/* http_live.c */
struct http_reply web_live_claim(void *ctx, const struct http_request *r);
/* http_text.c */
struct http_reply web_metadata(void *ctx, const struct http_request *r);
struct http_reply web_generic(void *ctx, const struct http_request *r);
struct http_reply web_cloud(void *ctx, const struct http_request *r);
/* http_ignition.c */
struct http_reply web_ignition(void *ctx, const struct http_request *r);

#endif
