/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "kube.h"
#include "kube_scene.h"

static int parse(const char *text, struct kube_secrets *s, struct err *err)
{
	_cleanup_json_ json_t *j = NULL;

	assert_ok(jsonx_parse(text, strlen(text), "secrets", &j, err), err);
	return kube_secrets_from_json(j, s, err);
}

static void test_whole(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(kube_secrets_release) struct kube_secrets s = {0};

	(void)state;
	assert_ok(parse("{\"kind\":\"kubeadm-join\",\"endpoint\":\"a:1\",\"token\":\"t\","
			"\"caCertHashes\":[\"sha256:00\"],\"files\":[{\"path\":"
			"\"/etc/kubernetes/pki/etcd/"
			"ca.key\",\"mode\":384,\"contents\":\"aGVsbG8=\"}]}",
			&s, &err),
		  &err);
	assert_int_equal(s.kind, SECRETS_KUBEADM_JOIN);
	assert_string_equal(secret_reveal(&s.token), "t");
	assert_int_equal(s.n_files, 1);
	assert_int_equal(s.files[0].mode, 0600);
	assert_string_equal(secret_reveal(&s.files[0].contents), "hello");
	assert_int_equal(secret_length(&s.files[0].contents), 5);
}

#define FILE_AT(path)                                                                              \
	"{\"kind\":\"kubeadm-init\",\"token\":\"t\",\"files\":[{\"path\":\"" path                  \
	"\",\"contents\":\"eA==\"}]}"

static void test_k3s_authorities(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(kube_secrets_release) struct kube_secrets s = {0};

	(void)state;
	assert_ok(parse(FILE_AT("/var/lib/rancher/k3s/server/tls/etcd/peer-ca.key"), &s, &err),
		  &err);
	assert_string_equal(s.files[0].path, "/var/lib/rancher/k3s/server/tls/etcd/peer-ca.key");
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"{\"kind\":\"other\",\"token\":\"t\"}", "kind"},
		{"{\"kind\":\"k3s-agent\",\"token\":\"t\"}", "endpoint"},
		{"{\"kind\":\"kubeadm-join\",\"endpoint\":\"a:1\",\"token\":\"t\"}",
		 "caCertHashes"},
		{"{\"kind\":\"kubeadm-init\"}", "token"},
		{FILE_AT("/etc/shadow"), "path"},
		{FILE_AT("/etc/kubernetes/pki/../../shadow"), "path"},
		{FILE_AT("/etc/kubernetes/pki/"), "path"},
		{FILE_AT("/var/lib/rancher/k3s/server/tls/../../agent/x"), "path"},
		{FILE_AT("/var/lib/rancher/k3s/server/token"), "path"},
	};
	_cleanup_(err_release) struct err err = ERR_INIT;
	struct kube_secrets s = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_fails(parse(cases[i].text, &s, &err), &err, ERR_PROTOCOL, cases[i].message);
}

static void test_fit(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(plan_freep) struct plan *worker =
		kube_scene_plan(FLAVOUR_KUBEADM, "1.20.2", KUBE_JOIN, ROLE_WORKER);
	_cleanup_(plan_freep) struct plan *master =
		kube_scene_plan(FLAVOUR_KUBEADM, "1.20.2", KUBE_JOIN, ROLE_CONTROL_PLANE);
	_cleanup_(plan_freep) struct plan *k3s =
		kube_scene_plan(FLAVOUR_K3S, "1.31.4+k3s1", KUBE_INIT, ROLE_CONTROL_PLANE);
	_cleanup_(kube_secrets_release) struct kube_secrets join = {0}, server = {0};

	(void)state;
	kube_scene_secrets(&join, "{\"kind\":\"kubeadm-join\",\"endpoint\":\"a:1\",\"token\":\"t\","
				  "\"caCertHashes\":[\"sha256:00\"]}");
	kube_scene_secrets(&server, "{\"kind\":\"k3s-server\",\"token\":\"t\",\"init\":true}");
	assert_ok(kube_secrets_fit(worker, &join, &err), &err);
	assert_ok(kube_secrets_fit(k3s, &server, &err), &err);
	assert_fails(kube_secrets_fit(worker, &server, &err), &err, ERR_PROTOCOL, "another way");
	assert_fails(kube_secrets_fit(master, &join, &err), &err, ERR_PROTOCOL,
		     "keys did not come");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_k3s_authorities),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
