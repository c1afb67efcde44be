/* SPDX-License-Identifier: Apache-2.0 */
#include "site.h"

#include <ctype.h>
#include <pthread.h>
#include <string.h>

#include "assets.h"
#include "pod_network.h"

/* Machines that ask for their Ignition config at about the same time; one has some 10 KB. */
#define CONFIGS_MAX 512

static void release(struct site *site)
{
	for (size_t i = 0; site->nodes && i < site->inventory->n_nodes; i++) {
		free(site->nodes[i].boot_path);
		free(site->nodes[i].arguments);
	}
	free(site->nodes);
	free(site->statics);
	inventory_free(site->inventory);
	strv_release(&site->held);
	templates_free(site->templates);
	ipxe_scripts_free(site->scripts);
	node_texts_free(site->texts);
	manifest_release(&site->manifest);
	blob_cache_free(site->ignition);
	free(site->network_manifest);
	free(site->ca_pem);
	free(site);
}

struct site *site_ref(struct site *site)
{
	__atomic_add_fetch(&site->refs, 1, __ATOMIC_RELAXED);
	return site;
}

struct site *site_unref(struct site *site)
{
	if (site && __atomic_sub_fetch(&site->refs, 1, __ATOMIC_ACQ_REL) == 0)
		release(site);
	return NULL;
}

/* Nothing was built yet: an empty manifest, so that the daemon can start and say so. */
static int load_manifest(const char *state_dir, struct manifest *ret, struct err *err)
{
	if (assets_load(state_dir, ASSETS_NOW, ret, err) == 0)
		return 0;
	if (err->kind != ERR_NOT_FOUND)
		return -1;
	err_release(err);
	return 0;
}

static int load_ca(const char *state_dir, struct site *site, struct err *err)
{
	struct sha256 digest;

	if (secrets_ca_pem(state_dir, &site->ca_pem, err) < 0 ||
	    secrets_cert_digest(site->ca_pem, &digest, err) < 0)
		return -1;
	sha256_format(&digest, site->ca_digest);
	return 0;
}

static bool boot_is_there(const char *assets, const struct site_node *n)
{
	static const char *const environment[] = {"vmlinuz", NULL};
	const char *const *files = n->live == LIVE_NONE ? environment : live_kind_files(n->live);

	for (; *files; files++) {
		_cleanup_(freep) char *path = xasprintf("%s/%s/%s", assets, n->boot_path, *files);

		if (access(path, R_OK) < 0)
			return false;
	}
	return true;
}

static void find_boot_environments(const char *assets, struct site *site)
{
	const struct inventory *inv = site->inventory;

	site->nodes = xcalloc(inv->n_nodes + 1, sizeof(*site->nodes));
	for (size_t i = 0; i < inv->n_nodes; i++) {
		struct site_node *n = &site->nodes[i];

		n->boot_path = asset_path_boot(&inv->nodes[i], &inv->cluster);
		n->arguments = strv_join(&inv->nodes[i].kernel_arguments, " ");
		n->live = live_kind_of(node_image(&inv->nodes[i], &inv->cluster));
		n->boot_missing = !boot_is_there(assets, n);
	}
}

static int by_address(const void *a, const void *b)
{
	const struct ipv4 *x = a, *y = b;

	return x->a < y->a ? -1 : x->a > y->a;
}

static void collect_statics(struct site *site)
{
	const struct inventory *inv = site->inventory;

	site->statics = xcalloc(inv->n_nodes + 1, sizeof(*site->statics));
	for (size_t i = 0; i < inv->n_nodes; i++)
		if (inv->nodes[i].address.ip.a)
			site->statics[site->n_statics++] = inv->nodes[i].address.ip;
	qsort(site->statics, site->n_statics, sizeof(*site->statics), by_address);
}

bool site_is_static(const struct site *site, struct ipv4 ip)
{
	return site->n_statics &&
	       bsearch(&ip, site->statics, site->n_statics, sizeof(*site->statics), by_address);
}

static struct site *site_new(void)
{
	struct site *site = xcalloc(1, sizeof(*site));

	site->refs = 1;
	site->ignition = blob_cache_new(CONFIGS_MAX);
	return site;
}

static int load_files(const struct paths *paths, const struct started *started, struct site *site,
		      struct problems *ps, struct err *err)
{
	_cleanup_(freep) char *assets = paths_assets(paths);

	if (inventory_load(paths->config, &site->inventory, ps) < 0 ||
	    templates_load(paths->data, paths->config, &site->templates, ps) < 0 ||
	    node_texts_load(paths->config, &site->texts, ps) < 0)
		return problems_to_err(ps, err);
	if (started)
		started_hold(started, &site->inventory->cluster, &site->held);
	if (ipxe_scripts_load(paths->data, paths->config, &site->scripts, err) < 0 ||
	    load_manifest(paths->state, &site->manifest, err) < 0)
		return -1;
	return pod_network_load(assets, site->inventory, &site->manifest, &site->network_manifest,
				err);
}

int site_load(const struct paths *paths, const struct started *started, struct site **ret,
	      struct problems *ps, struct err *err)
{
	_cleanup_(freep) char *assets = paths_assets(paths);
	_cleanup_site_ struct site *site = site_new();

	if (load_files(paths, started, site, ps, err) < 0 || load_ca(paths->state, site, err) < 0)
		return -1;
	find_boot_environments(assets, site);
	collect_statics(site);
	*ret = TAKE_PTR(site);
	return 0;
}

int site_check(const struct paths *paths, struct site **ret, struct problems *ps, struct err *err)
{
	_cleanup_site_ struct site *site = site_new();

	if (load_files(paths, NULL, site, ps, err) < 0)
		return -1;
	*ret = TAKE_PTR(site);
	return 0;
}

uint64_t site_mark(const char *text)
{
	_cleanup_(freep) char *lower = xstrdup(text);
	struct sha256 digest;
	uint64_t mark;

	if (!lower || !*lower)
		return 0;
	for (char *p = lower; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	digest = sha256_of(lower, strlen(lower));
	memcpy(&mark, &digest, sizeof(mark));
	return mark;
}

struct site_node *site_node_of(const struct site *site, const struct node *n)
{
	return &site->nodes[n - site->inventory->nodes];
}

/* Why the machine starts from its disk; an image in memory has left nothing there. */
static enum boot_answer boot_answer_of_disk(const struct intent *in)
{
	if (in->in_memory)
		return BOOT_ENDED;
	switch (in->state) {
	case INTENT_WRITTEN:
		return BOOT_WRITTEN;
	case INTENT_DONE:
		return BOOT_INSTALLED;
	default:
		return BOOT_ENDED;
	}
}

enum boot_answer boot_answer_of(const struct intent *in, bool live, int64_t now_ms)
{
	if (!in)
		return BOOT_DECLARED;
	/* the image was edited since: what is there goes on until a reinstall */
	if (in->claimed_ms && in->in_memory != live)
		return boot_answer_of_disk(in);
	if (live)
		return intent_is_live(in, now_ms) || intent_stands(in) ? BOOT_MEMORY : BOOT_ENDED;
	if (intent_installs(in, now_ms))
		return BOOT_INSTALL;
	return boot_answer_of_disk(in);
}

bool boot_answer_starts(enum boot_answer a)
{
	return a == BOOT_INSTALL || a == BOOT_MEMORY;
}

const char *boot_answer_reason(enum boot_answer a)
{
	static const char *const reasons[BOOT_ANSWER_MAX] = {
		[BOOT_DECLARED] = "nobody asked for an installation (provision reinstall NAME)",
		[BOOT_INSTALL] = "the boot environment is missing (provision assets build)",
		[BOOT_WRITTEN] = "the disks are written",
		[BOOT_INSTALLED] = "it is installed",
		[BOOT_ENDED] = "the request to install it has ended (provision reinstall NAME)",
		[BOOT_MEMORY] = "its image is missing (provision assets add)",
	};

	if ((unsigned int)a >= BOOT_ANSWER_MAX)
		BUG("boot answer out of range");
	return reasons[a];
}

int site_plan(const struct site *site, const struct node *n, const struct site_facts *facts,
	      struct plan **ret, struct err *err)
{
	const struct cluster *c = &site->inventory->cluster;
	const struct plan_inputs in = {
		.url = facts->url,
		.assets_url = facts->assets_url,
		.ca_pem = site->ca_pem,
		.facts = facts->plan,
		.templates = site->templates,
		.network_manifest = site->network_manifest,
	};

	return plan_build(n, c, &site->manifest, &in, ret, err);
}

int site_basis(const struct site *site, const struct node *n, struct sha256 *ret, struct err *err)
{
	static const struct site_facts nothing = {.url = "https://provisioner",
						  .assets_url = "http://provisioner/assets"};
	_cleanup_(plan_freep) struct plan *p = NULL;
	_cleanup_(freep) char *text = NULL;
	_cleanup_json_ json_t *j = NULL;

	if (site_plan(site, n, &nothing, &p, err) < 0)
		return -1;
	j = plan_to_json(p);
	text = jsonx_canonical(j);
	*ret = sha256_of(text, strlen(text));
	return 0;
}

struct site_slot {
	pthread_mutex_t mutex;
	struct site *site;
};

struct site_slot *site_slot_new(void)
{
	struct site_slot *slot = xcalloc(1, sizeof(*slot));

	pthread_mutex_init(&slot->mutex, NULL);
	return slot;
}

void site_slot_set(struct site_slot *slot, struct site *site)
{
	struct site *old;

	pthread_mutex_lock(&slot->mutex);
	old = slot->site;
	slot->site = site;
	pthread_mutex_unlock(&slot->mutex);
	site_unref(old);
}

struct site *site_slot_get(struct site_slot *slot)
{
	struct site *site;

	pthread_mutex_lock(&slot->mutex);
	site = site_ref(slot->site);
	pthread_mutex_unlock(&slot->mutex);
	return site;
}

struct site_slot *site_slot_free(struct site_slot *slot)
{
	if (!slot)
		return NULL;
	site_unref(slot->site);
	pthread_mutex_destroy(&slot->mutex);
	free(slot);
	return NULL;
}
