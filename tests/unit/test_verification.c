/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "verification.h"

/* Digests of "abc" (FIPS 180-4's examples). */
#define ABC_256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ABC_512                                                                                    \
	"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"                         \
	"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"

static int verify(const char *text, const char *content, struct err *err)
{
	struct verification *v = NULL;
	int r = verification_new(text, &v, err);

	if (r == 0) {
		for (; *content; content++)
			verification_add(v, content, 1);
		r = verification_end(v, err);
	}
	verification_free(v);
	return r;
}

static void verifies(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(verify("sha256-" ABC_256, "abc", &err), &err);
	assert_ok(verify("sha512-" ABC_512, "abc", &err), &err);
	assert_fails(verify("sha256-" ABC_256, "abd", &err), &err, ERR_VERIFY,
		     "not sha256-" ABC_256);
	assert_fails(verify("sha512-" ABC_512, "", &err), &err, ERR_VERIFY, "not sha512-" ABC_512);
}

static void refuses(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_fails(verify("", "", &err), &err, ERR_CONFIG, "neither");
	assert_fails(verify(ABC_256, "", &err), &err, ERR_CONFIG, "neither");
	assert_fails(verify("md5-00", "", &err), &err, ERR_CONFIG, "neither");
	assert_fails(verify("SHA256-" ABC_256, "", &err), &err, ERR_CONFIG, "neither");
	assert_fails(verify("sha256-00", "", &err), &err, ERR_CONFIG, "64 hex digits");
	assert_fails(verify("sha512-" ABC_256, "", &err), &err, ERR_CONFIG, "128 hex digits");
	assert_fails(verify("sha256-" ABC_256 " ", "", &err), &err, ERR_CONFIG, "64 hex digits");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verifies),
		cmocka_unit_test(refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
