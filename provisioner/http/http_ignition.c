/* SPDX-License-Identifier: Apache-2.0 */
/* GET /ignition?mac=&nonce=: the config for a foreign Ignition client, while an installation is
 * asked for. It holds no secret: those go to the agent's key only. */
#include <string.h>

#include "http/web.h"
#include "nonce.h"
#include "render/render_ignition.h"

#define TYPE "application/vnd.coreos.ignition+json"

/* NULL with err set when it gets none. */
static const struct node *find(struct web *web, const struct site *site,
			       const struct http_request *r, struct err *err)
{
	const char *said = http_query(r, "mac"), *nonce = http_query(r, "nonce");
	const struct node *n;
	struct mac mac;

	if (!said || !nonce) {
		err_set(err, ERR_USAGE, "the query argument %s is missing", said ? "nonce" : "mac");
		return NULL;
	}
	if (mac_parse(said, &mac, err) < 0) {
		err->kind = ERR_USAGE;
		return NULL;
	}
	n = inventory_by_mac(site->inventory, &mac);
	if (!n)
		err_set(err, ERR_NOT_FOUND, "no node file has this MAC");
	else if (!boot_answer_starts(site_answer(site_node_of(site, n))))
		err_set(err, ERR_REFUSED,
			"nobody asked for an installation of %s: provision reinstall %s", n->name,
			n->name);
	else if (!nonce_is_good(web->nonce_key, &mac, web_now_ms() / 1000, nonce))
		err_set(err, ERR_REFUSED, "nonce is not of a boot of this machine");
	else
		return n;
	return NULL;
}

static int answer(struct web *web, const struct http_request *r, struct http_reply *ret,
		  struct err *err)
{
	_cleanup_site_ struct site *site = site_slot_get(web->sites);
	_cleanup_(web_urls_release) struct web_urls urls = {0};
	_cleanup_(plan_freep) struct plan *p = NULL;
	struct site_facts facts = {0};
	_cleanup_(freep) char *text = NULL;
	_cleanup_json_ json_t *config = NULL;
	const struct node *n = find(web, site, r, err);
	struct blob *rendered;
	uint64_t key;

	if (!n)
		return -1;
	key = (uint64_t)(n - site->inventory->nodes) << 32 | http_local_address(r).a;
	rendered = blob_cache_get(site->ignition, key);
	if (rendered) {
		*ret = http_reply_blob(200, TYPE, rendered);
		return 0;
	}
	web_urls_init(&urls, site, r);
	facts.url = urls.url;
	facts.assets_url = urls.assets;
	/* what the node has to know of the cluster comes with the claim; here it only matters that
	 * the record is whole */
	facts.plan.first_control_plane = n->role == ROLE_CONTROL_PLANE;
	if (site_plan(site, n, &facts, &p, err) < 0)
		return -1;
	config = render_ignition(p);
	text = jsonx_canonical(config);
	rendered = blob_new(text, strlen(text));
	blob_cache_put(site->ignition, key, rendered);
	*ret = http_reply_blob(200, TYPE, rendered);
	return 0;
}

struct http_reply web_ignition(void *ctx, const struct http_request *r)
{
	struct http_reply reply;
	struct err err = ERR_INIT;

	return answer(ctx, r, &reply, &err) < 0 ? http_reply_err(&err) : reply;
}
