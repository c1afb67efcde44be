/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "tftp_wire.h"

static void writes_a_read_request(void **state)
{
	uint8_t out[TFTP_MESSAGE];

	(void)state;
	assert_int_equal(tftp_read_request("a.ipxe", out), 15);
	assert_memory_equal(out, "\0\1a.ipxe\0octet", 15);
	assert_int_equal(tftp_acknowledgement(1, out), 4);
	assert_memory_equal(out, "\0\4\0\1", 4);
	assert_int_equal(tftp_stop(out), 16);
	assert_memory_equal(out, "\0\5\0\0seen enough", 16);
}

static int check(const char *message, size_t len, const char *content, struct err *err)
{
	return tftp_check_first_block((const uint8_t *)message, len, (const uint8_t *)content,
				      strlen(content), err);
}

static void judges_the_answer(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(check("\0\3\0\1hello", 9, "hello", &err), &err);
	assert_fails(check("\0\3\0\1hello", 9, "other", &err), &err, ERR_PROTOCOL, "another file");
	assert_fails(check("\0\3\0\1hello", 8, "hello", &err), &err, ERR_PROTOCOL, "another file");
	assert_fails(check("\0\3\0\2hello", 9, "hello", &err), &err, ERR_PROTOCOL, "number 2");
	assert_fails(check("\0\5\0\1File not found", 18, "x", &err), &err, ERR_NOT_FOUND,
		     "File not found");
	assert_fails(check("\0\3", 2, "x", &err), &err, ERR_PROTOCOL, "2 bytes only");
}

static void looks_at_the_first_block_of_a_long_file(void **state)
{
	uint8_t message[TFTP_MESSAGE] = {0, 3, 0, 1}, content[1000] = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(tftp_check_first_block(message, sizeof(message), content, sizeof(content), &err),
		  &err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_a_read_request),
		cmocka_unit_test(judges_the_answer),
		cmocka_unit_test(looks_at_the_first_block_of_a_long_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
