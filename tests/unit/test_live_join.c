/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "kube_scene.h"
#include "live_join.h"

static char *plan_text(enum kube_flavour flavour, const char *version, bool address)
{
	_cleanup_(plan_freep) struct plan *p =
		kube_scene_plan(flavour, version, KUBE_JOIN, ROLE_WORKER);
	_cleanup_json_ json_t *j = NULL;

	p->in_memory = true;
	p->macs = xcalloc(1, sizeof(*p->macs));
	p->macs[0].b[0] = 0x52;
	p->n_macs = 1;
	p->url = xstrdup("https://10.0.0.1:8443");
	p->assets_url = xstrdup("http://10.0.0.1:8080/assets");
	p->rootfs = (struct asset){.path = xstrdup("boot/ignition-lab-amd64/rootfs.img"),
				   .size = 1,
				   .n_chunks = 1,
				   .chunks = xcalloc(1, sizeof(struct sha256))};
	if (!address)
		p->network.address = (struct ipv4_net){0};
	j = plan_to_json(p);
	return jsonx_canonical(j);
}

static char *config(const char *plan, const char *secrets, const char *node_ip)
{
	_cleanup_(secret_release) struct secret s = SECRET_INIT;
	_cleanup_json_ json_t *j = NULL;
	struct ipv4 ip = {0};
	struct err err = ERR_INIT;

	assert_ok(jsonx_parse(secrets, strlen(secrets), "secrets", &j, &err), &err);
	if (node_ip)
		assert_ok(ipv4_parse(node_ip, &ip, &err), &err);
	assert_ok(live_join_config(plan, j, ip, &s, &err), &err);
	return xstrndup(secret_reveal(&s), secret_length(&s));
}

static void kubeadm_gets_a_file_for_a_join(void **state)
{
	static const char secrets[] =
		"{\"kind\":\"kubeadm-join\",\"token\":\"abcdef.0123456789abcdef\","
		"\"endpoint\":\"10.0.0.11:6443\",\"caCertHashes\":[\"sha256:00\"]}";
	_cleanup_(freep) char *own = plan_text(FLAVOUR_KUBEADM, "1.31.4", true),
			      *none = plan_text(FLAVOUR_KUBEADM, "1.31.4", false), *a = NULL,
			      *b = NULL;

	(void)state;
	a = config(own, secrets, "10.0.0.99");
	assert_non_null(strstr(a, "JoinConfiguration"));
	assert_non_null(strstr(a, "abcdef.0123456789abcdef"));
	/* the record's own address goes before what the machine says */
	assert_non_null(strstr(a, "\"10.0.0.11\""));
	assert_null(strstr(a, "10.0.0.99"));
	b = config(none, secrets, "10.0.0.99");
	assert_non_null(strstr(b, "\"10.0.0.99\""));
}

static void k3s_gets_its_config_with_the_token_in_it(void **state)
{
	static const char secrets[] =
		"{\"kind\":\"k3s-agent\",\"token\":\"K10ab::abcdef.0123456789abcdef\","
		"\"endpoint\":\"https://10.0.0.11:6443\"}";
	_cleanup_(freep) char *plan = plan_text(FLAVOUR_K3S, "1.34.2+k3s1", false), *text = NULL;

	(void)state;
	text = config(plan, secrets, NULL);
	assert_true(startswith(text, "token: \"K10ab::abcdef.0123456789abcdef\"\n"));
	assert_non_null(strstr(text, "server: \"https://10.0.0.11:6443\"\n"));
	assert_null(strstr(text, "token-file"));
}

static void secrets_of_another_kind_are_refused(void **state)
{
	_cleanup_(freep) char *plan = plan_text(FLAVOUR_KUBEADM, "1.31.4", false);
	_cleanup_(secret_release) struct secret s = SECRET_INIT;
	_cleanup_json_ json_t *j = json_pack("{s:s}", "kind", "k3s-agent");
	struct err err = ERR_INIT;

	(void)state;
	assert_fails(live_join_config(plan, j, (struct ipv4){0}, &s, &err), &err, ERR_PROTOCOL,
		     "$.token");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kubeadm_gets_a_file_for_a_join),
		cmocka_unit_test(k3s_gets_its_config_with_the_token_in_it),
		cmocka_unit_test(secrets_of_another_kind_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
