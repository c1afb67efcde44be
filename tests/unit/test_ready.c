/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ready.h"

#define NODE(boot, status)                                                                         \
	"{\"status\":{\"nodeInfo\":{\"bootID\":\"" boot "\"},\"conditions\":[{\"type\":"           \
	"\"MemoryPressure\",\"status\":\"False\"},{\"type\":\"Ready\",\"status\":\"" status        \
	"\",\"message\":\"cni plugin not initialized\"}]}}"

static bool judge(const char *text, char **why)
{
	_cleanup_json_ json_t *j = json_loads(text, 0, NULL);

	assert_non_null(j);
	return ready_judge(j, "b-2", why);
}

static void test_judge(void **state)
{
	_cleanup_(freep) char *old = NULL, *not_yet = NULL, *empty = NULL, *none = NULL;

	(void)state;
	assert_true(judge(NODE("b-2", "True"), &none));
	assert_null(none);
	/* The Node object of an earlier life still says Ready. */
	assert_false(judge(NODE("b-1", "True"), &old));
	assert_non_null(strstr(old, "this start"));
	assert_false(judge(NODE("b-2", "False"), &not_yet));
	assert_string_equal(not_yet, "cni plugin not initialized");
	assert_false(judge("{}", &empty));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
