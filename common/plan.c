/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include "ignition_schema.h"

#include <stdio.h>
#include <string.h>

static const char *const disk_actions[ACTION_MAX] = {
	[ACTION_ERASE] = "erase",
	[ACTION_KEEP] = "keep",
	[ACTION_ADOPT] = "adopt",
};

static const char *const kube_actions[KUBE_ACTION_MAX] = {
	[KUBE_NONE] = "none",
	[KUBE_INIT] = "init",
	[KUBE_JOIN] = "join",
};

const char *disk_action_name(enum disk_action a)
{
	if ((unsigned int)a >= ACTION_MAX)
		BUG("disk action out of range");
	return disk_actions[a];
}

enum disk_action disk_action_parse(const char *word)
{
	for (int i = 0; i < ACTION_MAX; i++)
		if (streq(disk_actions[i], word))
			return (enum disk_action)i;
	return ACTION_INVALID;
}

const char *kube_action_name(enum kube_action a)
{
	if ((unsigned int)a >= KUBE_ACTION_MAX)
		BUG("Kubernetes action out of range");
	return kube_actions[a];
}

enum kube_action kube_action_parse(const char *word)
{
	for (int i = 0; i < KUBE_ACTION_MAX; i++)
		if (streq(kube_actions[i], word))
			return (enum kube_action)i;
	return KUBE_INVALID;
}

struct plan *plan_new(void)
{
	struct plan *p = xcalloc(1, sizeof(*p));

	p->config = json_pack("{s:{s:s}}", "ignition", "version", IGN_VERSION);
	return p;
}

static void assets_release(struct asset *a, size_t n)
{
	for (size_t i = 0; i < n; i++)
		asset_release(&a[i]);
	free(a);
}

static void kube_release(struct plan_kube *k)
{
	free(k->version);
	free(k->cluster_name);
	free(k->endpoint);
	free(k->network);
	free(k->network_manifest);
	labels_release(k->labels, k->n_labels);
	labels_release(k->taints, k->n_taints);
	assets_release(k->binaries, k->n_binaries);
	assets_release(k->archives, k->n_archives);
}

void plan_disks_release(struct plan_disk *disks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(disks[i].id);
		free(disks[i].description);
		free(disks[i].pool);
		free(disks[i].holds);
	}
	free(disks);
}

struct plan *plan_free(struct plan *p)
{
	if (!p)
		return NULL;
	free(p->node);
	free(p->macs);
	free(p->url);
	free(p->assets_url);
	free(p->ca_pem);
	free(p->installation);
	plan_disks_release(p->disks, p->n_disks);
	for (size_t i = 0; i < p->n_pools; i++) {
		pool_spec_release(&p->pools[i].spec);
		free(p->pools[i].fs_uuid);
	}
	free(p->pools);
	asset_release(&p->rootfs);
	free(p->network.domain);
	strv_release(&p->network.ntp);
	json_decref(p->config);
	kube_release(&p->kube);
	free(p);
	return NULL;
}

struct sha256 plan_id(const struct plan *p)
{
	_cleanup_(json_decrefp) json_t *j = plan_to_json(p);
	_cleanup_(freep) char *text = jsonx_canonical(j);

	return sha256_of(text, strlen(text));
}

const char *plan_uuid(const struct sha256 *id, const char *name, char text[UUID_TEXT_SIZE])
{
	return uuid_v5(id, name, text);
}

const char *plan_pool_uuid(const struct sha256 *id, const struct plan_pool *pool,
			   char text[UUID_TEXT_SIZE])
{
	_cleanup_(freep) char *name = NULL;

	if (pool->adopt && pool->fs_uuid) {
		snprintf(text, UUID_TEXT_SIZE, "%s", pool->fs_uuid);
		return text;
	}
	name = xasprintf("pool/%s", pool->spec.name);
	return plan_uuid(id, name, text);
}
