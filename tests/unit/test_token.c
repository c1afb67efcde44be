/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "token.h"

static void it_has_kubernetes_form(void **state)
{
	uint8_t bytes[TOKEN_RANDOM];
	struct token t;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7);
	assert_true(token_from_random(bytes, &t));
	assert_true(token_id_is_valid(t.id));
	assert_int_equal(strlen(t.secret), 16);
	assert_int_equal(strspn(t.secret, "abcdefghijklmnopqrstuvwxyz0123456789"), 16);
}

static void unfair_bytes_are_not_used(void **state)
{
	uint8_t bytes[TOKEN_RANDOM];
	struct token t;

	(void)state;
	memset(bytes, 252, sizeof(bytes));
	assert_false(token_from_random(bytes, &t));
	memset(bytes, 251, sizeof(bytes));
	assert_true(token_from_random(bytes, &t));
	assert_string_equal(t.id, "999999");
}

static void ids_are_checked(void **state)
{
	(void)state;
	assert_true(token_id_is_valid("abc123"));
	assert_false(token_id_is_valid("abc12"));
	assert_false(token_id_is_valid("abc12/"));
	assert_false(token_id_is_valid("ABC123"));
}

static void the_secret_is_what_kubeadm_token_create_writes(void **state)
{
	const struct token t = {"abcdef", "0123456789abcdef"};
	_cleanup_json_ json_t *j = token_to_secret(
		&t, 1700000000, "system:bootstrappers:kubeadm:default-node-token", "web1");
	_cleanup_(freep) char *text = jsonx_canonical(j);

	(void)state;
	assert_string_equal(
		text,
		"{\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"metadata\":{\"name\":"
		"\"bootstrap-token-abcdef\",\"namespace\":\"kube-system\"},\"stringData\":{"
		"\"auth-extra-groups\":\"system:bootstrappers:kubeadm:default-node-token\","
		"\"description\":\"web1\",\"expiration\":\"2023-11-14T22:13:20Z\",\"token-id\":"
		"\"abcdef\",\"token-secret\":\"0123456789abcdef\","
		"\"usage-bootstrap-authentication\":\"true\",\"usage-bootstrap-signing\":\"true\"},"
		"\"type\":\"bootstrap.kubernetes.io/token\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_has_kubernetes_form),
		cmocka_unit_test(unfair_bytes_are_not_used),
		cmocka_unit_test(ids_are_checked),
		cmocka_unit_test(the_secret_is_what_kubeadm_token_create_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
