/* SPDX-License-Identifier: Apache-2.0 */
#include "kube.h"

#include <string.h>

static const struct kube *const flavours[FLAVOUR_MAX] = {
	[FLAVOUR_KUBEADM] = &kube_kubeadm,
	[FLAVOUR_K3S] = &kube_k3s,
};

const struct kube *kube_find(enum kube_flavour flavour)
{
	if ((unsigned int)flavour >= FLAVOUR_MAX)
		BUG("flavour out of range");
	return flavours[flavour];
}

char *kube_asset_file(const char *folder, const struct asset *a)
{
	const char *slash = strrchr(a->path, '/');

	return xasprintf("%s/%s", folder, slash ? slash + 1 : a->path);
}

static enum kube_secrets_kind wanted(const struct plan_kube *k)
{
	if (k->flavour == FLAVOUR_K3S)
		return k->role == ROLE_WORKER ? SECRETS_K3S_AGENT : SECRETS_K3S_SERVER;
	return k->action == KUBE_INIT ? SECRETS_KUBEADM_INIT : SECRETS_KUBEADM_JOIN;
}

int kube_secrets_fit(const struct plan *plan, const struct kube_secrets *s, struct err *err)
{
	const struct plan_kube *k = &plan->kube;
	bool init = s->kind == SECRETS_KUBEADM_INIT || (s->kind == SECRETS_K3S_SERVER && s->init);

	if (s->kind != wanted(k) || init != (k->action == KUBE_INIT))
		return err_set(err, ERR_PROTOCOL,
			       "the secrets are for another way to join than the plan's");
	if (k->flavour == FLAVOUR_KUBEADM && k->role == ROLE_CONTROL_PLANE && s->n_files == 0)
		return err_set(err, ERR_PROTOCOL,
			       "the cluster's keys did not come, which a control plane needs");
	return 0;
}
