/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "parse.h"

static void reads_numbers_to_the_limit(void **state)
{
	struct err err = ERR_INIT;
	uint64_t n = 0;

	(void)state;
	assert_ok(parse_u64("18446744073709551615", UINT64_MAX, &n, &err), &err);
	assert_true(n == UINT64_MAX);
	assert_ok(parse_u64("0", 5, &n, &err), &err);
	assert_fails(parse_u64("6", 5, &n, &err), &err, ERR_USAGE, "0 to 5");
	assert_fails(parse_u64("18446744073709551616", UINT64_MAX, &n, &err), &err, ERR_USAGE, "");
	assert_fails(parse_u64("-1", 5, &n, &err), &err, ERR_USAGE, "whole number");
	assert_fails(parse_u64("", 5, &n, &err), &err, ERR_USAGE, "whole number");
	assert_fails(parse_u64("1 ", 5, &n, &err), &err, ERR_USAGE, "whole number");
}

static void reads_sizes_as_disks_are_sold(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} rows[] = {{"512", 512},          {"500G", 500000000000},
		    {"2T", 2000000000000}, {"512MiB", 512ull << 20},
		    {"1KB", 1000},         {"9223372036854775807", INT64_MAX}};
	static const char *const wrong[] = {
		"", "G", "1.5T", "500g", "500 G", "-1", "9223372036854775808", "10000000P"};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t n = 0;

		assert_ok(parse_size(rows[i].text, &n, &err), &err);
		assert_true(n == rows[i].bytes);
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		uint64_t n = 7;

		assert_fails(parse_size(wrong[i], &n, &err), &err, ERR_USAGE, "no size");
		assert_true(n == 7);
	}
}

static void reads_durations(void **state)
{
	struct err err = ERR_INIT;
	uint32_t s = 0;

	(void)state;
	assert_ok(parse_duration("12h", &s, &err), &err);
	assert_int_equal(s, 43200);
	assert_ok(parse_duration("7d", &s, &err), &err);
	assert_int_equal(s, 604800);
	assert_fails(parse_duration("12", &s, &err), &err, ERR_USAGE, "duration");
	assert_fails(parse_duration("4294967295m", &s, &err), &err, ERR_USAGE, "duration");
}

static void takes_one_dns_label_as_name(void **state)
{
	static const char *const wrong[] = {"", "-a", "a-", "A", "a.b", "a_b"};
	char longest[65];
	struct err err = ERR_INIT;

	(void)state;
	memset(longest, 'a', 64);
	longest[64] = '\0';
	assert_fails(parse_name(longest, &err), &err, ERR_USAGE, "1 to 63");
	longest[63] = '\0';
	assert_ok(parse_name(longest, &err), &err);
	assert_ok(parse_name("node-1", &err), &err);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_fails(parse_name(wrong[i], &err), &err, ERR_USAGE, "no name");
}

static void turns_hex_both_ways(void **state)
{
	struct err err = ERR_INIT;
	uint8_t b[3] = {0};
	char text[7];

	(void)state;
	assert_ok(parse_hex("00ffAb", b, 3, &err), &err);
	assert_string_equal(format_hex(b, 3, text), "00ffab");
	assert_fails(parse_hex("00ff", b, 3, &err), &err, ERR_USAGE, "6 hex");
	assert_fails(parse_hex("00ffxx", b, 3, &err), &err, ERR_USAGE, "6 hex");
}

static void assert_takes(char *got, const char *wanted)
{
	assert_string_equal(got, wanted);
	free(got);
}

static void formats_for_people(void **state)
{
	(void)state;
	assert_takes(format_size(999), "999 B");
	assert_takes(format_size(1500), "1.5 kB");
	assert_takes(format_size(4000787030016), "4.0 TB");
	assert_takes(format_size(UINT64_MAX), "18.4 EB");
	assert_takes(format_duration(0), "0s");
	assert_takes(format_duration(200), "3m 20s");
	assert_takes(format_duration(7260), "2h 1m");
	assert_takes(format_duration(90000), "1d 1h");
}

static void finds_the_nearest_name(void **state)
{
	static const char *const names[] = {"address", NULL, "role", "labels"};

	(void)state;
	assert_string_equal(nearest_name("adress", names, 4), "address");
	assert_string_equal(nearest_name("rloe", names, 4), "role");
	assert_string_equal(nearest_name("lables", names, 4), "labels");
	assert_null(nearest_name("storage", names, 4));
	assert_null(nearest_name("x", names, 4));
}

static void escapes_what_came_from_the_wire(void **state)
{
	(void)state;
	assert_takes(printable("a\x1b[2J\n\0z", 8), "a\\x1b\\x5b2J\\x0a\\x00z");
	assert_takes(printable("WDC WD40-1.2:3_", 15), "WDC WD40-1.2:3_");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_numbers_to_the_limit),
		cmocka_unit_test(reads_sizes_as_disks_are_sold),
		cmocka_unit_test(reads_durations),
		cmocka_unit_test(takes_one_dns_label_as_name),
		cmocka_unit_test(turns_hex_both_ways),
		cmocka_unit_test(formats_for_people),
		cmocka_unit_test(finds_the_nearest_name),
		cmocka_unit_test(escapes_what_came_from_the_wire),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
