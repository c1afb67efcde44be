/* SPDX-License-Identifier: Apache-2.0 */
#include "k3s_config.h"

#include <string.h>

#include "buf.h"
#include "limits.h"

/* Double-quoted YAML takes what JSON's strings are. */
static void put(struct buf *b, const char *start, const char *value)
{
	_cleanup_json_ json_t *j = json_string(value);
	_cleanup_(freep) char *text = j ? json_dumps(j, JSON_ENCODE_ANY) : xstrdup("\"\"");

	buf_addf(b, "%s%s\n", start, text);
}

static void put_net(struct buf *b, const char *start, struct ipv4_net net)
{
	char text[IPV4_NET_TEXT_SIZE];

	if (net.ip.a)
		put(b, start, ipv4_net_format(net, text));
}

static void put_node(struct buf *b, const struct plan *plan, struct ipv4 node_ip)
{
	const struct plan_kube *k = &plan->kube;
	bool reserved = k->role == ROLE_CONTROL_PLANE && !k->control_plane_takes_work;
	char text[IPV4_TEXT_SIZE];

	put(b, "node-name: ", plan->node);
	if (node_ip.a)
		put(b, "node-ip: ", ipv4_format(node_ip, text));
	if (k->n_labels > 0)
		buf_adds(b, "node-label:\n");
	for (size_t i = 0; i < k->n_labels; i++) {
		_cleanup_(freep) char *label =
			xasprintf("%s=%s", k->labels[i].key, k->labels[i].value);

		put(b, "  - ", label);
	}
	if (k->n_taints > 0 || reserved)
		buf_adds(b, "node-taint:\n");
	if (reserved)
		put(b, "  - ", "node-role.kubernetes.io/control-plane=true:NoSchedule");
	for (size_t i = 0; i < k->n_taints; i++) {
		const struct label *t = &k->taints[i];
		_cleanup_(freep) char *taint = xasprintf("%s=%s", t->key, t->value);

		put(b, "  - ", taint);
	}
}

/* Without its port. */
static char *host_of(const char *endpoint)
{
	const char *colon = strrchr(endpoint, ':');

	return colon ? xstrndup(endpoint, (size_t)(colon - endpoint)) : xstrdup(endpoint);
}

static void put_server(struct buf *b, const struct plan *plan)
{
	const struct plan_kube *k = &plan->kube;

	if (k->endpoint) {
		_cleanup_(freep) char *host = host_of(k->endpoint);

		buf_adds(b, "tls-san:\n");
		put(b, "  - ", host);
	}
	put_net(b, "cluster-cidr: ", k->pod_subnet);
	put_net(b, "service-cidr: ", k->service_subnet);
	/* flannel is built in; any other network brings its own plugin. */
	if (k->network && !streq(k->network, "flannel"))
		buf_adds(b, "flannel-backend: \"none\"\ndisable-network-policy: true\n");
	if (!k->core_dns)
		buf_adds(b, "disable:\n  - \"coredns\"\n");
}

char *k3s_config(const struct plan *plan, const struct kube_secrets *s, struct ipv4 node_ip)
{
	struct buf b;

	buf_init(&b, LIMIT_PLAN_BYTES);
	put(&b, "token-file: ", K3S_TOKEN);
	if (s->init)
		buf_adds(&b, "cluster-init: true\n");
	else if (s->endpoint)
		put(&b, "server: ", s->endpoint);
	put_node(&b, plan, node_ip);
	if (plan->kube.role == ROLE_CONTROL_PLANE)
		put_server(&b, plan);
	return buf_take(&b);
}

const char *k3s_unit_name(enum node_role role)
{
	return role == ROLE_WORKER ? "k3s-agent.service" : "k3s.service";
}

char *k3s_unit(enum node_role role)
{
	return xasprintf("[Unit]\n"
			 "Description=Lightweight Kubernetes\n"
			 "Documentation=https://k3s.io\n"
			 "Wants=network-online.target\n"
			 "After=network-online.target\n"
			 "ConditionPathExists=" K3S_CONFIG "\n"
			 "\n"
			 "[Service]\n"
			 "Type=notify\n"
			 "EnvironmentFile=-/etc/default/%%N\n"
			 "KillMode=process\n"
			 "Delegate=yes\n"
			 "LimitNOFILE=1048576\n"
			 "LimitNPROC=infinity\n"
			 "LimitCORE=infinity\n"
			 "TasksMax=infinity\n"
			 "TimeoutStartSec=0\n"
			 "Restart=always\n"
			 "RestartSec=5s\n"
			 "ExecStartPre=-/sbin/modprobe br_netfilter\n"
			 "ExecStartPre=-/sbin/modprobe overlay\n"
			 "ExecStart=/usr/local/bin/k3s %s\n"
			 "\n"
			 "[Install]\n"
			 "WantedBy=multi-user.target\n",
			 role == ROLE_WORKER ? "agent" : "server");
}
