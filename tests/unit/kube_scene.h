/* SPDX-License-Identifier: Apache-2.0 */
/* A node's plan and secrets for the tests of both flavours. */
#ifndef PROVISION_KUBE_SCENE_H
#define PROVISION_KUBE_SCENE_H

#include "kube_secrets.h"
#include "plan.h"

static inline void kube_scene_label(struct label **l, size_t *n, const char *key, const char *value)
{
	struct label *one = ARRAY_APPEND(*l, *n);

	one->key = xstrdup(key);
	one->value = xstrdup(value);
}

static inline struct plan *kube_scene_plan(enum kube_flavour flavour, const char *version,
					   enum kube_action action, enum node_role role)
{
	struct plan *p = plan_new();
	struct err err = ERR_INIT;

	p->node = xstrdup("n1");
	p->kube.flavour = flavour;
	p->kube.version = xstrdup(version);
	p->kube.action = action;
	p->kube.role = role;
	p->kube.cluster_name = xstrdup("home");
	p->kube.endpoint = xstrdup("10.0.0.11:6443");
	p->kube.network = xstrdup("flannel");
	p->kube.control_plane_takes_work = true;
	p->kube.core_dns = true;
	assert_ok(ipv4_net_parse("10.0.0.11/24", &p->network.address, &err), &err);
	assert_ok(ipv4_net_parse("10.244.0.0/16", &p->kube.pod_subnet, &err), &err);
	assert_ok(ipv4_net_parse("10.96.0.0/12", &p->kube.service_subnet, &err), &err);
	kube_scene_label(&p->kube.labels, &p->kube.n_labels, "disk", "fast");
	kube_scene_label(&p->kube.labels, &p->kube.n_labels, "room", "cellar");
	return p;
}

static inline void kube_scene_secrets(struct kube_secrets *s, const char *json)
{
	_cleanup_json_ json_t *j = NULL;
	struct err err = ERR_INIT;

	assert_ok(jsonx_parse(json, strlen(json), "secrets", &j, &err), &err);
	assert_ok(kube_secrets_from_json(j, s, &err), &err);
}

#endif
