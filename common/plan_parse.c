/* SPDX-License-Identifier: Apache-2.0 */
/* The plan from JSON, every field checked: the agent, and the store's reader, trust nothing. */
#include "plan.h"

#include "limits.h"
#include "parse.h"
#include "plan_ignition.h"

#include <string.h>

static const char *const arch_words[ARCH_MAX] = {"amd64", "arm64"};

/* An optional "a.b.c.d/n"; ret stays when absent. */
static void get_net(struct jsonx_reader *r, const char *key, struct ipv4_net *ret)
{
	_cleanup_(freep) char *text = NULL;
	struct err why = ERR_INIT;

	jsonx_opt_string(r, key, &text);
	if (text && ipv4_net_parse(text, ret, &why) < 0)
		jsonx_fail(r, key, "is wrong: %s", err_text(&why));
	err_release(&why);
}

static void get_ip_list(struct jsonx_reader *r, const char *key, struct ipv4 *ips, size_t max,
			size_t *ret_n)
{
	_cleanup_(strv_release) struct strv list = {0};
	struct err why = ERR_INIT;

	jsonx_opt_strv(r, key, max, &list);
	for (size_t i = 0; i < list.n && !r->failed; i++)
		if (ipv4_parse(list.v[i], &ips[i], &why) < 0)
			jsonx_fail(r, key, "[%zu] is wrong: %s", i, err_text(&why));
	err_release(&why);
	*ret_n = r->failed ? 0 : list.n;
}

static void check_name(struct jsonx_reader *r, const char *key, const char *name)
{
	struct err why = ERR_INIT;

	if (name && parse_name(name, &why) < 0)
		jsonx_fail(r, key, "is wrong: %s", err_text(&why));
	err_release(&why);
}

static int disk_from_json(const json_t *j, const char *path, struct plan_disk *d, struct err *err)
{
	static const char *const words[ACTION_MAX] = {"erase", "keep", "adopt"};
	_cleanup_(freep) char *fingerprint = NULL;
	struct err why = ERR_INIT;
	int action = ACTION_INVALID;
	struct jsonx_reader r;

	jsonx_begin(&r, j, path, err);
	jsonx_opt_string(&r, "id", &d->id);
	jsonx_string(&r, "description", &d->description);
	jsonx_opt_string(&r, "pool", &d->pool);
	jsonx_enum(&r, "action", words, ARRAY_SIZE(words), &action);
	jsonx_opt_string(&r, "holds", &d->holds);
	jsonx_string(&r, "fingerprint", &fingerprint);
	jsonx_opt_bool(&r, "consentNeeded", &d->consent_needed);
	jsonx_opt_bool(&r, "consent", &d->consent);
	d->action = (enum disk_action)action;
	if (fingerprint && sha256_parse(fingerprint, &d->fingerprint, &why) < 0)
		jsonx_fail(&r, "fingerprint", "is wrong: %s", err_text(&why));
	err_release(&why);
	if (!r.failed && d->action != ACTION_KEEP && (!d->id || !d->pool))
		jsonx_fail(&r, "action", "is %s for a disk without id or pool",
			   disk_action_name(d->action));
	if (!r.failed && d->action == ACTION_KEEP && d->pool)
		jsonx_fail(&r, "pool", "is set for a disk that is kept");
	if (!r.failed && d->action == ACTION_ERASE && d->consent_needed && !d->consent)
		jsonx_fail(&r, "consent", "is missing for a disk that holds something");
	return jsonx_done(&r);
}

static bool is_uuid(const char *s)
{
	size_t i;

	for (i = 0; s[i]; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !strchr("0123456789abcdef", s[i]))
			return false;
	}
	return i == UUID_TEXT_SIZE - 1;
}

static int pool_from_json(const json_t *j, const char *path, struct plan_pool *p, struct err *err)
{
	_cleanup_(freep) char *at = xasprintf("%s.spec", path);
	struct jsonx_reader r;
	const json_t *spec;

	jsonx_begin(&r, j, path, err);
	spec = jsonx_object(&r, "spec");
	jsonx_opt_bool(&r, "adopt", &p->adopt);
	jsonx_opt_string(&r, "fsUuid", &p->fs_uuid);
	if (p->fs_uuid && !is_uuid(p->fs_uuid))
		jsonx_fail(&r, "fsUuid", "is no UUID");
	if (!r.failed && p->adopt != (p->fs_uuid != NULL))
		jsonx_fail(&r, "fsUuid", "goes with adopt, and adopt with it");
	if (jsonx_done(&r) < 0)
		return -1;
	return pool_spec_from_json(spec, at, &p->spec, err);
}

static int network_from_json(const json_t *j, struct plan_network *n, struct err *err)
{
	struct ipv4 router[1] = {{0}};
	_cleanup_(freep) char *text = NULL;
	struct err why = ERR_INIT;
	struct jsonx_reader r;

	jsonx_begin(&r, j, "$.provision.network", err);
	get_net(&r, "address", &n->address);
	jsonx_opt_string(&r, "router", &text);
	if (text && ipv4_parse(text, router, &why) < 0)
		jsonx_fail(&r, "router", "is wrong: %s", err_text(&why));
	err_release(&why);
	n->router = router[0];
	get_ip_list(&r, "dns", n->dns, ARRAY_SIZE(n->dns), &n->n_dns);
	jsonx_opt_string(&r, "domain", &n->domain);
	if (n->domain && n->domain[strspn(n->domain, "abcdefghijklmnopqrstuvwxyz"
						     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")])
		jsonx_fail(&r, "domain", "is no domain name");
	jsonx_opt_strv(&r, "ntp", LIMIT_MACS, &n->ntp);
	for (size_t i = 0; i < n->ntp.n; i++)
		if (strpbrk(n->ntp.v[i], " \t\r\n"))
			jsonx_fail(&r, "ntp", "[%zu] is no host", i);
	return jsonx_done(&r);
}

static int assets_from_json(const json_t *list, const char *key, struct asset **a, size_t *n,
			    struct err *err)
{
	json_t *j;
	size_t i;

	json_array_foreach ((json_t *)list, i, j) {
		_cleanup_(freep) char *at = xasprintf("$.provision.kubernetes.%s[%zu]", key, i);

		if (asset_from_json(j, at, ARRAY_APPEND(*a, *n), err) < 0)
			return -1;
	}
	return 0;
}

static void get_labels(struct jsonx_reader *r, struct plan_kube *k)
{
	_cleanup_(strv_release) struct strv taints = {0};
	const json_t *labels = jsonx_opt_object(r, "labels");
	const char *key;
	json_t *j;

	json_object_foreach ((json_t *)labels, key, j) {
		struct label *l;

		if (!json_is_string(j)) {
			jsonx_fail(r, "labels", "has a value that is not a string");
			return;
		}
		l = ARRAY_APPEND(k->labels, k->n_labels);
		*l = (struct label){xstrdup(key), xstrdup(json_string_value(j))};
		if (!label_is_valid(l))
			jsonx_fail(r, "labels", "has a key or value that Kubernetes refuses");
	}
	jsonx_opt_strv(r, "taints", LIMIT_POOLS, &taints);
	for (size_t i = 0; i < taints.n; i++)
		if (taint_parse(taints.v[i], ARRAY_APPEND(k->taints, k->n_taints)) < 0)
			jsonx_fail(r, "taints", "[%zu] is not key=value:Effect", i);
}

static int kube_from_json(const json_t *j, struct plan_kube *k, struct err *err)
{
	static const char *const flavours[FLAVOUR_MAX] = {"kubeadm", "k3s"};
	static const char *const actions[KUBE_ACTION_MAX] = {"none", "init", "join"};
	static const char *const roles[ROLE_MAX] = {"control-plane", "worker"};
	int flavour = FLAVOUR_INVALID, action = KUBE_INVALID, role = ROLE_INVALID;
	const json_t *binaries, *archives;
	struct jsonx_reader r;

	jsonx_begin(&r, j, "$.provision.kubernetes", err);
	jsonx_enum(&r, "flavour", flavours, FLAVOUR_MAX, &flavour);
	jsonx_string(&r, "version", &k->version);
	jsonx_enum(&r, "action", actions, KUBE_ACTION_MAX, &action);
	jsonx_enum(&r, "role", roles, ROLE_MAX, &role);
	jsonx_string(&r, "cluster", &k->cluster_name);
	jsonx_opt_string(&r, "endpoint", &k->endpoint);
	get_net(&r, "podSubnet", &k->pod_subnet);
	get_net(&r, "serviceSubnet", &k->service_subnet);
	jsonx_opt_string(&r, "network", &k->network);
	jsonx_opt_string(&r, "networkManifest", &k->network_manifest);
	jsonx_opt_bool(&r, "controlPlaneTakesWork", &k->control_plane_takes_work);
	k->core_dns = true;
	jsonx_opt_bool(&r, "coreDNS", &k->core_dns);
	get_labels(&r, k);
	binaries = jsonx_opt_array(&r, "binaries", LIMIT_POOLS);
	archives = jsonx_opt_array(&r, "archives", LIMIT_POOLS);
	check_name(&r, "cluster", k->cluster_name);
	if (k->version && k->version[strspn(k->version, "abcdefghijklmnopqrstuvwxyz0123456789.+-")])
		jsonx_fail(&r, "version", "is no version");
	k->flavour = (enum kube_flavour)flavour;
	k->action = (enum kube_action)action;
	k->role = (enum node_role)role;
	if (!r.failed && k->action == KUBE_JOIN && !k->endpoint)
		jsonx_fail(&r, "endpoint", "is missing for a join");
	if (jsonx_done(&r) < 0 ||
	    assets_from_json(binaries, "binaries", &k->binaries, &k->n_binaries, err) < 0)
		return -1;
	return assets_from_json(archives, "archives", &k->archives, &k->n_archives, err);
}

static int macs_from_json(const json_t *list, struct plan *p, struct err *err)
{
	json_t *j;
	size_t i;

	if (!json_array_size(list))
		return err_set(err, ERR_PROTOCOL, "$.provision.macs is empty");
	json_array_foreach ((json_t *)list, i, j) {
		struct mac *mac = ARRAY_APPEND(p->macs, p->n_macs);

		if (!json_is_string(j))
			return err_set(err, ERR_PROTOCOL, "$.provision.macs[%zu] is no string", i);
		if (mac_parse(json_string_value(j), mac, err) < 0) {
			err->kind = ERR_PROTOCOL;
			return err_wrap(err, "$.provision.macs[%zu]", i);
		}
	}
	return 0;
}

static const struct plan_pool *find_pool(const struct plan *p, const char *name)
{
	for (size_t i = 0; i < p->n_pools; i++)
		if (streq(p->pools[i].spec.name, name))
			return &p->pools[i];
	return NULL;
}

/* What no single field tells: pools and disks belong together, each once. */
static int check_storage(const struct plan *p, struct err *err)
{
	if (p->in_memory ? find_pool(p, POOL_SYSTEM) != NULL
			 : !p->n_pools || !streq(p->pools[0].spec.name, POOL_SYSTEM))
		return err_set(err, ERR_PROTOCOL, "$.provision.pools[0] is %sthe system pool",
			       p->in_memory ? "" : "not ");
	for (size_t i = 0; i < p->n_pools; i++)
		if (find_pool(p, p->pools[i].spec.name) != &p->pools[i])
			return err_set(err, ERR_PROTOCOL,
				       "$.provision.pools[%zu] has another's name", i);
	if (!p->in_memory && p->pools[0].adopt)
		return err_set(err, ERR_PROTOCOL, "$.provision.pools[0] adopts a system");
	for (size_t i = 0; i < p->n_disks; i++) {
		const struct plan_disk *d = &p->disks[i];
		const struct plan_pool *pool;

		if (!d->pool)
			continue;
		pool = find_pool(p, d->pool);
		if (!pool)
			return err_set(err, ERR_PROTOCOL,
				       "$.provision.disks[%zu].pool is no pool of the plan", i);
		if (pool->adopt != (d->action == ACTION_ADOPT))
			return err_set(err, ERR_PROTOCOL,
				       "$.provision.disks[%zu].action does not fit its pool", i);
		for (size_t k = 0; k < i; k++)
			if (streq_null(d->id, p->disks[k].id))
				return err_set(err, ERR_PROTOCOL,
					       "$.provision.disks[%zu].id is another's", i);
	}
	return 0;
}

static bool is_url(const char *url, const char *scheme)
{
	return startswith(url, scheme) && strlen(url) <= LIMIT_URL && !strpbrk(url, " \"\\\r\n") &&
	       !endswith(url, "/");
}

static int provision_from_json(const json_t *j, struct plan *p, struct err *err)
{
	const json_t *macs, *disks, *pools, *rootfs, *network, *kube;
	int arch = ARCH_INVALID;
	struct jsonx_reader r;
	json_t *e;
	size_t i;

	jsonx_begin(&r, j, "$.provision", err);
	jsonx_string(&r, "node", &p->node);
	check_name(&r, "node", p->node);
	macs = jsonx_array(&r, "macs", LIMIT_MACS);
	jsonx_enum(&r, "arch", arch_words, ARCH_MAX, &arch);
	jsonx_opt_bool(&r, "reinstall", &p->reinstall);
	jsonx_opt_bool(&r, "inMemory", &p->in_memory);
	jsonx_opt_string(&r, "installation", &p->installation);
	jsonx_string(&r, "url", &p->url);
	jsonx_string(&r, "assetsUrl", &p->assets_url);
	jsonx_opt_string(&r, "ca", &p->ca_pem);
	jsonx_opt_bool(&r, "resolved", &p->resolved);
	disks = jsonx_opt_array(&r, "disks", LIMIT_DISKS);
	pools = jsonx_array(&r, "pools", LIMIT_POOLS);
	rootfs = jsonx_object(&r, "rootfs");
	network = jsonx_object(&r, "network");
	kube = jsonx_object(&r, "kubernetes");
	p->arch = (enum arch)arch;
	if (p->url && !is_url(p->url, "https://"))
		jsonx_fail(&r, "url", "is no https URL");
	if (p->assets_url && !is_url(p->assets_url, "http://") &&
	    !is_url(p->assets_url, "https://"))
		jsonx_fail(&r, "assetsUrl", "is no http URL");
	if (jsonx_done(&r) < 0 || macs_from_json(macs, p, err) < 0 ||
	    asset_from_json(rootfs, "$.provision.rootfs", &p->rootfs, err) < 0 ||
	    network_from_json(network, &p->network, err) < 0 ||
	    kube_from_json(kube, &p->kube, err) < 0)
		return -1;
	json_array_foreach ((json_t *)disks, i, e) {
		_cleanup_(freep) char *at = xasprintf("$.provision.disks[%zu]", i);

		if (disk_from_json(e, at, ARRAY_APPEND(p->disks, p->n_disks), err) < 0)
			return -1;
	}
	json_array_foreach ((json_t *)pools, i, e) {
		_cleanup_(freep) char *at = xasprintf("$.provision.pools[%zu]", i);

		if (pool_from_json(e, at, ARRAY_APPEND(p->pools, p->n_pools), err) < 0)
			return -1;
	}
	return check_storage(p, err);
}

int plan_from_json(const json_t *j, struct plan **ret_plan, struct err *err)
{
	_cleanup_(plan_freep) struct plan *p = plan_new();
	static const char *const sections[] = {"ignition", "storage", "systemd", "passwd",
					       "kernelArguments"};
	const json_t *provision;
	struct jsonx_reader r;

	jsonx_begin(&r, j, "$", err);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		jsonx_opt_object(&r, sections[i]);
	provision = jsonx_object(&r, "provision");
	if (jsonx_done(&r) < 0 || plan_ignition_get(j, p, err) < 0 ||
	    provision_from_json(provision, p, err) < 0)
		return -1;
	*ret_plan = TAKE_PTR(p);
	return 0;
}
