/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "fsio.h"
#include "ignition/ign_key.h"

#include <fcntl.h>

static void get(const char *luks, struct ign_key *k)
{
	_cleanup_json_ json_t *j = NULL;
	struct ign_fetch *f = ign_fetch_new();
	struct err err = ERR_INIT;

	assert_ok(jsonx_parse(luks, strlen(luks), "row", &j, &err), &err);
	assert_ok(ign_key_get(f, j, "$.l", k, &err), &err);
	ign_fetch_free(f);
}

/* What a program reads at the key's path is the key, each time. */
static void assert_readable(const struct ign_key *k)
{
	for (int i = 0; i < 2; i++) {
		_cleanup_(freep) char *data = NULL;
		struct err err = ERR_INIT;
		size_t len;

		assert_ok(file_read(AT_FDCWD, k->path, 1 << 20, &data, &len, &err), &err);
		assert_int_equal(len, secret_length(&k->secret));
		assert_memory_equal(data, secret_reveal(&k->secret), len);
	}
}

static void from_the_config(void **state)
{
	_cleanup_(ign_key_release) struct ign_key k = IGN_KEY_INIT;

	(void)state;
	get("{\"keyFile\":{\"source\":\"data:,a%00b%0A\"}}", &k);
	assert_false(k.made);
	assert_int_equal(secret_length(&k.secret), 4);
	assert_memory_equal(secret_reveal(&k.secret), "a\0b\n", 4);
	assert_readable(&k);
}

static void made_up(void **state)
{
	_cleanup_(ign_key_release) struct ign_key a = IGN_KEY_INIT, b = IGN_KEY_INIT;

	(void)state;
	get("{}", &a);
	get("{\"keyFile\":{\"source\":null}}", &b);
	assert_true(a.made);
	assert_int_equal(strspn(secret_reveal(&a.secret), "0123456789abcdef"), 8192);
	assert_string_not_equal(secret_reveal(&a.secret), secret_reveal(&b.secret));
	assert_readable(&a);
}

static void an_empty_key_is_refused(void **state)
{
	_cleanup_(ign_key_release) struct ign_key k = IGN_KEY_INIT;
	_cleanup_json_ json_t *j = NULL;
	const char luks[] = "{\"keyFile\":{\"source\":\"data:,\"}}";
	struct ign_fetch *f = ign_fetch_new();
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(jsonx_parse(luks, strlen(luks), "row", &j, &err), &err);
	assert_fails(ign_key_get(f, j, "$.l", &k, &err), &err, ERR_REFUSED,
		     "$.l.keyFile: the key is empty");
	ign_fetch_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(from_the_config),
		cmocka_unit_test(made_up),
		cmocka_unit_test(an_empty_key_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
