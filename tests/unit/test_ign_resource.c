/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ign_resource.h"

/* "hello" in gzip, and its digest. */
#define GZIP      "H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA=="
#define HELLO_256 "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

static int take(const char *text, size_t max, char **ret, struct err *err)
{
	struct ign_fetch *f = ign_fetch_new();
	_cleanup_json_ json_t *resource = NULL;
	size_t len = 0;
	int r = jsonx_parse(text, strlen(text), "resource", &resource, err);

	if (r == 0)
		r = ign_resource_read(f, resource, "$.x", max, ret, &len, err);
	if (r == 0)
		assert_int_equal(len, strlen(*ret));
	ign_fetch_free(f);
	return r;
}

static void is(const char *text, const char *content)
{
	struct err err = ERR_INIT;
	char *got = NULL;

	assert_ok(take(text, 100, &got, &err), &err);
	assert_string_equal(got, content);
	free(got);
}

static void reads(void **state)
{
	(void)state;
	is("{}", "");
	is("{\"source\":null}", "");
	is("{\"source\":\"\"}", "");
	is("{\"source\":\"\",\"compression\":\"gzip\"}", "");
	is("{\"source\":\"data:,hello\"}", "hello");
	is("{\"source\":\"data:,hello\",\"compression\":\"\"}", "hello");
	is("{\"source\":\"data:,hello\",\"verification\":{\"hash\":\"sha256-" HELLO_256 "\"}}",
	   "hello");
	is("{\"source\":\"data:;base64," GZIP "\",\"compression\":\"gzip\"}", "hello");
	/* the digest is that of the unpacked content */
	is("{\"source\":\"data:;base64," GZIP "\",\"compression\":\"gzip\","
	   "\"verification\":{\"hash\":\"sha256-" HELLO_256 "\"}}",
	   "hello");
}

static void refuses(void **state)
{
	struct err err = ERR_INIT;
	char *got = NULL;

	(void)state;
	assert_fails(
		take("{\"source\":\"data:,hallo\",\"verification\":{\"hash\":\"sha256-" HELLO_256
		     "\"}}",
		     100, &got, &err),
		&err, ERR_VERIFY, "$.x: the content is sha256-");
	assert_fails(take("{\"source\":\"data:,hello\"}", 4, &got, &err), &err, ERR_PROTOCOL,
		     "$.x: the content is larger than 4 bytes");
	assert_fails(take("{\"source\":\"data:;base64," GZIP "\",\"compression\":\"gzip\"}", 4,
			  &got, &err),
		     &err, ERR_PROTOCOL, "larger than 4 bytes");
	assert_fails(take("{\"source\":\"data:,hello\",\"compression\":\"gzip\"}", 100, &got, &err),
		     &err, ERR_PROTOCOL, "$.x: no gzip");
	assert_fails(take("{\"source\":\"data:,\",\"compression\":\"gzip\"}", 100, &got, &err),
		     &err, ERR_PROTOCOL, "$.x: no gzip: empty");
	assert_null(got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
