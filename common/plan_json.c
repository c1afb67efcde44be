/* SPDX-License-Identifier: Apache-2.0 */
/* The plan as JSON: an Ignition config, and the object `provision` for what Ignition cannot say. */
#include "plan.h"

#include "limits.h"
#include "parse.h"
#include "plan_ignition.h"

#include <string.h>

static void put_net(json_t *j, const char *key, struct ipv4_net net)
{
	char text[IPV4_NET_TEXT_SIZE];

	if (net.ip.a)
		jsonx_put_string(j, key, ipv4_net_format(net, text));
}

static json_t *disks_to_json(const struct plan *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n_disks; i++) {
		const struct plan_disk *d = &p->disks[i];
		json_t *j = json_object();
		char hex[SHA256_TEXT_SIZE];

		jsonx_put_string(j, "id", d->id);
		jsonx_put_string(j, "description", d->description);
		jsonx_put_string(j, "pool", d->pool);
		jsonx_put_string(j, "action", disk_action_name(d->action));
		jsonx_put_string(j, "holds", d->holds);
		jsonx_put_string(j, "fingerprint", sha256_format(&d->fingerprint, hex));
		json_object_set_new(j, "consentNeeded", json_boolean(d->consent_needed));
		json_object_set_new(j, "consent", json_boolean(d->consent));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *pools_to_json(const struct plan *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->n_pools; i++) {
		json_t *j = json_object();

		json_object_set_new(j, "spec", pool_spec_to_json(&p->pools[i].spec));
		json_object_set_new(j, "adopt", json_boolean(p->pools[i].adopt));
		jsonx_put_string(j, "fsUuid", p->pools[i].fs_uuid);
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *network_to_json(const struct plan_network *n)
{
	json_t *j = json_object(), *dns = json_array();
	char text[IPV4_TEXT_SIZE];

	put_net(j, "address", n->address);
	if (n->router.a)
		jsonx_put_string(j, "router", ipv4_format(n->router, text));
	for (size_t i = 0; i < n->n_dns; i++)
		json_array_append_new(dns, json_string(ipv4_format(n->dns[i], text)));
	json_object_set_new(j, "dns", dns);
	jsonx_put_string(j, "domain", n->domain);
	jsonx_put_strv(j, "ntp", &n->ntp);
	return j;
}

static json_t *assets_to_json(const struct asset *a, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, asset_to_json(&a[i]));
	return list;
}

static json_t *kube_to_json(const struct plan_kube *k)
{
	json_t *j = json_object(), *labels = json_object(), *taints = json_array();

	jsonx_put_string(j, "flavour", flavour_name(k->flavour));
	jsonx_put_string(j, "version", k->version);
	jsonx_put_string(j, "action", kube_action_name(k->action));
	jsonx_put_string(j, "role", role_name(k->role));
	jsonx_put_string(j, "cluster", k->cluster_name);
	jsonx_put_string(j, "endpoint", k->endpoint);
	put_net(j, "podSubnet", k->pod_subnet);
	put_net(j, "serviceSubnet", k->service_subnet);
	jsonx_put_string(j, "network", k->network);
	jsonx_put_string(j, "networkManifest", k->network_manifest);
	json_object_set_new(j, "controlPlaneTakesWork", json_boolean(k->control_plane_takes_work));
	json_object_set_new(j, "coreDNS", json_boolean(k->core_dns));
	for (size_t i = 0; i < k->n_labels; i++)
		jsonx_put_string(labels, k->labels[i].key, k->labels[i].value);
	json_object_set_new(j, "labels", labels);
	for (size_t i = 0; i < k->n_taints; i++) {
		_cleanup_(freep) char *t = xasprintf("%s=%s", k->taints[i].key, k->taints[i].value);

		json_array_append_new(taints, json_string(t));
	}
	json_object_set_new(j, "taints", taints);
	json_object_set_new(j, "binaries", assets_to_json(k->binaries, k->n_binaries));
	json_object_set_new(j, "archives", assets_to_json(k->archives, k->n_archives));
	return j;
}

json_t *plan_to_json(const struct plan *p)
{
	json_t *doc = json_object(), *j = json_object(), *macs = json_array();
	char text[MAC_TEXT_SIZE];

	plan_ignition_put(doc, p);
	jsonx_put_string(j, "node", p->node);
	for (size_t i = 0; i < p->n_macs; i++)
		json_array_append_new(macs, json_string(mac_format(&p->macs[i], text)));
	json_object_set_new(j, "macs", macs);
	jsonx_put_string(j, "arch", arch_name(p->arch));
	json_object_set_new(j, "reinstall", json_boolean(p->reinstall));
	if (p->in_memory)
		json_object_set_new(j, "inMemory", json_true());
	jsonx_put_string(j, "installation", p->installation);
	jsonx_put_string(j, "url", p->url);
	jsonx_put_string(j, "assetsUrl", p->assets_url);
	jsonx_put_string(j, "ca", p->ca_pem);
	json_object_set_new(j, "resolved", json_boolean(p->resolved));
	json_object_set_new(j, "disks", disks_to_json(p));
	json_object_set_new(j, "pools", pools_to_json(p));
	if (p->rootfs.path)
		json_object_set_new(j, "rootfs", asset_to_json(&p->rootfs));
	json_object_set_new(j, "network", network_to_json(&p->network));
	json_object_set_new(j, "kubernetes", kube_to_json(&p->kube));
	json_object_set_new(doc, "provision", j);
	return doc;
}
