/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "blob_cache.h"

static void what_was_put_is_found_by_its_key_only(void **state)
{
	struct blob_cache *c = blob_cache_new(4);
	struct blob *a = blob_new("aa", 2), *got;

	(void)state;
	assert_null(blob_cache_get(c, 1));
	blob_cache_put(c, 1, a);
	for (uint64_t key = 2; key < 100; key++)
		assert_null(blob_cache_get(c, key));
	got = blob_cache_get(c, 1);
	assert_ptr_equal(got, a);
	assert_string_equal(got->data, "aa");
	blob_unref(got);
	blob_unref(a);
	blob_cache_free(c);
}

static void who_holds_one_keeps_it(void **state)
{
	struct blob_cache *c = blob_cache_new(1);
	struct blob *a = blob_new("a", 1), *b = blob_new("b", 1), *held;

	(void)state;
	blob_cache_put(c, 1, a);
	blob_unref(a);
	held = blob_cache_get(c, 1);
	blob_cache_put(c, 2, b);
	blob_unref(b);
	assert_null(blob_cache_get(c, 1));
	blob_cache_free(c);
	assert_string_equal(held->data, "a");
	blob_unref(held);
}

static void an_empty_one_is_one(void **state)
{
	struct blob *b = blob_new(NULL, 0);

	(void)state;
	assert_int_equal(b->len, 0);
	assert_string_equal(b->data, "");
	blob_unref(b);
	blob_unref(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_found_by_its_key_only),
		cmocka_unit_test(who_holds_one_keeps_it),
		cmocka_unit_test(an_empty_one_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
