/* SPDX-License-Identifier: Apache-2.0 */
/*
 * GET /ignition?mac= (or uuid=, serial=, hostname=, label=): the config for a foreign Ignition
 * client, in the version of the spec that it reads. One with a secret in it goes only to the boot
 * in progress, whose script has the nonce, and while that boot was asked for.
 */
#include <string.h>

#include "http/web.h"
#include "limits.h"
#include "nonce.h"
#include "render/ignition_secret.h"
#include "render/ignition_spec.h"
#include "render/render_ignition.h"
#include "render/render_live.h"

struct ask {
	struct web *web;
	const struct http_request *r;
	const struct site *site;
	const struct node *node;
	enum ignition_spec spec;
	bool of_boot;   /* the nonce is of a boot of this machine that was asked for */
	struct mac mac; /* that it is of */
};

/* Installed by an agent of ours, it is held for days while an operator decides; a machine in memory
 * fetches its config within minutes, and is started like that at every boot. */
static bool nonce_holds(const struct ask *a, const struct mac *mac, const char *nonce)
{
	const int64_t now = web_now_ms() / 1000;

	switch (site_answer(site_node_of(a->site, a->node))) {
	case BOOT_INSTALL:
		return nonce_is_good(a->web->nonce_key, mac, now, nonce);
	case BOOT_MEMORY:
		return nonce_is_fresh(a->web->nonce_key, mac, now, BOOT_LIFETIME_S, nonce);
	default:
		return false;
	}
}

static bool is_of_boot(struct ask *a)
{
	const char *nonce = http_query(a->r, "nonce");

	for (size_t i = 0; nonce && i < a->node->n_macs; i++)
		if (nonce_holds(a, &a->node->macs[i], nonce)) {
			a->mac = a->node->macs[i];
			return true;
		}
	return false;
}

/* A nonce of its own boot says more than what a loader tells of the machine beside its MAC. */
static int find(struct ask *a, struct err *err)
{
	const char *said = http_query(a->r, "mac");
	struct err ignored = ERR_INIT;
	struct mac mac;

	if (said && mac_parse(said, &mac, &ignored) == 0) {
		a->node = inventory_by_mac(a->site->inventory, &mac);
		a->of_boot = a->node && is_of_boot(a);
	}
	err_release(&ignored);
	if (a->of_boot)
		return 0;
	if (web_select(a->site, a->r, &a->node, err) < 0)
		return -1;
	a->of_boot = is_of_boot(a);
	return 0;
}

static int refuse_secret(const struct ask *a, const char *path, struct err *err)
{
	return err_set(
		err, ERR_REFUSED,
		"%s is a secret: %s gets it only with the nonce of a boot in progress, which "
		"the script from here has, while its installation is asked for (provision "
		"reinstall %s)",
		path, a->node->name, a->node->name);
}

/* A machine in memory is told what only this boot may have: never the same twice. */
static bool is_for_once(const struct ask *a)
{
	return a->of_boot && site_node_of(a->site, a->node)->live != LIVE_NONE;
}

static json_t *render(const struct ask *a, const struct plan *p)
{
	const struct live_values v = {
		.mac = &a->mac, .nonce = http_query(a->r, "nonce"), .now_s = web_now_ms() / 1000};

	return is_for_once(a) ? render_live(p, &v) : render_ignition(p);
}

/* What the machine in memory claimed holds until a reinstall; but where we are, and by which
 * certificate we are known, is as of today. *ret NULL: nothing is claimed, the record counts. */
static int claimed_plan(const struct ask *a, const struct web_urls *urls, struct plan **ret,
			struct err *err)
{
	_cleanup_(intent_release) struct intent in = {0};
	_cleanup_(plan_freep) struct plan *p = NULL;
	_cleanup_json_ json_t *j = NULL;
	struct err why = ERR_INIT;

	if (store_intent_of_node(a->web->store, a->node->name, &in, &why) < 0) {
		if (why.kind == ERR_NOT_FOUND) {
			err_release(&why);
			return 0;
		}
		err_move(err, &why);
		return -1;
	}
	if (!in.plan || !in.in_memory || (in.state != INTENT_CLAIMED && in.state != INTENT_DONE))
		return 0;
	if (jsonx_parse(in.plan, strlen(in.plan), "the frozen plan", &j, err) < 0 ||
	    plan_from_json(j, &p, err) < 0)
		return -1;
	free(p->url);
	p->url = xstrdup(urls->url);
	free(p->ca_pem);
	p->ca_pem = xstrdup(a->site->ca_pem);
	*ret = TAKE_PTR(p);
	return 0;
}

static int make(const struct ask *a, json_t **ret, struct err *err)
{
	_cleanup_(web_urls_release) struct web_urls urls = {0};
	_cleanup_(plan_freep) struct plan *p = NULL;
	struct site_facts facts = {0};

	web_urls_init(&urls, a->site, a->r);
	if (is_for_once(a) && claimed_plan(a, &urls, &p, err) < 0)
		return -1;
	if (p) {
		*ret = render(a, p);
		return 0;
	}
	facts.url = urls.url;
	facts.assets_url = urls.assets;
	/* what the node has to know of the cluster comes with the claim; here it only matters that
	 * the record is whole */
	facts.plan.first_control_plane = a->node->role == ROLE_CONTROL_PLANE;
	if (site_plan(a->site, a->node, &facts, &p, err) < 0)
		return -1;
	*ret = render(a, p);
	return 0;
}

/* Of the cache of configs; secret: one with a secret in it. */
static uint64_t key_of(const struct ask *a, bool secret)
{
	return (uint64_t)(a->node - a->site->inventory->nodes) << 34 |
	       (uint64_t)http_local_address(a->r).a << 2 | (uint64_t)a->spec << 1 | secret;
}

static struct blob *from_cache(const struct ask *a)
{
	struct blob *b;

	if (is_for_once(a))
		return NULL;
	b = blob_cache_get(a->site->ignition, key_of(a, false));

	return b || !a->of_boot ? b : blob_cache_get(a->site->ignition, key_of(a, true));
}

static int answer(struct ask *a, struct http_reply *ret, struct err *err)
{
	_cleanup_(freep) char *text = NULL, *secret = NULL;
	_cleanup_json_ json_t *config = NULL;
	struct blob *rendered;

	if (ignition_spec_choose(http_header(a->r, "Accept"), http_header(a->r, "User-Agent"),
				 &a->spec, err) < 0 ||
	    find(a, err) < 0)
		return -1;
	rendered = from_cache(a);
	if (!rendered) {
		if (make(a, &config, err) < 0)
			return -1;
		secret = ignition_secret(config);
		if (secret && !a->of_boot)
			return refuse_secret(a, secret, err);
		if (ignition_spec_lower(config, a->spec, err) < 0)
			return -1;
		text = jsonx_canonical(config);
		rendered = blob_new(text, strlen(text));
		if (!is_for_once(a))
			blob_cache_put(a->site->ignition, key_of(a, secret != NULL), rendered);
	}
	*ret = http_reply_blob(200, ignition_spec_type(a->spec), rendered);
	return 0;
}

struct http_reply web_ignition(void *ctx, const struct http_request *r)
{
	struct web *web = ctx;
	_cleanup_site_ struct site *site = site_slot_get(web->sites);
	struct ask a = {.web = web, .r = r, .site = site};
	struct http_reply reply;
	struct err err = ERR_INIT;

	return answer(&a, &reply, &err) < 0 ? http_reply_err(&err) : reply;
}
