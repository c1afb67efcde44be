/* SPDX-License-Identifier: Apache-2.0 */
#include "cluster.h"

static const char *const flavours[FLAVOUR_MAX] = {
	[FLAVOUR_KUBEADM] = "kubeadm",
	[FLAVOUR_K3S] = "k3s",
};

static const char *const dhcp_modes[DHCP_MAX] = {
	[DHCP_PROXY] = "proxy",
	[DHCP_SERVER] = "server",
	[DHCP_OFF] = "off",
};

static const char *const unknown_actions[UNKNOWN_MAX] = {
	[UNKNOWN_DISK] = "disk",
	[UNKNOWN_IGNORE] = "ignore",
};

static const char *name_of(const char *const *names, int max, int i)
{
	if (i < 0 || i >= max)
		BUG("enum out of range");
	return names[i];
}

static int find(const char *const *names, int max, const char *word)
{
	for (int i = 0; i < max; i++)
		if (streq(names[i], word))
			return i;
	return -1;
}

const char *flavour_name(enum kube_flavour f)
{
	return name_of(flavours, FLAVOUR_MAX, f);
}

enum kube_flavour flavour_parse(const char *word)
{
	return (enum kube_flavour)find(flavours, FLAVOUR_MAX, word);
}

struct ipv4_net flavour_pod_subnet(enum kube_flavour f)
{
	return f == FLAVOUR_K3S ? (struct ipv4_net){{0x0a2a0000}, 16}  /* 10.42.0.0 */
				: (struct ipv4_net){{0x0af40000}, 16}; /* 10.244.0.0 */
}

struct ipv4_net flavour_service_subnet(enum kube_flavour f)
{
	return f == FLAVOUR_K3S ? (struct ipv4_net){{0x0a2b0000}, 16}  /* 10.43.0.0 */
				: (struct ipv4_net){{0x0a600000}, 12}; /* 10.96.0.0 */
}

const char *dhcp_mode_name(enum dhcp_mode m)
{
	return name_of(dhcp_modes, DHCP_MAX, m);
}

enum dhcp_mode dhcp_mode_parse(const char *word)
{
	return (enum dhcp_mode)find(dhcp_modes, DHCP_MAX, word);
}

const char *unknown_action_name(enum unknown_action u)
{
	return name_of(unknown_actions, UNKNOWN_MAX, u);
}

enum unknown_action unknown_action_parse(const char *word)
{
	return (enum unknown_action)find(unknown_actions, UNKNOWN_MAX, word);
}

void cluster_release(struct cluster *c)
{
	free(c->name);
	free(c->version);
	free(c->endpoint);
	free(c->kubeconfig);
	free(c->network);
	free(c->domain);
	free(c->image);
	free(c->ranges);
	strv_release(&c->interfaces);
	strv_release(&c->ntp);
	strv_release(&c->ssh_keys);
	*c = (struct cluster){0};
}
