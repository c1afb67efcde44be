/* SPDX-License-Identifier: Apache-2.0 */
/* The keeper's answers that need no cluster. */
#include "unit.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base64.h"
#include "grant.h"
#include "identity.h"
#include "keeper.h"
#include "secrets.h"

static char dir[64];
static struct keeper_duty duty = {.grants = -1};
static struct identity *machine;

static int setup(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	memcpy(dir, "/tmp/test_keeper.XXXXXX", sizeof("/tmp/test_keeper.XXXXXX"));
	machine = identity_new();
	return mkdtemp(dir) && secrets_init(dir, &err) == 0 ? grant_ask(dir, "cp1", &err) : -1;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int teardown(void **state)
{
	(void)state;
	identity_free(machine);
	return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void set_duty(enum kube_flavour flavour, const char *endpoint, const char *kubeconfig)
{
	char config[] = "/nonexistent", run[] = "/nonexistent", data[] = "/nonexistent",
	     name[] = "home";
	const struct paths paths = {config, dir, run, data};
	struct cluster c = {.flavour = flavour,
			    .name = name,
			    .endpoint = (char *)(uintptr_t)endpoint,
			    .kubeconfig = (char *)(uintptr_t)kubeconfig};
	struct err err = ERR_INIT;

	keeper_duty_release(&duty);
	assert_ok(keeper_duty_init(&duty, &paths, &c, &err), &err);
}

static int ask(const char *question, json_t **ret, struct err *err)
{
	_cleanup_json_ json_t *j = json_loads(question, 0, NULL);

	assert_non_null(j);
	return keeper_answer(&duty, j, ret, err);
}

/* As the machine's request would be passed on. */
static int ask_signed(const struct identity *id, const char *question, json_t **ret,
		      struct err *err)
{
	static const char *const names[] = {"key", "time", "signature"}, body[] = "{}";
	_cleanup_json_ json_t *j = json_loads(question, 0, NULL);
	_cleanup_(strv_release) struct strv headers = {0};

	assert_non_null(j);
	identity_sign(id, "POST", "/v1/secrets/join", (int64_t)time(NULL) * 1000, body,
		      strlen(body), &headers);
	for (size_t i = 0; i < headers.n; i++)
		jsonx_put_string(j, names[i], strstr(headers.v[i], ": ") + 2);
	jsonx_put_string(j, "body", body);
	return keeper_answer(&duty, j, ret, err);
}

static const json_t *file_at(const json_t *secrets, const char *path)
{
	const json_t *file;
	size_t i;

	json_array_foreach (json_object_get(secrets, "files"), i, file)
		if (streq(json_string_value(json_object_get(file, "path")), path))
			return file;
	fail_msg("no %s", path);
	return NULL;
}

static void the_first_control_plane_gets_the_whole_pki(void **state)
{
	_cleanup_(secret_release) struct secret key = SECRET_INIT;
	_cleanup_json_ json_t *reply = NULL;
	_cleanup_(freep) uint8_t *bytes = NULL;
	const json_t *secrets, *file;
	struct err err = ERR_INIT;
	size_t len;

	(void)state;
	set_duty(FLAVOUR_KUBEADM, "10.0.0.10:6443", NULL);
	assert_ok(ask_signed(machine,
			     "{\"op\":\"join\",\"node\":\"cp1\",\"init\":true,"
			     "\"controlPlane\":true}",
			     &reply, &err),
		  &err);
	secrets = json_object_get(reply, "secrets");
	assert_string_equal(json_string_value(json_object_get(secrets, "kind")), "kubeadm-init");
	assert_int_equal(json_string_length(json_object_get(secrets, "token")), 23);
	assert_int_equal(json_array_size(json_object_get(secrets, "files")), n_pki_files);
	file = file_at(secrets, "/etc/kubernetes/pki/etcd/ca.key");
	assert_int_equal(json_integer_value(json_object_get(file, "mode")), 0600);
	assert_ok(secrets_pki_read(dir, "etcd/ca.key", &key, &err), &err);
	assert_ok(base64_decode(json_string_value(json_object_get(file, "contents")), &bytes, &len,
				&err),
		  &err);
	assert_string_equal((char *)bytes, secret_reveal(&key));
	file = file_at(secrets, "/etc/kubernetes/pki/ca.crt");
	assert_int_equal(json_integer_value(json_object_get(file, "mode")), 0644);
}

static void two_tokens_are_never_the_same(void **state)
{
	_cleanup_json_ json_t *a = NULL, *b = NULL;
	struct err err = ERR_INIT;

	(void)state;
	set_duty(FLAVOUR_KUBEADM, "10.0.0.10:6443", NULL);
	assert_ok(ask_signed(machine, "{\"op\":\"join\",\"node\":\"cp1\",\"init\":true}", &a, &err),
		  &err);
	assert_ok(ask_signed(machine, "{\"op\":\"join\",\"node\":\"cp1\",\"init\":true}", &b, &err),
		  &err);
	assert_string_not_equal(
		json_string_value(json_object_get(json_object_get(a, "secrets"), "token")),
		json_string_value(json_object_get(json_object_get(b, "secrets"), "token")));
}

static void the_first_k3s_server_gets_its_authorities(void **state)
{
	_cleanup_json_ json_t *reply = NULL;
	struct err err = ERR_INIT;
	const json_t *secrets;

	(void)state;
	set_duty(FLAVOUR_K3S, "10.0.0.10:6443", NULL);
	assert_ok(ask_signed(machine,
			     "{\"op\":\"join\",\"node\":\"cp1\",\"init\":true,"
			     "\"controlPlane\":true}",
			     &reply, &err),
		  &err);
	secrets = json_object_get(reply, "secrets");
	assert_string_equal(json_string_value(json_object_get(secrets, "kind")), "k3s-server");
	assert_true(json_is_true(json_object_get(secrets, "init")));
	assert_non_null(file_at(secrets, "/var/lib/rancher/k3s/server/tls/server-ca.crt"));
	assert_non_null(file_at(secrets, "/var/lib/rancher/k3s/server/tls/service.key"));
}

static void the_keys_are_for_the_machine_that_root_asked_for(void **state)
{
	static const char *const whole[] = {
		"{\"op\":\"join\",\"node\":\"cp1\",\"init\":true}",
		"{\"op\":\"join\",\"node\":\"cp1\",\"controlPlane\":true}",
		"{\"op\":\"join\",\"node\":\"cp9\",\"controlPlane\":true}",
	};
	_cleanup_(identity_freep) struct identity *other = identity_new();
	_cleanup_json_ json_t *reply = NULL;
	struct err err = ERR_INIT;

	(void)state;
	set_duty(FLAVOUR_KUBEADM, "127.0.0.1:1", NULL);
	for (size_t i = 0; i < ARRAY_SIZE(whole); i++) {
		assert_fails(ask(whole[i], &reply, &err), &err, ERR_VERIFY, "not signed");
		assert_fails(ask_signed(other, whole[i], &reply, &err), &err, ERR_REFUSED,
			     "as root");
	}
}

static void a_join_without_an_api_server_is_tried_again(void **state)
{
	_cleanup_json_ json_t *reply = NULL;
	struct err err = ERR_INIT;

	(void)state;
	/* nobody listens on TCP port 1 of this machine */
	set_duty(FLAVOUR_KUBEADM, "127.0.0.1:1", NULL);
	assert_fails(ask("{\"op\":\"join\",\"node\":\"web1\"}", &reply, &err), &err, ERR_NETWORK,
		     "the cluster's API server");
}

static void keys_of_a_foreign_cluster_are_not_ours_to_give(void **state)
{
	_cleanup_json_ json_t *reply = NULL;
	struct err err = ERR_INIT;

	(void)state;
	set_duty(FLAVOUR_KUBEADM, "127.0.0.1:1", "/nonexistent/admin.conf");
	assert_fails(ask("{\"op\":\"join\",\"node\":\"cp2\",\"controlPlane\":true}", &reply, &err),
		     &err, ERR_REFUSED, "role: worker");
	assert_fails(ask("{\"op\":\"join\",\"node\":\"web1\"}", &reply, &err), &err, ERR_NOT_FOUND,
		     "admin.conf");
}

static void an_endpoint_is_looked_up_in_the_configuration(void **state)
{
	_cleanup_json_ json_t *reply = NULL;
	struct err err = ERR_INIT;

	(void)state;
	set_duty(FLAVOUR_KUBEADM, NULL, NULL);
	assert_fails(ask("{\"op\":\"join\",\"node\":\"web1\"}", &reply, &err), &err, ERR_CONFIG,
		     "/nonexistent");
}

static void anything_else_is_refused(void **state)
{
	_cleanup_json_ json_t *reply = NULL;
	struct err err = ERR_INIT;

	(void)state;
	set_duty(FLAVOUR_KUBEADM, "10.0.0.5:6443", NULL);
	assert_fails(ask("{\"op\":\"read\"}", &reply, &err), &err, ERR_INTERNAL,
		     "no such operation");
	/* an administrator's access is root's to make, by provision kubeconfig */
	assert_fails(ask("{\"op\":\"kubeconfig\"}", &reply, &err), &err, ERR_INTERNAL,
		     "no such operation");
	assert_fails(ask("{\"op\":\"join\",\"path\":\"/etc/shadow\"}", &reply, &err), &err,
		     ERR_PROTOCOL, "node");
	assert_fails(ask("{}", &reply, &err), &err, ERR_PROTOCOL, "op");
	keeper_duty_release(&duty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_control_plane_gets_the_whole_pki),
		cmocka_unit_test(two_tokens_are_never_the_same),
		cmocka_unit_test(the_first_k3s_server_gets_its_authorities),
		cmocka_unit_test(the_keys_are_for_the_machine_that_root_asked_for),
		cmocka_unit_test(a_join_without_an_api_server_is_tried_again),
		cmocka_unit_test(keys_of_a_foreign_cluster_are_not_ours_to_give),
		cmocka_unit_test(an_endpoint_is_looked_up_in_the_configuration),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
