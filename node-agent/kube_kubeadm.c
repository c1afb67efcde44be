/* SPDX-License-Identifier: Apache-2.0 */
/* The kubeadm flavour: kubelet and containerd as units, kubeadm to join. */
#include "kube.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fs_table.h"
#include "fsio.h"
#include "kubeadm_config.h"
#include "node_address.h"
#include "runcmd.h"

#define IMAGES AGENT_DIR "/images"
#define CONFIG KUBE_RUN_DIR "/kubeadm.yaml"
#define ETCD   "/var/lib/etcd"

/* A pull of a gigabyte over a slow line, or a start on a slow machine. */
#define JOIN_LIMIT_S  3600
#define RESET_LIMIT_S 600
#define OTHER_LIMIT_S 600

static int run(const char *const *argv, unsigned int limit_s, struct err *err)
{
	struct runcmd cmd = {.argv = argv, .timeout_s = limit_s};

	return runcmd(&cmd, NULL, err);
}

/* Everything that the system needs stands in the templates. */
static int install(int root, const char *root_path, const struct plan *plan, struct err *err)
{
	(void)root;
	(void)root_path;
	(void)plan;
	(void)err;
	return 0;
}

static int import_one(const char *file, struct err *err)
{
	const char *const argv[] = {"ctr", "-n", "k8s.io", "images", "import", file, NULL};

	if (access(file, F_OK) < 0)
		return 0; /* imported before */
	if (run(argv, OTHER_LIMIT_S, err) < 0)
		return err_wrap(err, "%s", file);
	/* containerd does not sync what it unpacks, and there is no second copy of it */
	sync();
	if (unlink(file) < 0)
		return err_errno(err, ERR_IO, errno, "cannot remove %s", file);
	return 0;
}

static int import(const struct plan *plan, const struct progress *progress, struct err *err)
{
	static const char *const start[] = {"systemctl", "start", "containerd.service", NULL};
	const struct plan_kube *k = &plan->kube;

	if (run(start, OTHER_LIMIT_S, err) < 0)
		return -1;
	for (size_t i = 0; i < k->n_archives; i++) {
		_cleanup_(freep) char *file = kube_asset_file(IMAGES, &k->archives[i]);

		progress_tell(progress, i, k->n_archives, "container images");
		if (import_one(file, err) < 0)
			return -1;
	}
	return 0;
}

/* An adopted pool's mount on which the cluster's state lies, or NULL. */
static const struct fs_mount *kept_etcd(const struct fs_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		size_t len = strlen(t->m[i].path);

		if (t->m[i].pool && t->m[i].pool->adopt && startswith(ETCD, t->m[i].path) &&
		    (!ETCD[len] || ETCD[len] == '/'))
			return &t->m[i];
	}
	return NULL;
}

/* `kubeadm reset` empties the folder, and that pool is not ours to empty. */
static int check_etcd(const struct plan *plan, struct err *err)
{
	_cleanup_(fs_table_release) struct fs_table table = {0};
	const struct fs_mount *kept;

	if (access(ETCD "/member", F_OK) < 0 || access(KUBE_OWN_ETCD, F_OK) == 0)
		return 0;
	if (fs_table_build(plan, &table, err) < 0)
		return -1;
	kept = kept_etcd(&table);
	return kept ? err_set(err, ERR_REFUSED,
			      ETCD
			      "/member is on the pool %s, which this installation keeps, and is "
			      "of an earlier cluster; move it away",
			      kept->pool->spec.name)
		    : 0;
}

static int start_over(const struct plan *plan, struct err *err)
{
	static const char *const traces[] = {
		"/etc/kubernetes/bootstrap-kubelet.conf",
		"/etc/kubernetes/kubelet.conf",
		"/etc/kubernetes/admin.conf",
		"/etc/kubernetes/pki/ca.crt",
		"/var/lib/kubelet/config.yaml",
		ETCD "/member",
	};
	static const char *const reset[] = {"kubeadm",          "reset", "--force", "--cri-socket",
					    KUBEADM_CRI_SOCKET, NULL};
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(traces); i++)
		any = any || access(traces[i], F_OK) == 0;
	if (!any)
		return 0;
	if (check_etcd(plan, err) < 0)
		return -1;
	return run(reset, RESET_LIMIT_S, err);
}

static int write_keys(const struct kube_secrets *s, struct err *err)
{
	for (size_t i = 0; i < s->n_files; i++) {
		const struct kube_secret_file *f = &s->files[i];
		_cleanup_(freep) char *folder = xstrdup(f->path);

		*strrchr(folder, '/') = '\0';
		if (dir_make(AT_FDCWD, folder, 0755, err) < 0 ||
		    file_write(AT_FDCWD, f->path, secret_reveal(&f->contents),
			       secret_length(&f->contents), f->mode, err) < 0)
			return -1;
	}
	return 0;
}

static int write_config(const struct plan *plan, const struct kube_secrets *s, struct err *err)
{
	_cleanup_(secret_release) struct secret text = SECRET_INIT;

	if (kubeadm_config(plan, s, node_address(plan), &text, err) < 0 ||
	    dir_make(AT_FDCWD, KUBE_RUN_DIR, 0700, err) < 0)
		return -1;
	return file_write(AT_FDCWD, CONFIG, secret_reveal(&text), secret_length(&text), 0600, err);
}

/* kubeadm tells its steps as "[name] text"; only the name is passed on, for a text may hold a
 * token. There are about 12 steps of a join and 40 of an init. */
struct steps {
	const struct progress *progress;
	uint64_t seen;
	uint64_t total;
};

static void on_step(const char *line, void *arg)
{
	struct steps *s = arg;
	size_t len = strcspn(line, "]");

	if (line[0] != '[' || line[len] != ']')
		return;
	_cleanup_(freep) char *name = xstrndup(line + 1, len - 1);

	if (s->seen + 1 < s->total)
		s->seen++;
	progress_tell(s->progress, s->seen, s->total, name);
}

static int run_kubeadm(const struct plan *plan, const struct progress *progress, struct err *err)
{
	static const char *const join[] = {"kubeadm", "join", "--config", CONFIG, NULL};
	const char *init[] = {"kubeadm", "init", "--config", CONFIG, "--skip-token-print",
			      NULL,      NULL,   NULL};
	bool is_init = plan->kube.action == KUBE_INIT;
	struct steps steps = {progress, 0, is_init ? 40 : 12};
	struct runcmd cmd = {.argv = is_init ? init : join,
			     .timeout_s = JOIN_LIMIT_S,
			     .on_line = on_step,
			     .arg = &steps};

	if (!plan->kube.core_dns) {
		init[5] = "--skip-phases=addon/coredns";
		/* The list of what is pulled has coredns all the same. */
		init[6] = "--ignore-preflight-errors=ImagePull";
	}
	return runcmd(&cmd, NULL, err);
}

static int apply_network(const struct plan *plan, struct err *err)
{
	static const char *const argv[] = {
		"kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", "apply", "-f", "-", NULL};
	const char *manifest = plan->kube.network_manifest;
	struct runcmd cmd = {.argv = argv, .input = manifest, .timeout_s = OTHER_LIMIT_S};

	if (!manifest)
		return 0;
	cmd.input_len = strlen(manifest);
	if (runcmd(&cmd, NULL, err) < 0)
		return err_wrap(err, "the pod network");
	return 0;
}

static int become_member(const struct plan *plan, const struct kube_secrets *secrets,
			 const struct progress *progress, struct err *err)
{
	int r;

	if (start_over(plan, err) < 0 || write_keys(secrets, err) < 0 ||
	    write_config(plan, secrets, err) < 0 ||
	    file_write(AT_FDCWD, KUBE_OWN_ETCD, "", 0, 0600, err) < 0)
		return -1;
	r = run_kubeadm(plan, progress, err);
	unlink(CONFIG);
	return r;
}

static int make_cluster(const struct plan *plan, const struct kube_secrets *secrets,
			const struct progress *progress, struct err *err)
{
	if (access(KUBE_MADE, F_OK) < 0) {
		if (become_member(plan, secrets, progress, err) < 0)
			return -1;
		sync(); /* etcd's data and all keys reach the disk before the mark */
		if (file_write(AT_FDCWD, KUBE_MADE, "", 0, 0600, err) < 0)
			return -1;
	}
	return apply_network(plan, err);
}

static int join(const struct plan *plan, const struct kube_secrets *secrets,
		const struct progress *progress, struct err *err)
{
	return plan->kube.action == KUBE_INIT ? make_cluster(plan, secrets, progress, err)
					      : become_member(plan, secrets, progress, err);
}

static const char *const kubectl[] = {"kubectl", "--kubeconfig", "/etc/kubernetes/kubelet.conf",
				      NULL};

const struct kube kube_kubeadm = {
	.flavour = FLAVOUR_KUBEADM,
	.binaries = "/usr/bin",
	.images = IMAGES,
	.install = install,
	.import = import,
	.join = join,
	.kubectl = kubectl,
};
