/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "limits.h"
#include "nonce.h"

static const uint8_t key[NONCE_KEY_SIZE] = {1}, other_key[NONCE_KEY_SIZE] = {2};
static const struct mac mac1 = {{2, 0, 0, 0, 0, 1}}, mac2 = {{2, 0, 0, 0, 0, 2}};

static void it_is_good_for_its_machine(void **state)
{
	char text[NONCE_TEXT_SIZE];

	(void)state;
	nonce_make(key, &mac1, 1000, text);
	assert_int_equal(strlen(text), 32);
	assert_true(nonce_is_good(key, &mac1, 1000, text));
	assert_false(nonce_is_good(key, &mac2, 1000, text));
	assert_false(nonce_is_good(other_key, &mac1, 1000, text));
}

static void it_ages(void **state)
{
	char text[NONCE_TEXT_SIZE];

	(void)state;
	nonce_make(key, &mac1, 1000, text);
	assert_true(nonce_is_good(key, &mac1, 1000 + INTENT_LIFETIME_S, text));
	assert_false(nonce_is_good(key, &mac1, 1001 + INTENT_LIFETIME_S, text));
	assert_true(nonce_is_fresh(key, &mac1, 1060, 60, text));
	assert_false(nonce_is_fresh(key, &mac1, 1061, 60, text));
	assert_false(nonce_is_good(key, &mac1, 999, text));
}

static void every_digit_counts(void **state)
{
	char text[NONCE_TEXT_SIZE];

	(void)state;
	nonce_make(key, &mac1, 1000, text);
	for (size_t i = 0; i < 32; i++) {
		char was = text[i];

		text[i] = was == '0' ? '1' : '0';
		assert_false(nonce_is_good(key, &mac1, 1000, text));
		text[i] = was;
	}
	assert_false(nonce_is_good(key, &mac1, 1000, ""));
	assert_false(nonce_is_good(key, &mac1, 1000, "zz"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_good_for_its_machine),
		cmocka_unit_test(it_ages),
		cmocka_unit_test(every_digit_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
