/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "cmdline.h"

#define CA       "provision.ca=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define REQUIRED "provision.url=https://10.0.0.1:8443/ provision.http=http://10.0.0.1:8080 " CA

static int parse(const char *text, struct cmdline *c, struct err *err)
{
	return cmdline_parse(text, strlen(text), c, err);
}

static void test_whole(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(cmdline_release) struct cmdline c = {0};
	char text[MAC_TEXT_SIZE];

	(void)state;
	assert_ok(parse("BOOT_IMAGE=vmlinuz quiet " REQUIRED
			" provision.time=1760000000 provision.nonce=ab12 "
			"provision.mac=52:54:00:12:34:56 BOOTIF=01-52-54-00-12-34-57 "
			"console=tty0 console=ttyS0,115200\n",
			&c, &err),
		  &err);
	assert_string_equal(c.url, "https://10.0.0.1:8443");
	assert_string_equal(c.http, "http://10.0.0.1:8080");
	assert_int_equal(c.time, 1760000000);
	assert_string_equal(c.nonce, "ab12");
	assert_string_equal(mac_format(&c.mac, text), "52:54:00:12:34:56");
	assert_string_equal(mac_format(&c.boot_mac, text), "52:54:00:12:34:57");
	assert_int_equal(c.ca.b[1], 0x11);
}

static void test_defaults(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(cmdline_release) struct cmdline c = {0};

	(void)state;
	assert_ok(parse(REQUIRED " provision.mac=525400123456", &c, &err), &err);
	assert_true(c.has_boot_mac);
	assert_memory_equal(&c.mac, &c.boot_mac, sizeof(c.mac));
	assert_int_equal(c.time, 0);
	assert_null(c.nonce);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"", "provision.url is missing"},
		{"provision.url=https://a " CA, "provision.http is missing"},
		{"provision.url=http://a", "does not start with https://"},
		{"provision.url=https://", "does not start with https://"},
		{"provision.url=https://a\x01", "no URL has"},
		{"provision.ca=12", "provision.ca"},
		{REQUIRED " provision.uri=1", "provision.uri is not a word"},
		{REQUIRED " provision.time=x", "provision.time"},
		{REQUIRED " provision.time", "has no value"},
		{REQUIRED " provision.nonce=XY", "not lower-case hex"},
		{REQUIRED " provision.nonce=a provision.nonce=a", "twice"},
		{REQUIRED " BOOTIF=01-ff-ff-ff-ff-ff-ff", "BOOTIF"},
	};
	_cleanup_(err_release) struct err err = ERR_INIT;
	struct cmdline c = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_fails(parse(cases[i].text, &c, &err), &err, ERR_CONFIG, cases[i].message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
