/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "data_url.h"
#include "limits.h"

static void decodes(void **state)
{
	static const struct {
		const char *url, *content;
	} cases[] = {
		{"data:,", ""},
		{"data:,hello%20world%0A", "hello world\n"},
		{"data:,a+b", "a+b"},
		{"data:,a,b;c?d&e=f/g", "a,b;c?d&e=f/g"},
		{"data:text/plain,x", "x"},
		{"data:text/plain;charset=utf-8,x%C3%A4", "x\xc3\xa4"},
		{"data:;charset=utf-8,x", "x"},
		{"data:;base64,aGVsbG8=", "hello"},
		{"data:;base64,aGVsbG8h", "hello!"},
		{"data:;base64,YQ==", "a"},
		{"data:;base64,", ""},
		{"data:text/plain;charset=utf-8;base64,YWI=", "ab"},
		{"data:text/plain;name=\"a,b\\\"c\";base64,YWI=", "ab"},
		{"data:application/octet-stream;base64,//79/A==", "\xff\xfe\xfd\xfc"},
		/* one of the parameters is called base64 and is none */
		{"data:;base64=x,YQ==", "YQ=="},
	};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *content = NULL;
		size_t len = 0;

		assert_ok(data_url_decode(cases[i].url, &content, &len, &err), &err);
		assert_int_equal(len, strlen(cases[i].content));
		assert_string_equal(content, cases[i].content);
		free(content);
	}
}

static void holds_any_byte(void **state)
{
	struct err err = ERR_INIT;
	char *content = NULL;
	size_t len = 0;

	(void)state;
	assert_ok(data_url_decode("data:,a%00b", &content, &len, &err), &err);
	assert_int_equal(len, 3);
	assert_memory_equal(content, "a\0b", 4);
	free(content);
}

static void refuses(void **state)
{
	static const char *const urls[] = {
		"",
		"data",
		"data:",
		"DATA:,x",
		"http://x/",
		"data:text",
		"data:text,x",
		"data:text/,x",
		"data:/plain,x",
		"data:text/plain",
		"data:text/plain;,x",
		"data:text/plain;charset,x",
		"data:text/plain;charset=,x",
		"data:text/plain;a=\"b,x",
		"data:text/plain;a=\"b\\",
		"data:;base64",
		"data:;base64;a=b,YQ==",
		"data:;base65,YQ==",
		"data:;base64,YQ",
		"data:;base64,YQ=",
		"data:;base64,Y===",
		"data:;base64,YQ==YQ==",
		"data:;base64,YQ ==",
		"data:;base64,YQ\n==",
		"data:;base64,YQ%3D%3D",
		"data:;base64,-_-_",
		"data:,a b",
		"data:,a#b",
		"data:,a\"b",
		"data:,\xc3\xa4",
		"data:,a\nb",
		"data:,%",
		"data:,%4",
		"data:,%4g",
		"data:,%g4",
	};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		char *content = NULL;
		size_t len;

		if (data_url_decode(urls[i], &content, &len, &err) == 0)
			fail_msg("%s was decoded", urls[i]);
		assert_int_equal(err.kind, ERR_CONFIG);
		assert_null(content);
		err_release(&err);
	}
}

static void never_shows_the_content(void **state)
{
	struct err err = ERR_INIT;
	char *content = NULL;
	size_t len;

	(void)state;
	assert_int_equal(data_url_decode("data:;base64,c2VjcmV0", &content, &len, &err), 0);
	free(content);
	assert_int_equal(data_url_decode("data:;base64,hunter2?", &content, &len, &err), -1);
	assert_null(strstr(err_text(&err), "hunter2"));
	err_release(&err);
	assert_int_equal(data_url_decode("data:,hunter2 ", &content, &len, &err), -1);
	assert_null(strstr(err_text(&err), "hunter2"));
	err_release(&err);
}

static void has_a_ceiling(void **state)
{
	size_t n = LIMIT_DATA_URL;
	_cleanup_(freep) char *url = xmalloc(n + 2);
	struct err err = ERR_INIT;
	char *content = NULL;
	size_t len = 0;

	(void)state;
	memset(url, 'a', n + 1);
	memcpy(url, "data:,", 6);
	url[n] = '\0';
	assert_ok(data_url_decode(url, &content, &len, &err), &err);
	assert_int_equal(len, n - 6);
	free(content);
	url[n] = 'a';
	url[n + 1] = '\0';
	content = NULL;
	assert_fails(data_url_decode(url, &content, &len, &err), &err, ERR_CONFIG, "longer than");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes),       cmocka_unit_test(holds_any_byte),
		cmocka_unit_test(refuses),       cmocka_unit_test(never_shows_the_content),
		cmocka_unit_test(has_a_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
