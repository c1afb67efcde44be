/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "http/range.h"
#include "limits.h"

static void assert_part(const char *header, uint64_t size, uint64_t offset, uint64_t length)
{
	uint64_t o = 0, n = 0;

	assert_int_equal(range_parse(header, size, &o, &n), RANGE_PART);
	assert_int_equal(o, offset);
	assert_int_equal(n, length);
}

static void assert_verdict(const char *header, uint64_t size, enum range_verdict wanted)
{
	uint64_t o, n;

	assert_int_equal(range_parse(header, size, &o, &n), wanted);
}

static void one_part_is_taken(void **state)
{
	(void)state;
	assert_part("bytes=0-0", 10, 0, 1);
	assert_part("bytes=3-", 10, 3, 7);
	assert_part("bytes=3-99", 10, 3, 7);
	assert_part("bytes=-4", 10, 6, 4);
	assert_part("bytes=-99", 10, 0, 10);
	assert_part("bytes=9-18446744073709551600", 10, 9, 1);
}

static void what_starts_past_the_end_is_unsatisfiable(void **state)
{
	(void)state;
	assert_verdict("bytes=10-", 10, RANGE_UNSATISFIABLE);
	assert_verdict("bytes=0-", 0, RANGE_UNSATISFIABLE);
	assert_verdict("bytes=-0", 10, RANGE_UNSATISFIABLE);
	assert_verdict("bytes=-1", 0, RANGE_UNSATISFIABLE);
}

static void what_is_not_understood_gets_the_whole(void **state)
{
	static const char *const odd[] = {"",
					  "bytes",
					  "bytes=",
					  "bytes=-",
					  "bytes=a-b",
					  "bytes=5-3",
					  "lines=1-2",
					  "bytes=1-2,4-5",
					  "bytes= 1-2",
					  "bytes=1-2 ",
					  "bytes=99999999999999999999-"};

	(void)state;
	assert_verdict(NULL, 10, RANGE_WHOLE);
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
		assert_verdict(odd[i], 10, RANGE_WHOLE);
}

static void names_stay_below(void **state)
{
	static const char *const bad[] = {"",     "/",    "/etc/passwd", "a//b",    "a/",
					  "..",   "a/..", "../a",        ".hidden", "a/.b",
					  "a\nb", "a\\b", "./a",         "a/../b"};
	static const char *const good[] = {
		"a", "a/b", "kube/kubeadm/1.31.4/amd64/bin/kubelet", "x+y z~", "a..b", "a./b"};
	_cleanup_(freep) char *long_name = xcalloc(LIMIT_URL + 2, 1);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(asset_name_is_fine(bad[i]));
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(asset_name_is_fine(good[i]));
	memset(long_name, 'a', LIMIT_URL + 1);
	assert_false(asset_name_is_fine(long_name));
}

static void urls_are_decoded_once(void **state)
{
	static const char *const pairs[][2] = {
		{"/a%2fb", "/a/b"}, {"%2e%2E", ".."}, {"%252e", "%2e"},
		{"a%00b", "a%00b"}, {"100%", "100%"}, {"%4", "%4"},
		{"%zz%41", "%zzA"}, {"", ""},         {"%c3%a9", "\xc3\xa9"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		_cleanup_(freep) char *text = xstrdup(pairs[i][0]);

		assert_int_equal(url_decode(text), strlen(pairs[i][1]));
		assert_string_equal(text, pairs[i][1]);
	}
}

static void types_go_by_the_end(void **state)
{
	(void)state;
	assert_string_equal(asset_type("manifest.json"), "application/json");
	assert_string_equal(asset_type("images/debian-13-amd64.tar.zst"), "application/zstd");
	assert_string_equal(asset_type("vmlinuz"), "application/octet-stream");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_part_is_taken),
		cmocka_unit_test(what_starts_past_the_end_is_unsatisfiable),
		cmocka_unit_test(what_is_not_understood_gets_the_whole),
		cmocka_unit_test(names_stay_below),
		cmocka_unit_test(urls_are_decoded_once),
		cmocka_unit_test(types_go_by_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
