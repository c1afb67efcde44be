/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_build.h"

#include "assets_recipe.h"
#include "live_image.h"
#include "plan_config.h"
#include "plan_kube.h"

#include <string.h>

const char *node_image(const struct node *n, const struct cluster *c)
{
	return n->image ? n->image : c->image;
}

char *asset_path_rootfs(const struct node *n, const struct cluster *c)
{
	return xasprintf("images/%s-%s.tar.zst", node_image(n, c), arch_name(n->arch));
}

char *asset_path_boot(const struct node *n, const struct cluster *c)
{
	return xasprintf("boot/%s-%s", node_image(n, c), arch_name(n->arch));
}

static int no_rootfs(const struct node *n, const struct cluster *c, const char *path,
		     struct err *err)
{
	const char *image = node_image(n, c), *release = recipe_release(image);
	const char *file = n->image ? n->place.file : c->place.file;

	if (release)
		return err_set(err, ERR_REFUSED,
			       "node %s: the asset store has no %s (provision assets build --suite "
			       "%s --arch %s)",
			       n->name, path, release, arch_name(n->arch));
	return err_set(err, ERR_CONFIG,
		       "node %s: image: nothing makes \"%.60s\", and the asset store has no %s; "
		       "write debian-13 or debian-12 in %s",
		       n->name, image, path, file ? file : "cluster.yaml");
}

/* All files of an image that runs in memory have to be there; the last one is its system. */
static int set_live_image(struct plan *p, const struct node *n, const struct cluster *c,
			  enum live_kind kind, const struct manifest *m, struct err *err)
{
	_cleanup_(freep) char *folder = asset_path_boot(n, c);
	const char *version = node_image(n, c) + strlen(live_kind_name(kind)) + 1;
	const struct asset *a = NULL;

	for (const char *const *file = live_kind_files(kind); *file; file++) {
		_cleanup_(freep) char *path = xasprintf("%s/%s", folder, *file);

		a = manifest_find(m, path);
		if (!a)
			return err_set(err, ERR_REFUSED,
				       "node %s: the asset store has no %s (provision assets add "
				       "%s --version %s --arch %s%s)",
				       n->name, path, live_kind_name(kind), version,
				       arch_name(n->arch), kind == LIVE_IGNITION ? " FILES" : "");
	}
	if (!a)
		BUG("an image that runs in memory without files");
	asset_copy(&p->rootfs, a);
	return 0;
}

static int set_rootfs(struct plan *p, const struct node *n, const struct cluster *c,
		      const struct manifest *m, struct err *err)
{
	const enum live_kind live = live_kind_of(node_image(n, c));
	_cleanup_(freep) char *path = asset_path_rootfs(n, c);
	const struct asset *a;

	if (live != LIVE_NONE)
		return set_live_image(p, n, c, live, m, err);
	a = manifest_find(m, path);
	if (!a)
		return no_rootfs(n, c, path, err);
	asset_copy(&p->rootfs, a);
	return 0;
}

static void set_network(struct plan *p, const struct node *n, const struct cluster *c)
{
	p->network.address = n->address;
	p->network.router = c->router;
	memcpy(p->network.dns, c->dns, sizeof(c->dns));
	p->network.n_dns = c->n_dns;
	p->network.domain = xstrdup(c->domain);
	strv_copy(&p->network.ntp, &c->ntp);
}

static void set_pools(struct plan *p, const struct node *n)
{
	/* the system of an image in memory is on no disk */
	const size_t first = p->in_memory ? 1 : 0;

	p->pools = xcalloc(n->n_pools, sizeof(*p->pools));
	p->n_pools = n->n_pools - first;
	for (size_t i = 0; i < p->n_pools; i++)
		pool_spec_copy(&p->pools[i].spec, &n->pools[i + first]);
}

/* Whether the record says anything of its system's disks: without a word there is this one rule. */
static bool says_system(const struct node *n)
{
	_cleanup_(freep) char *rule = NULL;

	if (n->pools[0].n_disks != 1)
		return true;
	rule = disk_spec_format(&n->pools[0].disks[0]);
	return !streq(rule, "count=1");
}

/* What cannot be had of a machine whose image runs in memory. */
static int check_in_memory(const struct node *n, const struct cluster *c, struct err *err)
{
	const char *file = n->place.file ? n->place.file : "its file";

	if (n->role == ROLE_CONTROL_PLANE)
		return err_set(err, ERR_CONFIG,
			       "node %s: image: %s runs in memory, and what a control plane knows "
			       "of its cluster would be lost at each boot; set `role: worker`, or "
			       "`image: debian-13`, in %s",
			       n->name, node_image(n, c), file);
	if (says_system(n))
		return err_set(err, ERR_CONFIG,
			       "node %s: storage.system: %s runs in memory and has no disk for its "
			       "system; write the disks as a pool of storage.pools in %s",
			       n->name, node_image(n, c), file);
	for (size_t i = 1; i < n->n_pools; i++)
		for (size_t k = 0; k < n->pools[i].n_disks; k++)
			if (n->pools[i].disks[k].by_id)
				return err_set(err, ERR_CONFIG,
					       "node %s: pool %s: byId: a machine in memory does "
					       "not tell it; name the disk by serial or wwn in %s",
					       n->name, n->pools[i].name, file);
	return 0;
}

static int set_config(struct plan *p, const struct node *n, const struct cluster *c,
		      const struct plan_inputs *in, struct err *err)
{
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_config_ struct config_item *config = plan_config(n, c, in, &ps);

	if (!config)
		return problems_to_err(&ps, err);
	json_decref(p->config);
	p->config = config_item_to_json(config);
	return 0;
}

/* The agent will read the plan as a stranger's: what it would refuse is told here. */
static int check_readable(const struct plan *p, struct err *err)
{
	_cleanup_(json_decrefp) json_t *j = plan_to_json(p);
	_cleanup_(plan_freep) struct plan *copy = NULL;

	if (plan_from_json(j, &copy, err) == 0)
		return 0;
	err->kind = ERR_CONFIG;
	return err_wrap(err, "node %s: the plan that node file and templates make", p->node);
}

int plan_build(const struct node *n, const struct cluster *c, const struct manifest *m,
	       const struct plan_inputs *in, struct plan **ret_plan, struct err *err)
{
	_cleanup_(plan_freep) struct plan *p = plan_new();

	p->node = xstrdup(n->name);
	p->macs = xmemdup(n->macs, n->n_macs * sizeof(*n->macs));
	p->n_macs = n->n_macs;
	p->arch = n->arch;
	p->reinstall = in->facts.reinstall;
	p->url = xstrdup(in->url);
	p->assets_url = xstrdup(in->assets_url);
	p->ca_pem = xstrdup(in->ca_pem);
	p->in_memory = image_is_live(node_image(n, c));
	set_pools(p, n);
	set_network(p, n, c);
	/* what the files alone decide comes first: before there is an asset it is told, too */
	if (plan_kube_check(n, c, err) < 0 || (p->in_memory && check_in_memory(n, c, err) < 0) ||
	    set_config(p, n, c, in, err) < 0 || set_rootfs(p, n, c, m, err) < 0 ||
	    plan_kube_build(n, c, m, in, &p->kube, err) < 0 || check_readable(p, err) < 0)
		return -1;
	*ret_plan = TAKE_PTR(p);
	return 0;
}
