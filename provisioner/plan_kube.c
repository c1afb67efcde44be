/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_kube.h"

#include "assets_release.h"

#include <string.h>

const char *kube_pause_image(const char *version)
{
	/* PauseVersion and the default registry in cmd/kubeadm/app/constants, by minor release */
	static const struct {
		unsigned long minor;
		const char *image;
	} table[] = {
		{34, "registry.k8s.io/pause:3.10.1"}, {31, "registry.k8s.io/pause:3.10"},
		{26, "registry.k8s.io/pause:3.9"},    {25, "registry.k8s.io/pause:3.8"},
		{24, "k8s.gcr.io/pause:3.7"},         {23, "k8s.gcr.io/pause:3.6"},
		{22, "k8s.gcr.io/pause:3.5"},         {21, "k8s.gcr.io/pause:3.4.1"},
		{0, "k8s.gcr.io/pause:3.2"},
	};
	const char *dot = strchr(version, '.');
	unsigned long minor = dot ? strtoul(dot + 1, NULL, 10) : 0;
	size_t i = 0;

	while (minor < table[i].minor)
		i++;
	return table[i].image;
}

const char *asset_path_network(const struct cluster *c)
{
	if (c->flavour == FLAVOUR_K3S || !streq(c->network, "flannel"))
		return NULL; /* k3s has flannel built in */
	return ASSET_FLANNEL;
}

/*
 * Importing the archives of a control plane would keep a worker busy for minutes; told by the
 * names that upstream's images have.
 */
static bool only_control_plane(const char *archive)
{
	static const char *const names[] = {"kube-apiserver", "kube-controller-manager",
					    "kube-scheduler", "etcd", NULL};

	for (const char *const *name = names; *name; name++)
		if (startswith(archive, *name))
			return true;
	return false;
}

static void add_archives(const struct manifest *m, const char *folder, struct plan_kube *k)
{
	for (size_t i = 0; i < m->n; i++) {
		const char *path = m->assets[i].path;

		if (startswith(path, folder) &&
		    (k->role == ROLE_CONTROL_PLANE || !only_control_plane(path + strlen(folder))))
			asset_copy(ARRAY_APPEND(k->archives, k->n_archives), &m->assets[i]);
	}
}

/* Copies every asset whose path begins with prefix. */
static void add_assets(const struct manifest *m, const char *prefix, struct asset **a, size_t *n)
{
	for (size_t i = 0; i < m->n; i++)
		if (startswith(m->assets[i].path, prefix))
			asset_copy(ARRAY_APPEND(*a, *n), &m->assets[i]);
}

static int need_binaries(const struct node *n, const struct cluster *c, const struct manifest *m,
			 const char *folder, struct err *err)
{
	static const char *const kubeadm[] = {"kubeadm", "kubelet", "kubectl", NULL};
	static const char *const k3s[] = {"k3s", NULL};
	bool is_k3s = c->flavour == FLAVOUR_K3S;

	for (const char *const *name = is_k3s ? k3s : kubeadm; *name; name++) {
		_cleanup_(freep) char *path = xasprintf("%s/bin/%s", folder, *name);

		if (!manifest_find(m, path))
			return err_set(
				err, ERR_REFUSED,
				"node %s: the asset store has no %s (provision assets add %s "
				"--version %s --arch %s)",
				n->name, path, is_k3s ? "k3s" : "kubernetes", c->version,
				arch_name(n->arch));
	}
	return 0;
}

static enum kube_action choose_action(const struct node *n, const struct cluster *c,
				      const struct plan_inputs *in)
{
	if (n->role == ROLE_CONTROL_PLANE && !c->kubeconfig && !in->facts.initialised &&
	    in->facts.first_control_plane)
		return KUBE_INIT;
	return KUBE_JOIN;
}

static void copy_labels(struct label **to, size_t *n_to, const struct label *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*ARRAY_APPEND(*to, *n_to) =
			(struct label){xstrdup(from[i].key), xstrdup(from[i].value)};
}

/* The manifest that kubeadm's pod network needs at init; a file of the operator's goes with k3s
 * too. */
static int set_network(const struct node *n, const struct cluster *c, const struct plan_inputs *in,
		       struct plan_kube *k, struct err *err)
{
	const char *asset = asset_path_network(c);
	char subnet[IPV4_NET_TEXT_SIZE];

	k->network = xstrdup(c->network);
	if (k->action != KUBE_INIT)
		return 0;
	if (asset && !in->network_manifest)
		return err_set(
			err, ERR_REFUSED,
			"node %s: the asset store has no %s (provision assets add %s; or "
			"save the manifest beside cluster.yaml and write network: FILE.yaml)",
			n->name, asset, c->network);
	if (asset && !strstr(in->network_manifest, ipv4_net_format(c->pod_subnet, subnet)))
		return err_set(err, ERR_CONFIG,
			       "node %s: %s is not for the podSubnet %s: give the pods the range "
			       "that it names, or change it and add it again (provision assets add "
			       "flannel FILE)",
			       n->name, asset, subnet);
	k->network_manifest = xstrdup(in->network_manifest);
	return 0;
}

int plan_kube_check(const struct node *n, const struct cluster *c, struct err *err)
{
	if (c->endpoint)
		return 0;
	return err_set(err, ERR_CONFIG,
		       "node %s: the cluster has no control plane to join: add one (provision "
		       "add-node MAC --role control-plane --address A.B.C.D/24), or name "
		       "controlPlaneEndpoint and kubeconfig in %s",
		       n->name, c->place.file ? c->place.file : "cluster.yaml");
}

int plan_kube_build(const struct node *n, const struct cluster *c, const struct manifest *m,
		    const struct plan_inputs *in, struct plan_kube *k, struct err *err)
{
	_cleanup_(freep) char *folder = release_folder(c->flavour, c->version, n->arch);
	_cleanup_(freep) char *binaries = xasprintf("%s/bin/", folder);
	_cleanup_(freep) char *images = xasprintf("%s/images/", folder);

	if (need_binaries(n, c, m, folder, err) < 0)
		return -1;
	k->flavour = c->flavour;
	k->version = xstrdup(c->version);
	k->action = choose_action(n, c, in);
	k->role = n->role;
	k->cluster_name = xstrdup(c->name);
	k->endpoint = xstrdup(c->endpoint);
	k->pod_subnet = c->pod_subnet;
	k->service_subnet = c->service_subnet;
	k->core_dns = c->core_dns;
	k->control_plane_takes_work = c->control_plane_takes_work;
	copy_labels(&k->labels, &k->n_labels, n->labels, n->n_labels);
	copy_labels(&k->taints, &k->n_taints, n->taints, n->n_taints);
	add_assets(m, binaries, &k->binaries, &k->n_binaries);
	add_archives(m, images, k);
	return set_network(n, c, in, k, err);
}
