/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "golden.h"
#include "kube_scene.h"
#include "kubeadm_config.h"

static const char join_secrets[] = "{\"kind\":\"kubeadm-join\",\"endpoint\":\"10.0.0.11:6443\","
				   "\"token\":\"abcdef.0123456789abcdef\","
				   "\"caCertHashes\":[\"sha256:00ff\"]}";
static const char init_secrets[] =
	"{\"kind\":\"kubeadm-init\",\"token\":\"abcdef.0123456789abcdef\","
	"\"files\":[{\"path\":\"/etc/kubernetes/pki/ca.crt\",\"mode\":420,\"contents\":\"eA==\"}]}";

static void render(struct plan *plan, const char *secrets, const char *golden)
{
	_cleanup_(plan_freep) struct plan *owned = plan;
	_cleanup_(kube_secrets_release) struct kube_secrets s = {.kind = SECRETS_INVALID};
	_cleanup_(secret_release) struct secret text = SECRET_INIT;
	_cleanup_(err_release) struct err err = ERR_INIT;

	kube_scene_secrets(&s, secrets);
	assert_ok(kubeadm_config(owned, &s, owned->network.address.ip, &text, &err), &err);
	golden_compare(secret_reveal(&text), golden);
}

/* One version on either side of each change of the API. */
static void test_join(void **state)
{
	static const struct {
		const char *version, *golden;
	} cases[] = {
		{"1.20.2", "kubeadm/join-v1beta2.yaml"}, {"1.21.14", "kubeadm/join-v1beta2.yaml"},
		{"1.22.0", "kubeadm/join-v1beta3.yaml"}, {"1.30.9", "kubeadm/join-v1beta3.yaml"},
		{"1.31.0", "kubeadm/join-v1beta4.yaml"}, {"1.34.1", "kubeadm/join-v1beta4.yaml"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct plan *p =
			kube_scene_plan(FLAVOUR_KUBEADM, cases[i].version, KUBE_JOIN, ROLE_WORKER);

		kube_scene_label(&p->kube.taints, &p->kube.n_taints, "gpu", "yes:NoSchedule");
		kube_scene_label(&p->kube.taints, &p->kube.n_taints, "old", ":NoExecute");
		render(p, join_secrets, cases[i].golden);
	}
}

static void test_init(void **state)
{
	static const char *const versions[][2] = {{"1.20.2", "kubeadm/init-v1beta2.yaml"},
						  {"1.28.3", "kubeadm/init-v1beta3.yaml"},
						  {"1.32.0", "kubeadm/init-v1beta4.yaml"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++)
		render(kube_scene_plan(FLAVOUR_KUBEADM, versions[i][0], KUBE_INIT,
				       ROLE_CONTROL_PLANE),
		       init_secrets, versions[i][1]);
}

/* A control plane that is kept free of work, in the years when the taint changed its name. */
static void test_control_plane(void **state)
{
	static const char *const versions[][2] = {{"1.23.0", "kubeadm/control-plane-1.23.yaml"},
						  {"1.24.0", "kubeadm/control-plane-1.24.yaml"},
						  {"1.25.0", "kubeadm/control-plane-1.25.yaml"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct plan *p = kube_scene_plan(FLAVOUR_KUBEADM, versions[i][0], KUBE_JOIN,
						 ROLE_CONTROL_PLANE);

		p->kube.control_plane_takes_work = false;
		render(p, join_secrets, versions[i][1]);
	}
}

static void test_dhcp(void **state)
{
	struct plan *p = kube_scene_plan(FLAVOUR_KUBEADM, "1.20.2", KUBE_JOIN, ROLE_WORKER);

	(void)state;
	p->network.address.ip.a = 0;
	render(p, join_secrets, "kubeadm/join-dhcp.yaml");
}

static void test_version(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	unsigned int minor;

	(void)state;
	assert_ok(kubeadm_minor("1.31.4", &minor, &err), &err);
	assert_int_equal(minor, 31);
	assert_fails(kubeadm_minor("v1.31.4", &minor, &err), &err, ERR_CONFIG, "v1.31.4");
	assert_fails(kubeadm_minor("1.x", &minor, &err), &err, ERR_CONFIG, "1.x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_join),          cmocka_unit_test(test_init),
		cmocka_unit_test(test_control_plane), cmocka_unit_test(test_dhcp),
		cmocka_unit_test(test_version),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
