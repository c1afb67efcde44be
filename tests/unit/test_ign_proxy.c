/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ign_proxy.h"

static json_t *parse(const char *text)
{
	struct err err = ERR_INIT;
	json_t *j = NULL;

	assert_ok(jsonx_parse(text, strlen(text), "proxy", &j, &err), &err);
	return j;
}

static void chooses_by_scheme(void **state)
{
	_cleanup_json_ json_t *both =
		parse("{\"httpProxy\":\"http://p\",\"httpsProxy\":\"http://q\"}");
	_cleanup_json_ json_t *http = parse("{\"httpProxy\":\"http://p\"}");
	_cleanup_json_ json_t *https = parse("{\"httpsProxy\":\"http://q\"}");

	(void)state;
	assert_string_equal(ign_proxy_for(NULL, "http://x/"), "");
	assert_string_equal(ign_proxy_for(both, "http://x/"), "http://p");
	assert_string_equal(ign_proxy_for(both, "https://x/"), "http://q");
	assert_string_equal(ign_proxy_for(http, "https://x/"), "http://p");
	assert_string_equal(ign_proxy_for(https, "http://x/"), "");
}

static void leaves_hosts_out(void **state)
{
	static const struct {
		const char *item, *url;
		bool direct;
	} cases[] = {
		{"*", "http://x/", true},
		{"foo.com", "http://foo.com/", true},
		{"foo.com", "http://FOO.com:8080/", true},
		{"foo.com", "http://bar.foo.com/", true},
		{"foo.com", "http://barfoo.com/", false},
		{"foo.com", "http://foo.com.x/", false},
		{".y.com", "http://x.y.com/", true},
		{".y.com", "http://y.com/", false},
		{"*.y.com", "http://x.y.com/", true},
		{"foo.com:80", "http://foo.com/", true},
		{"foo.com:443", "https://foo.com/", true},
		{"foo.com:81", "http://foo.com/", false},
		{"1.2.3.4", "http://1.2.3.4/", true},
		{"1.2.3.4", "http://1.2.3.5/", false},
		{"1.2.3.4:80", "http://1.2.3.4/", true},
		{"1.2.3.4:80", "http://1.2.3.4:81/", false},
		{"1.2.3.4/8", "http://1.200.0.1/", true},
		{"1.2.3.4/8", "http://2.2.3.4/", false},
		{"10.0.0.0/9", "http://10.127.0.1/", true},
		{"10.0.0.0/9", "http://10.128.0.1/", false},
		{"10.0.0.0/33", "http://10.0.0.0/", false},
		{"10.0.0.0/", "http://10.0.0.0/", false},
		{"10.0.0.0/8", "http://host/", false},
		{"0.0.0.0/0", "http://9.9.9.9/", true},
		{"::1", "http://[::1]/", true},
		{"[::1]", "http://[::1]/", true},
		{"[::1]:80", "http://[::1]/", true},
		{"[::1]:80", "http://[::1]:81/", false},
		{"fd00::/8", "http://[fd12::1]/", true},
		{"fd00::/8", "http://[fe80::1]/", false},
		{"fd00::/8", "http://1.2.3.4/", false},
		{":", "http://x/", false},
		{"[]:80", "http://x/", false},
		{"/", "http://x/", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(freep) char *text =
			xasprintf("{\"httpProxy\":\"http://p\",\"noProxy\":[\"other\",\"%s\"]}",
				  cases[i].item);
		_cleanup_json_ json_t *proxy = parse(text);

		if (streq(ign_proxy_for(proxy, cases[i].url), "") != cases[i].direct)
			fail_msg("%s, %s", cases[i].item, cases[i].url);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chooses_by_scheme),
		cmocka_unit_test(leaves_hosts_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
