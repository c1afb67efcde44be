/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "kubeconfig.h"

#define HEAD                                                                                       \
	"apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts:\n"                            \
	"- name: b\n  context: {cluster: x, user: y}\n"                                            \
	"- name: a\n  context: {cluster: c, user: u}\n"                                            \
	"clusters:\n- name: c\n  cluster:\n    server: https://10.0.0.10:6443/\n"                  \
	"    certificate-authority-data: Y2EK\n"

static int parse(const char *text, struct kubeconfig *k, struct err *err)
{
	return kubeconfig_parse(text, strlen(text), "admin.conf", "/nonexistent", k, err);
}

static void the_current_context_is_followed(void **state)
{
	_cleanup_(kubeconfig_release) struct kubeconfig k = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(parse(HEAD "users:\n- name: u\n  user:\n    client-certificate-data: Y2VydAo=\n"
			     "    client-key-data: a2V5Cg==\n",
			&k, &err),
		  &err);
	assert_string_equal(k.server, "https://10.0.0.10:6443");
	assert_string_equal(k.ca_pem, "ca\n");
	assert_string_equal(k.cert_pem, "cert\n");
	assert_string_equal(secret_reveal(&k.key), "key\n");
}

static void a_token_serves_as_well(void **state)
{
	_cleanup_(kubeconfig_release) struct kubeconfig k = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(parse(HEAD "users: [{name: u, user: {token: abc}}]\n", &k, &err), &err);
	assert_string_equal(secret_reveal(&k.token), "abc");
}

static void what_cannot_be_used_is_named(void **state)
{
	_cleanup_(kubeconfig_release) struct kubeconfig k = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_fails(parse(HEAD "users: [{name: u, user: {exec: {command: aws}}}]\n", &k, &err),
		     &err, ERR_CONFIG, "admin.conf: its user logs in by a plugin");
	assert_fails(parse(HEAD "users: [{name: u, user: {}}]\n", &k, &err), &err, ERR_CONFIG,
		     "neither a client certificate");
	assert_fails(parse(HEAD "users: [{name: v, user: {}}]\n", &k, &err), &err, ERR_CONFIG,
		     "current-context");
	assert_fails(parse(HEAD "users:\n- name: u\n  user:\n    client-certificate-data: '*'\n",
			   &k, &err),
		     &err, ERR_PROTOCOL, "client-certificate-data");
	assert_fails(parse("current-context: [\n", &k, &err), &err, ERR_CONFIG, "admin.conf");
}

static void what_is_written_can_be_read(void **state)
{
	_cleanup_(kubeconfig_release) struct kubeconfig k = {0}, again = {0};
	_cleanup_(secret_release) struct secret text = SECRET_INIT;
	struct err err = ERR_INIT;

	(void)state;
	k.server = xstrdup("https://10.0.0.10:6443");
	k.ca_pem = xstrdup("ca\n");
	k.cert_pem = xstrdup("cert\n");
	secret_set(&k.key, "key\n", 4);
	kubeconfig_to_yaml(&k, "home", &text);
	assert_ok(parse(secret_reveal(&text), &again, &err), &err);
	assert_string_equal(again.server, k.server);
	assert_string_equal(again.ca_pem, k.ca_pem);
	assert_string_equal(again.cert_pem, k.cert_pem);
	assert_string_equal(secret_reveal(&again.key), "key\n");
}

static void the_path_is_below_the_configuration(void **state)
{
	char relative[] = "admin.conf", absolute[] = "/root/admin.conf";
	_cleanup_(freep) char *a = NULL, *b = NULL;
	struct cluster c = {.kubeconfig = relative};

	(void)state;
	a = kubeconfig_path("/etc/provision", &c);
	assert_string_equal(a, "/etc/provision/admin.conf");
	c.kubeconfig = absolute;
	b = kubeconfig_path("/etc/provision", &c);
	assert_string_equal(b, absolute);
	c.kubeconfig = NULL;
	assert_null(kubeconfig_path("/etc/provision", &c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_current_context_is_followed),
		cmocka_unit_test(a_token_serves_as_well),
		cmocka_unit_test(what_cannot_be_used_is_named),
		cmocka_unit_test(what_is_written_can_be_read),
		cmocka_unit_test(the_path_is_below_the_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
