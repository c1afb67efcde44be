/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_values.h"

#include "plan_kube.h"

static void put(json_t *j, const char *key, const char *text)
{
	jsonx_put_string(j, key, text ? text : "");
}

static void put_ip(json_t *j, const char *key, struct ipv4 ip)
{
	char text[IPV4_TEXT_SIZE];

	put(j, key, ip.a ? ipv4_format(ip, text) : "");
}

static void put_net(json_t *j, const char *key, struct ipv4_net net)
{
	char text[IPV4_NET_TEXT_SIZE];

	put(j, key, net.ip.a ? ipv4_net_format(net, text) : "");
}

static json_t *list_of(const struct strv *a, const struct strv *b)
{
	json_t *list = json_array();

	for (size_t i = 0; i < a->n; i++)
		json_array_append_new(list, json_string(a->v[i]));
	for (size_t i = 0; b && i < b->n; i++)
		if (!strv_has(a, b->v[i]))
			json_array_append_new(list, json_string(b->v[i]));
	return list;
}

static json_t *node_values(const struct node *n)
{
	json_t *j = json_object(), *labels = json_object();
	char mac[MAC_TEXT_SIZE];

	put(j, "name", n->name);
	put(j, "mac", n->n_macs ? mac_format(&n->macs[0], mac) : "");
	put(j, "uuid", n->uuid);
	put(j, "serial", n->serial);
	put(j, "role", role_name(n->role));
	put(j, "arch", arch_name(n->arch));
	put_ip(j, "address", n->address.ip);
	put_net(j, "addressWithPrefix", n->address);
	for (size_t i = 0; i < n->n_labels; i++)
		put(labels, n->labels[i].key, n->labels[i].value);
	json_object_set_new(j, "labels", labels);
	return j;
}

static json_t *metadata_values(const struct node *n)
{
	json_t *j = json_object();

	for (size_t i = 0; i < n->n_metadata; i++)
		put(j, n->metadata[i].key, n->metadata[i].value);
	return j;
}

static json_t *cluster_values(const struct cluster *c)
{
	json_t *j = json_object();

	put(j, "name", c->name);
	put(j, "flavour", flavour_name(c->flavour));
	put(j, "version", c->version);
	put(j, "endpoint", c->endpoint);
	put(j, "network", c->network);
	return j;
}

static json_t *lan_values(const struct cluster *c)
{
	json_t *j = json_object(), *dns = json_array();
	char text[IPV4_TEXT_SIZE];

	put_net(j, "subnet", c->subnet);
	put_ip(j, "router", c->router);
	for (size_t i = 0; i < c->n_dns; i++)
		json_array_append_new(dns, json_string(ipv4_format(c->dns[i], text)));
	json_object_set_new(j, "dns", dns);
	put(j, "domain", c->domain);
	json_object_set_new(j, "ntp", list_of(&c->ntp, NULL));
	return j;
}

json_t *plan_values(const struct node *n, const struct cluster *c, const struct plan_inputs *in)
{
	json_t *j = json_object(), *provisioner = json_object();

	json_object_set_new(j, "node", node_values(n));
	json_object_set_new(j, "metadata", metadata_values(n));
	json_object_set_new(j, "cluster", cluster_values(c));
	json_object_set_new(j, "lan", lan_values(c));
	put(provisioner, "url", in->url);
	put(provisioner, "assetsUrl", in->assets_url);
	json_object_set_new(j, "provisioner", provisioner);
	put(j, "hostname", n->name);
	put(j, "version", c->version);
	put(j, "pauseImage", kube_pause_image(c->version));
	put_net(j, "podSubnet", c->pod_subnet);
	put_net(j, "serviceSubnet", c->service_subnet);
	json_object_set_new(j, "sshKeys", list_of(&c->ssh_keys, &n->ssh_keys));
	return j;
}
