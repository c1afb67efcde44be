/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "api.h"

static void check(long status, const char *body, enum err_kind kind, const char *text)
{
	_cleanup_(err_release) struct err err = ERR_INIT;

	assert_fails(api_refusal(status, body, strlen(body), &err), &err, kind, text);
}

static void test_refusal(void **state)
{
	(void)state;
	check(403, "{\"error\":{\"kind\":\"refused\",\"message\":\"disk A holds data\"}}",
	      ERR_REFUSED, "disk A holds data");
	check(404, "{\"error\":{\"kind\":\"not-found\",\"message\":\"no intent\"}}", ERR_NOT_FOUND,
	      "no intent");
	/* Whatever a server in trouble says, it may be better later. */
	check(500, "{\"error\":{\"kind\":\"io\",\"message\":\"disk full\"}}", ERR_BUSY,
	      "disk full");
	check(429, "", ERR_BUSY, "429");
	check(400, "<html>\x1b[2J", ERR_PROTOCOL, "\\x1b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
