/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "claim.h"

static int parse(long status, const char *text, struct claim_answer *a, struct err *err)
{
	_cleanup_json_ json_t *j = json_loads(text, 0, NULL);

	assert_non_null(j);
	return claim_parse(status, j, a, err);
}

static void test_wait(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(claim_answer_release) struct claim_answer a = {0};

	(void)state;
	assert_ok(
		parse(202, "{\"wait\":\"provision approve n1\",\"code\":\"1234-5678\"}", &a, &err),
		&err);
	assert_string_equal(a.wait, "provision approve n1");
	assert_string_equal(a.code, "1234-5678");
	assert_int_equal(a.retry_s, 5);
	assert_null(a.plan);
}

/* A plan as the agent must not take it. */
static void test_refused(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"{}", "plan"},
		{"{\"plan\":{},\"planId\":\"00\",\"state\":\"claimed\"}", "planId"},
		{"{\"plan\":{},\"planId\":\"00\",\"state\":\"open\"}", "state"},
		{"{\"plan\":{},\"planId\":\"00\",\"state\":\"claimed\",\"done\":[\"lunch\"]}",
		 "done[0]"},
	};
	_cleanup_(err_release) struct err err = ERR_INIT;
	struct claim_answer a = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(parse(200, cases[i].text, &a, &err), -1);
		assert_non_null(strstr(err_text(&err), cases[i].message));
		err_release(&err);
	}
}

/* The least plan that is resolved. */
static struct plan *make_plan(void)
{
	struct plan *p = plan_new();
	struct plan_pool *pool = ARRAY_APPEND(p->pools, p->n_pools);
	struct plan_disk *disk = ARRAY_APPEND(p->disks, p->n_disks);
	struct subvolume *root;
	struct err err = ERR_INIT;

	p->node = xstrdup("n1");
	assert_ok(mac_parse("52:54:00:00:00:01", ARRAY_APPEND(p->macs, p->n_macs), &err), &err);
	p->arch = ARCH_AMD64;
	p->url = xstrdup("https://10.0.0.1:8443");
	p->assets_url = xstrdup("http://10.0.0.1:8080/assets");
	p->resolved = true;
	disk->id = xstrdup("A");
	disk->description = xstrdup("A");
	disk->pool = xstrdup(POOL_SYSTEM);
	disk->action = ACTION_ERASE;
	pool->spec.name = xstrdup(POOL_SYSTEM);
	pool->spec.data = PROFILE_SINGLE;
	pool->spec.metadata = PROFILE_DUP;
	disk_spec_init(ARRAY_APPEND(pool->spec.disks, pool->spec.n_disks));
	root = ARRAY_APPEND(pool->spec.subvolumes, pool->spec.n_subvolumes);
	root->name = xstrdup("@");
	root->mount = xstrdup("/");
	p->rootfs.path = xstrdup("images/x");
	p->kube.version = xstrdup("1.31.4");
	p->kube.cluster_name = xstrdup("home");
	p->kube.action = KUBE_NONE;
	p->kube.role = ROLE_WORKER;
	return p;
}

static char *answer(const struct plan *p, bool right)
{
	_cleanup_json_ json_t *j = json_object();
	struct sha256 id = plan_id(p);
	char text[SHA256_TEXT_SIZE];

	if (!right)
		id.b[0] ^= 1;
	json_object_set_new(j, "plan", plan_to_json(p));
	jsonx_put_string(j, "planId", sha256_format(&id, text));
	jsonx_put_string(j, "state", "claimed");
	json_object_set_new(j, "done", json_pack("[s]", "partition"));
	json_object_set_new(j, "nextSeq", json_integer(7));
	/* What a later provisioner may add. */
	jsonx_put_string(j, "news", "none");
	return jsonx_canonical(j);
}

static void test_plan(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(claim_answer_release) struct claim_answer a = {0};
	_cleanup_(plan_freep) struct plan *p = make_plan();
	_cleanup_(freep) char *right = answer(p, true), *wrong = answer(p, false), *open = NULL;
	struct claim_answer none = {0};

	(void)state;
	assert_ok(parse(200, right, &a, &err), &err);
	assert_string_equal(a.plan->node, "n1");
	assert_int_equal(a.state, CLAIM_CLAIMED);
	assert_int_equal(a.next_seq, 7);
	assert_true(resume_has(&a.resume, PHASE_PARTITION));
	assert_false(resume_has(&a.resume, PHASE_POOLS));
	assert_fails(parse(200, wrong, &none, &err), &err, ERR_PROTOCOL, "digest");
	p->resolved = false;
	open = answer(p, true);
	assert_fails(parse(200, open, &none, &err), &err, ERR_PROTOCOL, "not resolved");
}

static void test_request(void **state)
{
	struct machine m = {.uuid = (char *)"u-1", .arch = ARCH_AMD64, .uefi = true};
	struct disk_list disks = {0};
	_cleanup_json_ json_t *j = claim_request(&m, &disks, "ab", false);
	_cleanup_(freep) char *text = jsonx_canonical(j);

	(void)state;
	assert_string_equal(text, "{\"arch\":\"amd64\",\"boot\":\"netboot\",\"disks\":[],"
				  "\"firmware\":\"uefi\",\"macs\":[],\"nonce\":\"ab\","
				  "\"uuid\":\"u-1\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
