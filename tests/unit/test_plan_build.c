/* SPDX-License-Identifier: Apache-2.0 */
/* Records to plans: golden files in tests/data/plan/CASE (GOLDEN=write makes them anew), every
 * refusal, and the shipped templates. */
#include "unit.h"

#include <fcntl.h>

#include "fsio.h"
#include "inventory.h"
#include "limits.h"
#include "plan_build.h"
#include "plan_resolve.h"
#include "render/render_ignition.h"
#include "render/render_plan.h"

static char *data_path(const char *name)
{
	const char *srcdir = getenv("srcdir");

	return xasprintf("%s/%s", srcdir ? srcdir : ".", name);
}

/* The file's text, or NULL when it is absent. */
static char *read_data(const char *path)
{
	struct err err = ERR_INIT;
	char *text = NULL;
	size_t len = 0;

	if (file_read(AT_FDCWD, path, LIMIT_PLAN_BYTES, &text, &len, &err) < 0)
		err_release(&err);
	return text;
}

static void assert_golden(const char *folder, const char *name, const char *text)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", folder, name);
	_cleanup_(freep) char *wanted = NULL;
	struct err err = ERR_INIT;

	if (getenv("GOLDEN"))
		assert_ok(file_write(AT_FDCWD, path, text, strlen(text), 0644, &err), &err);
	wanted = read_data(path);
	assert_non_null(wanted);
	assert_string_equal(text, wanted);
}

static void add_asset(struct manifest *m, const char *path)
{
	struct asset *a = ARRAY_APPEND(m->assets, m->n);

	*a = (struct asset){.path = xstrdup(path),
			    .size = 3,
			    .digest = sha256_of(path, strlen(path)),
			    .n_chunks = 1};
	a->chunks = xmemdup(&a->digest, sizeof(a->digest));
}

/* Everything that the cases want, in the order of the paths. */
static struct manifest full_store(void)
{
	static const char *const paths[] = {
		"boot/ignition-lab-amd64/initrd",
		"boot/ignition-lab-amd64/rootfs.img",
		"boot/ignition-lab-amd64/vmlinuz",
		"images/debian-12-arm64.tar.zst",
		"images/debian-13-amd64.tar.zst",
		"kube/k3s/1.34.2+k3s1/amd64/bin/k3s",
		"kube/k3s/1.34.2+k3s1/arm64/bin/k3s",
		"kube/k3s/1.34.2+k3s1/arm64/images/airgap.tar.zst",
		"kube/kubeadm/1.20.2/amd64/bin/kubeadm",
		"kube/kubeadm/1.20.2/amd64/bin/kubectl",
		"kube/kubeadm/1.20.2/amd64/bin/kubelet",
		"kube/kubeadm/1.20.2/amd64/images/etcd-3.4.13-0.tar",
		"kube/kubeadm/1.20.2/amd64/images/kube-apiserver-v1.20.2.tar",
		"kube/kubeadm/1.20.2/amd64/images/kube-proxy-v1.20.2.tar",
		"kube/kubeadm/1.20.2/amd64/images/pause.tar",
		"kube/kubeadm/1.34.2/amd64/bin/kubeadm",
		"kube/kubeadm/1.34.2/amd64/bin/kubectl",
		"kube/kubeadm/1.34.2/amd64/bin/kubelet",
	};
	struct manifest m = {0};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		add_asset(&m, paths[i]);
	return m;
}

static struct inventory *read_texts(const char *cluster, const char *node)
{
	const struct inventory_text c = {"cluster.yaml", cluster, strlen(cluster)};
	const struct inventory_text n = {"nodes/web1.yaml", node, strlen(node)};
	struct problems ps = {0};
	struct inventory *inv = NULL;

	if (inventory_parse(&c, &n, 1, &inv, &ps) < 0)
		fail_msg("%s:%u: %s", ps.p[0].file, ps.p[0].line, ps.p[0].text);
	return inv;
}

static struct templates *load_templates(const char *folder)
{
	_cleanup_(freep) char *path = data_path(folder);
	struct templates *t = NULL;
	struct problems ps = {0};

	/* the folder that the operator's own templates would be in is absent */
	if (templates_load(path, "/nonexistent", &t, &ps) < 0)
		fail_msg("%s: %s", ps.p[0].file, ps.p[0].text);
	return t;
}

static struct templates *small_templates(void)
{
	static const char *const files[] = {"base.yaml", "kubernetes-node.yaml", "k3s-node.yaml",
					    "role-control-plane.yaml", "network-bridge.yaml"};
	struct templates *t = templates_new();
	struct problems ps = {0};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_(freep) char *name = xasprintf("tests/data/plan/templates/%s", files[i]);
		_cleanup_(freep) char *path = data_path(name);
		_cleanup_(freep) char *text = read_data(path);

		assert_non_null(text);
		if (templates_add(t, name, text, strlen(text), &ps) < 0)
			fail_msg("%s: %s", ps.p[0].file, ps.p[0].text);
	}
	return t;
}

static int build(const struct inventory *inv, const struct manifest *m, const struct templates *t,
		 struct plan **ret, struct err *err)
{
	const struct plan_inputs in = {
		.url = "https://10.0.0.1:8443",
		.assets_url = "http://10.0.0.1:8080/assets",
		.ca_pem = "-----BEGIN CERTIFICATE-----\n",
		.facts.first_control_plane = true,
		.templates = t,
		.network_manifest = "Network: 10.244.0.0/16\n",
	};

	return plan_build(&inv->nodes[0], &inv->cluster, m, &in, ret, err);
}

static void resolve(struct plan *p, const char *disks, const char *consents)
{
	static const struct plan_history none;
	struct disk_list l = {0};
	struct strv words = {0};
	struct err err = ERR_INIT;
	json_t *j = NULL;

	if (consents)
		strv_take(&words, xstrndup(consents, strcspn(consents, "\n")));
	assert_ok(jsonx_parse(disks, strlen(disks), "disks.json", &j, &err), &err);
	assert_ok(disk_list_from_json(j, "$", &l, &err), &err);
	assert_ok(plan_resolve(p, &l, &none, &words, &err), &err);
	json_decref(j);
	disk_list_release(&l);
	strv_release(&words);
}

static void one_case(const char *name)
{
	_cleanup_(freep) char *below = xasprintf("tests/data/plan/%s", name);
	_cleanup_(freep) char *folder = data_path(below);
	_cleanup_(freep) char *paths[] = {
		xasprintf("%s/cluster.yaml", folder), xasprintf("%s/node.yaml", folder),
		xasprintf("%s/disks.json", folder), xasprintf("%s/consents", folder)};
	char *texts[4];
	struct manifest m = full_store();
	struct templates *t = small_templates();
	struct err err = ERR_INIT;
	struct plan *p = NULL;
	struct inventory *inv;
	json_t *j;
	char *text;

	for (size_t i = 0; i < 4; i++)
		texts[i] = read_data(paths[i]);
	inv = read_texts(texts[0], texts[1]);
	assert_ok(build(inv, &m, t, &p, &err), &err);
	if (texts[2])
		resolve(p, texts[2], texts[3]);
	text = render_plan(p);
	assert_golden(folder, "expected.txt", text);
	free(text);
	j = plan_to_json(p);
	text = jsonx_pretty(j);
	assert_golden(folder, "expected.json", text);
	free(text);
	json_decref(j);
	j = render_ignition(p);
	text = jsonx_pretty(j);
	assert_golden(folder, "expected.ign", text);
	free(text);
	json_decref(j);
	plan_free(p);
	inventory_free(inv);
	templates_free(t);
	manifest_release(&m);
	for (size_t i = 0; i < 4; i++) {
		free(texts[i]);
		free(paths[i]);
		paths[i] = NULL;
	}
}

static void makes_the_golden_plans(void **state)
{
	(void)state;
	one_case("worker");
	one_case("first-control-plane");
	one_case("k3s");
}

#define KEY                                                                                        \
	"sshKeys: [\"ssh-ed25519 "                                                                 \
	"AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me\"]\n"
#define THERE "cluster: {controlPlaneEndpoint: \"a:1\", kubeconfig: k}\n"
#define NODE  "mac: 52:54:00:00:00:01\n"

static void refuses_with_the_command(void **state)
{
	static const struct {
		const char *cluster, *node;
		enum err_kind kind;
		const char *why;
	} rows[] = {
		{KEY, NODE, ERR_CONFIG, "node web1: the cluster has no control plane to join"},
		{KEY, NODE "image: flatcar-1\nrole: control-plane\naddress: 10.0.0.5/24\n",
		 ERR_CONFIG, "flatcar-1 runs in memory, and what a control plane knows"},
		{THERE KEY, NODE "image: fcos-1\nstorage: {system: {disks: [{serial: A}]}}\n",
		 ERR_CONFIG, "storage.system: fcos-1 runs in memory and has no disk"},
		{THERE KEY,
		 NODE "image: fcos-1\nstorage: {pools: [{name: a, disks: [{byId: ata-1}]}]}\n",
		 ERR_CONFIG, "pool a: byId: a machine in memory does not tell it"},
		{"cluster: {controlPlaneEndpoint: \"a:1\", kubeconfig: k}\nimage: debian-12\n" KEY,
		 NODE, ERR_REFUSED,
		 "no images/debian-12-amd64.tar.zst (provision assets build --suite 12 --arch "
		 "amd64)"},
		{"cluster: {controlPlaneEndpoint: \"a:1\", kubeconfig: k}\nimage: debian-11\n" KEY,
		 NODE, ERR_CONFIG,
		 "image: nothing makes \"debian-11\", and the asset store has no "
		 "images/debian-11-amd64.tar.zst; write debian-13 or debian-12 in cluster.yaml"},
		{"cluster: {controlPlaneEndpoint: \"a:1\", kubeconfig: k, version: 1.33.0}\n" KEY,
		 NODE, ERR_REFUSED,
		 "no kube/kubeadm/1.33.0/amd64/bin/kubeadm (provision assets add kubernetes "
		 "--version "
		 "1.33.0 --arch amd64)"},
		{"cluster: {controlPlaneEndpoint: \"a:1\", kubeconfig: k, flavour: k3s, version: "
		 "1.33.0+k3s1}\n" KEY,
		 NODE, ERR_REFUSED,
		 "(provision assets add k3s --version 1.33.0+k3s1 --arch amd64)"},
	};
	struct manifest m = full_store();
	struct templates *t = small_templates();
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct inventory *inv = read_texts(rows[i].cluster, rows[i].node);
		struct plan *p = NULL;

		assert_fails(build(inv, &m, t, &p, &err), &err, rows[i].kind, rows[i].why);
		inventory_free(inv);
	}
	templates_free(t);
	manifest_release(&m);
}

static void refuses_templates_that_no_node_can_have(void **state)
{
	static const struct {
		const char *base, *why;
	} rows[] = {
		{"storage: {files: [{path: etc/motd}]}",
		 "base.yaml:1:26: $.storage.files[0].path: "},
		{"systemd: {units: [{name: ../x.service}]}",
		 "base.yaml:1:26: $.systemd.units[0].name: "},
		{"kernel_arguments: {should_exist: [\"a b\"]}",
		 "base.yaml:1:35: $.kernelArguments.shouldExist[0]: "},
		{"passwd: {users: [{name: root, ssh_authorized_keys: [\"a\\nb\"]}]}",
		 "base.yaml:1:53: $.passwd.users[0].sshAuthorizedKeys[0]: "},
		{"storage: {files: [{path: /a, mode: 99999}]}",
		 "base.yaml:1:36: $.storage.files[0].mode: "},
		{"storage: {files: [{path: \"{{ nod.name }}\"}]}",
		 "base.yaml:1:26: unknown name \"nod\"; did you mean \"node\"?"},
		{"storage: {files: \"{{ node.labels }}\"}",
		 "base.yaml:1:18: files: a list is wanted"},
		{"storage: {files: [{path: /a, contents: {source: \"http://x/y\"}}]}",
		 "base.yaml:1:49: $.storage.files[0].contents.source: comes over plain http"},
		{"storage: {files: [{path: /a}], links: [{path: /a, target: /b}]}", "base.yaml:1:"},
		{"storage: {files: [\"{{ node }}\"]}", "base.yaml:1:19: unknown key \""},
	};
	struct inventory *inv = read_texts(
		"cluster: {controlPlaneEndpoint: \"a:1\", kubeconfig: k, version: 1.20.2}\n" KEY,
		NODE);
	struct manifest m = full_store();
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct templates *t = templates_new();
		struct problems ps = {0};
		struct plan *p = NULL;

		assert_int_equal(
			templates_add(t, "base.yaml", rows[i].base, strlen(rows[i].base), &ps), 0);
		assert_int_equal(templates_add(t, "kubernetes-node.yaml", "", 0, &ps), 0);
		assert_fails(build(inv, &m, t, &p, &err), &err, ERR_CONFIG, rows[i].why);
		templates_free(t);
	}
	inventory_free(inv);
	manifest_release(&m);
}

static void only_a_control_plane_takes_its_images(void **state)
{
	static const struct {
		const char *cluster, *node;
		size_t n;
	} rows[] = {
		{"cluster: {controlPlaneEndpoint: \"a:1\", kubeconfig: k, version: 1.20.2}\n" KEY,
		 NODE, 2},
		{"cluster: {version: 1.20.2, network: bridge}\n" KEY,
		 NODE "role: control-plane\naddress: 10.0.0.5/24\n", 4},
	};
	struct manifest m = full_store();
	struct templates *t = small_templates();
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct inventory *inv = read_texts(rows[i].cluster, rows[i].node);
		struct plan *p = NULL;

		assert_ok(build(inv, &m, t, &p, &err), &err);
		assert_int_equal(p->kube.n_archives, rows[i].n);
		plan_free(p);
		inventory_free(inv);
	}
	templates_free(t);
	manifest_release(&m);
}

static void the_first_control_plane_wants_its_pod_network(void **state)
{
	struct inventory *inv = read_texts("cluster: {version: 1.34.2}\n" KEY,
					   NODE "role: control-plane\naddress: 10.0.0.5/24\n");
	struct manifest m = full_store();
	struct templates *t = small_templates();
	struct plan_inputs in = {.url = "https://10.0.0.1:8443",
				 .assets_url = "http://10.0.0.1:8080/assets",
				 .ca_pem = "-----BEGIN CERTIFICATE-----\n",
				 .facts.first_control_plane = true,
				 .templates = t};
	struct err err = ERR_INIT;
	struct plan *p = NULL;

	(void)state;
	assert_fails(plan_build(&inv->nodes[0], &inv->cluster, &m, &in, &p, &err), &err,
		     ERR_REFUSED, "provision assets add flannel;");
	in.network_manifest = "Network: 10.9.0.0/16\n";
	assert_fails(plan_build(&inv->nodes[0], &inv->cluster, &m, &in, &p, &err), &err, ERR_CONFIG,
		     "network/flannel.yaml is not for the podSubnet 10.244.0.0/16");
	inventory_free(inv);
	templates_free(t);
	manifest_release(&m);
}

static void assert_shows(const char *storage, const char *wanted)
{
	_cleanup_(freep) char *node = xasprintf(NODE "storage: {%s}\n", storage), *text = NULL;
	struct inventory *inv = read_texts(
		"cluster: {version: 1.34.2, controlPlaneEndpoint: \"10.0.0.9:6443\"}\n" KEY, node);
	struct templates *t = small_templates();
	struct manifest m = full_store();
	struct err err = ERR_INIT;
	struct plan *p = NULL;

	assert_ok(build(inv, &m, t, &p, &err), &err);
	text = render_plan(p);
	if (!strstr(text, wanted))
		fail_msg("wanted %s in %s", wanted, text);
	plan_free(p);
	inventory_free(inv);
	templates_free(t);
	manifest_release(&m);
}

/* Whoever writes no `data:` sees what the default is before a disk is written. */
static void the_preview_tells_the_default_profiles(void **state)
{
	(void)state;
	assert_shows("", "make pool system: btrfs, data single (default), metadata dup (default),");
	assert_shows("system: {disks: [serial=A, serial=B]}",
		     "data raid1 (default), metadata raid1 (default),");
	assert_shows("system: {disks: [{transport: sata, count: 3}], data: raid0}",
		     "data raid0, metadata raid1 (default),");
	assert_shows("pools: [{name: tank, disks: all}]",
		     "make pool tank: btrfs, data single on one disk, raid1 on more (default), "
		     "metadata dup on one disk, raid1 on more (default),");
}

static size_t entries_of(const struct plan *p, const char *section, const char *list)
{
	return json_array_size(json_object_get(json_object_get(p->config, section), list));
}

/* What is shipped makes a plan that the agent takes, whatever the record chooses. */
static struct plan *build_live(const char *cluster, const char *node)
{
	struct inventory *inv = read_texts(cluster, node);
	struct templates *t = load_templates("");
	struct manifest m = full_store();
	struct plan *p = NULL;
	struct err err = ERR_INIT;

	assert_ok(build(inv, &m, t, &p, &err), &err);
	templates_free(t);
	manifest_release(&m);
	inventory_free(inv);
	return p;
}

static void an_image_in_memory_has_pools_and_no_system(void **state)
{
	static const char *const clusters[] = {
		"cluster: {controlPlaneEndpoint: \"a:1\", kubeconfig: k, version: 1.34.2}\n" KEY,
		"cluster: {controlPlaneEndpoint: \"a:1\", kubeconfig: k, flavour: k3s, "
		"version: 1.34.2+k3s1}\n" KEY,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(clusters); i++) {
		_cleanup_(plan_freep) struct plan *p = build_live(
			clusters[i], NODE "image: ignition-lab\nstorage: {pools: [{name: tank, "
					  "disks: [{serial: A}], mount: /srv/tank}]}\n");
		_cleanup_(plan_freep) struct plan *back = NULL;
		_cleanup_json_ json_t *j = NULL;
		struct err err = ERR_INIT;

		assert_true(p->in_memory);
		assert_int_equal(p->n_pools, 1);
		assert_string_equal(p->pools[0].spec.name, "tank");
		resolve(p,
			"[{\"name\":\"sda\",\"serial\":\"A\",\"size\":500000000000,"
			"\"transport\":\"sata\"}]",
			NULL);
		assert_int_equal(p->disks[0].action, ACTION_ERASE);
		j = plan_to_json(p);
		assert_ok(plan_from_json(j, &back, &err), &err);
		assert_true(back->in_memory);
	}
}

static void the_shipped_templates_are_whole(void **state)
{
	static const char *const clusters[] = {
		"cluster: {version: 1.20.2, network: bridge}\n" KEY,
		"cluster: {version: 1.34.2}\n" KEY,
		"cluster: {flavour: k3s, version: 1.34.2+k3s1}\n" KEY,
	};
	struct templates *t = load_templates("");
	struct manifest m = full_store();
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(clusters); i++) {
		struct inventory *inv =
			read_texts(clusters[i], NODE "role: control-plane\naddress: 10.0.0.5/24\n");
		struct plan *p = NULL;

		assert_ok(build(inv, &m, t, &p, &err), &err);
		assert_true(entries_of(p, "systemd", "units") > 0);
		assert_true(entries_of(p, "storage", "files") > 0);
		assert_int_equal(entries_of(p, "passwd", "users"), 1);
		plan_free(p);
		inventory_free(inv);
	}
	templates_free(t);
	manifest_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_the_golden_plans),
		cmocka_unit_test(refuses_with_the_command),
		cmocka_unit_test(refuses_templates_that_no_node_can_have),
		cmocka_unit_test(only_a_control_plane_takes_its_images),
		cmocka_unit_test(the_first_control_plane_wants_its_pod_network),
		cmocka_unit_test(the_preview_tells_the_default_profiles),
		cmocka_unit_test(an_image_in_memory_has_pools_and_no_system),
		cmocka_unit_test(the_shipped_templates_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
