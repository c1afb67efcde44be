/* SPDX-License-Identifier: Apache-2.0 */
/* The k3s flavour: one binary, server or agent by its unit, with everything built in. */
#include "kube.h"

#include <fcntl.h>
#include <string.h>

#include "fsio.h"
#include "k3s_config.h"
#include "node_address.h"
#include "runcmd.h"
#include "target.h"

/* k3s imports what lies there at its start (docs.k3s.io "Air-Gap Install"). */
#define IMAGES "/var/lib/rancher/k3s/agent/images"
/* k3s applies what lies there. */
#define NETWORK "/var/lib/rancher/k3s/server/manifests/provision-network.yaml"
/* The node's own credentials, written when the agent has been let in. */
#define KUBECONFIG "/var/lib/rancher/k3s/agent/kubelet.kubeconfig"

/* An embedded etcd on a slow machine. */
#define START_LIMIT_S 1800

static int install(int root, const char *root_path, const struct plan *plan, struct err *err)
{
	const char *name = k3s_unit_name(plan->kube.role);
	_cleanup_(freep) char *path = xasprintf("/etc/systemd/system/%s", name);
	_cleanup_(freep) char *wants =
		xasprintf("/etc/systemd/system/multi-user.target.wants/%s", name);
	_cleanup_(freep) char *text = k3s_unit(plan->kube.role);

	(void)root_path;
	if (target_write(root, path, text, strlen(text), 0644, TARGET_ROOT, err) < 0)
		return -1;
	return target_link(root, wants, path, TARGET_ROOT, err);
}

static int import(const struct plan *plan, const struct progress *progress, struct err *err)
{
	(void)plan;
	(void)progress;
	(void)err;
	return 0;
}

static int write_text(const char *path, const char *text, size_t len, mode_t mode, struct err *err)
{
	_cleanup_(freep) char *folder = xstrdup(path);

	*strrchr(folder, '/') = '\0';
	if (dir_make(AT_FDCWD, folder, 0755, err) < 0)
		return -1;
	return file_write(AT_FDCWD, path, text, len, mode, err);
}

/* The unit starts only when config.yaml is there, so that is written last. */
static int write_files(const struct plan *plan, const struct kube_secrets *s, struct err *err)
{
	_cleanup_(freep) char *config = k3s_config(plan, s, node_address(plan));
	const char *manifest = plan->kube.network_manifest;

	/* the authorities that our keeper has, so that joining nodes can tell this server */
	for (size_t i = 0; i < s->n_files; i++) {
		const struct kube_secret_file *f = &s->files[i];

		if (write_text(f->path, secret_reveal(&f->contents), secret_length(&f->contents),
			       f->mode, err) < 0)
			return -1;
	}
	if (s->init && manifest && write_text(NETWORK, manifest, strlen(manifest), 0644, err) < 0)
		return -1;
	if (write_text(K3S_TOKEN, secret_reveal(&s->token), secret_length(&s->token), 0600, err) <
	    0)
		return -1;
	return write_text(K3S_CONFIG, config, strlen(config), 0600, err);
}

static int join(const struct plan *plan, const struct kube_secrets *secrets,
		const struct progress *progress, struct err *err)
{
	const char *unit = k3s_unit_name(plan->kube.role);
	const char *const argv[] = {"systemctl", "restart", unit, NULL};
	struct runcmd cmd = {.argv = argv, .timeout_s = START_LIMIT_S};

	if (write_files(plan, secrets, err) < 0)
		return -1;
	progress_tell(progress, 1, 2, unit);
	if (runcmd(&cmd, NULL, err) < 0)
		return err_wrap(err, "%s does not start (journalctl -u %s)", unit, unit);
	return 0;
}

static const char *const kubectl[] = {"/usr/local/bin/k3s", "kubectl", "--kubeconfig", KUBECONFIG,
				      NULL};

const struct kube kube_k3s = {
	.flavour = FLAVOUR_K3S,
	.binaries = "/usr/local/bin",
	.images = IMAGES,
	.install = install,
	.import = import,
	.join = join,
	.kubectl = kubectl,
};
