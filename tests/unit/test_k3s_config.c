/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "golden.h"
#include "k3s_config.h"
#include "kube_scene.h"

static void render(struct plan *plan, const char *secrets, const char *golden)
{
	_cleanup_(plan_freep) struct plan *owned = plan;
	_cleanup_(kube_secrets_release) struct kube_secrets s = {.kind = SECRETS_INVALID};
	_cleanup_(freep) char *text = NULL;

	kube_scene_secrets(&s, secrets);
	text = k3s_config(owned, &s, owned->network.address.ip);
	/* The token stands in a file of its own. */
	assert_null(strstr(text, "K10secret"));
	golden_compare(text, golden);
}

static void test_first_server(void **state)
{
	(void)state;
	render(kube_scene_plan(FLAVOUR_K3S, "1.31.4+k3s1", KUBE_INIT, ROLE_CONTROL_PLANE),
	       "{\"kind\":\"k3s-server\",\"token\":\"K10secret\",\"init\":true}",
	       "k3s/server-init.yaml");
}

static void test_server(void **state)
{
	struct plan *p = kube_scene_plan(FLAVOUR_K3S, "1.31.4+k3s1", KUBE_JOIN, ROLE_CONTROL_PLANE);

	(void)state;
	p->kube.control_plane_takes_work = false;
	p->kube.core_dns = false;
	free(p->kube.network);
	p->kube.network = xstrdup("none");
	render(p,
	       "{\"kind\":\"k3s-server\",\"token\":\"K10secret\",\"init\":false,"
	       "\"endpoint\":\"https://10.0.0.11:6443\"}",
	       "k3s/server-join.yaml");
}

static void test_agent(void **state)
{
	struct plan *p = kube_scene_plan(FLAVOUR_K3S, "1.31.4+k3s1", KUBE_JOIN, ROLE_WORKER);

	(void)state;
	kube_scene_label(&p->kube.taints, &p->kube.n_taints, "gpu", "yes:NoSchedule");
	render(p,
	       "{\"kind\":\"k3s-agent\",\"token\":\"K10secret\","
	       "\"endpoint\":\"https://10.0.0.11:6443\"}",
	       "k3s/agent.yaml");
}

static void test_unit(void **state)
{
	_cleanup_(freep) char *server = k3s_unit(ROLE_CONTROL_PLANE);
	_cleanup_(freep) char *agent = k3s_unit(ROLE_WORKER);

	(void)state;
	assert_string_equal(k3s_unit_name(ROLE_CONTROL_PLANE), "k3s.service");
	assert_string_equal(k3s_unit_name(ROLE_WORKER), "k3s-agent.service");
	assert_non_null(strstr(server, "ExecStart=/usr/local/bin/k3s server\n"));
	assert_non_null(strstr(agent, "ExecStart=/usr/local/bin/k3s agent\n"));
	assert_non_null(strstr(agent, "EnvironmentFile=-/etc/default/%N\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_server),
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_agent),
		cmocka_unit_test(test_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
