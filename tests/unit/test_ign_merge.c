/* SPDX-License-Identifier: Apache-2.0 */
/* tests/cli/ignition.bats holds many more merges against upstream's. */
#include "unit.h"

#include "ign_merge.h"

static json_t *parse(const char *text)
{
	struct err err = ERR_INIT;
	json_t *j = NULL;

	assert_ok(jsonx_parse(text, strlen(text), "config", &j, &err), &err);
	return j;
}

static void merged(const char *parent, const char *child, const char *wanted)
{
	_cleanup_json_ json_t *p = parse(parent), *c = parse(child);
	_cleanup_(freep) char *p_before = jsonx_canonical(p), *c_before = jsonx_canonical(c);
	_cleanup_json_ json_t *m = ign_merge(p, c);
	_cleanup_(freep) char *got = jsonx_canonical(m);
	_cleanup_(freep) char *p_after = jsonx_canonical(p), *c_after = jsonx_canonical(c);

	assert_string_equal(got, wanted);
	assert_string_equal(p_before, p_after);
	assert_string_equal(c_before, c_after);
}

static void merges(void **state)
{
	(void)state;
	merged("{}", "{}", "{}");
	/* by path, in the parent's order; the rest is appended */
	merged("{\"storage\":{\"files\":[{\"path\":\"/a\",\"mode\":1},{\"path\":\"/b\"}]}}",
	       "{\"storage\":{\"files\":[{\"path\":\"/c\"},{\"path\":\"/a\",\"overwrite\":true}]}}",
	       "{\"storage\":{\"files\":[{\"mode\":1,\"overwrite\":true,\"path\":\"/a\"},"
	       "{\"path\":\"/b\"},{\"path\":\"/c\"}]}}");
	/* a node is in one list only */
	merged("{\"storage\":{\"files\":[{\"path\":\"/a\"}]}}",
	       "{\"storage\":{\"directories\":[{\"path\":\"/a\"}]}}",
	       "{\"storage\":{\"directories\":[{\"path\":\"/a\"}]}}");
	/* what may come twice is appended */
	merged("{\"storage\":{\"files\":[{\"path\":\"/"
	       "a\",\"append\":[{\"source\":\"data:,1\"}]}]}}",
	       "{\"storage\":{\"files\":[{\"path\":\"/"
	       "a\",\"append\":[{\"source\":\"data:,1\"}]}]}}",
	       "{\"storage\":{\"files\":[{\"append\":[{\"source\":\"data:,1\"},{\"source\":\"data:,"
	       "1\"}],\"path\":\"/a\"}]}}");
	/* null is absent */
	merged("{\"passwd\":{\"users\":[{\"name\":\"a\",\"uid\":5}]}}",
	       "{\"passwd\":{\"users\":[{\"name\":\"a\",\"uid\":null}],\"groups\":null}}",
	       "{\"passwd\":{\"users\":[{\"name\":\"a\",\"uid\":5}]}}");
}

/* A header whose value is null goes out; one that the parent has not stays, and is not sent. */
static void takes_headers_out(void **state)
{
#define HEADERS(list)                                                                              \
	"{\"ignition\":{\"config\":{\"replace\":{\"httpHeaders\":[" list                           \
	"],\"source\":\"http://x/\"}}}}"
	(void)state;
	merged(HEADERS("{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"B\",\"value\":\"2\"}"),
	       HEADERS("{\"name\":\"A\",\"value\":null},{\"name\":\"C\"}"),
	       HEADERS("{\"name\":\"B\",\"value\":\"2\"},{\"name\":\"C\"}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merges),
		cmocka_unit_test(takes_headers_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
