/* SPDX-License-Identifier: Apache-2.0 */
/* tests/net/apply.bats has TLS, and servers that stall and hang up. */
#include "web_scene.h"

#include "ign_fetch.h"
#include "limits.h"

static struct web web;

static char *answer(const struct web *w, const char *path)
{
	(void)w;
	if (streq(path, "/hello"))
		return web_ok("hello");
	if (streq(path, "/to-hello"))
		return xstrdup(
			"HTTP/1.1 302 Found\r\nLocation: hello\r\nContent-Length: 0\r\n\r\n");
	if (streq(path, "/round"))
		return xstrdup(
			"HTTP/1.1 307 Again\r\nLocation: /round\r\nContent-Length: 0\r\n\r\n");
	if (streq(path, "/away"))
		return xstrdup("HTTP/1.1 301 Gone\r\nLocation: file:///etc/shadow\r\n"
			       "Content-Length: 0\r\n\r\n");
	if (streq(path, "/nothing"))
		return xstrdup("HTTP/1.1 204 Nothing\r\n\r\n");
	if (streq(path, "/500"))
		return xstrdup("HTTP/1.1 500 Broken\r\nContent-Length: 5\r\n\r\nerror");
	if (streq(path, "/410"))
		return xstrdup("HTTP/1.1 410 Gone\r\nContent-Length: 5\r\n\r\nerror");
	if (streq(path, "/mute"))
		return NULL;
	if (startswith(path, "http://"))
		return web_ok("by the proxy");
	return xstrdup("HTTP/1.1 404 None\r\nContent-Length: 5\r\n\r\nerror");
}

static int take(const void *p, size_t n, void *arg, struct err *err)
{
	struct buf *b = arg;

	if (!buf_add(b, p, n))
		return err_set(err, ERR_REFUSED, "no more of this");
	return 0;
}

/* Gets the URL with these settings; *ret (caller frees) is what came, at most max_taken of it. */
static int get(const char *url, const char *ignition, const char *headers, size_t max_taken,
	       char **ret, struct err *err)
{
	_cleanup_json_ json_t *settings = NULL, *list = NULL;
	struct ign_fetch *f = ign_fetch_new();
	struct buf got;
	struct ign_request req = {.url = url, .max = 64, .on_data = take, .arg = &got};
	int r;

	buf_init(&got, max_taken);
	assert_ok(jsonx_parse(ignition, strlen(ignition), "ignition", &settings, err), err);
	assert_ok(jsonx_parse(headers, strlen(headers), "headers", &list, err), err);
	req.headers = list;
	r = ign_fetch_set(f, settings, "$.ignition", err);
	if (r == 0)
		r = ign_fetch_get(f, &req, err);
	*ret = buf_take(&got);
	buf_release(&got);
	ign_fetch_free(f);
	return r;
}

/* A path of the server; what is asked and said is in *got and web.asked. */
static int get_path(const char *path, const char *ignition, const char *headers, char **got,
		    struct err *err)
{
	_cleanup_(freep) char *url = xasprintf("%s%s", web.url, path);

	return get(url, ignition, headers, 64, got, err);
}

#define QUICK "{\"timeouts\":{\"httpTotal\":1}}"

static void gets_answers(void **state)
{
	_cleanup_(freep) char *hello = NULL, *nothing = NULL, *moved = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(get_path("/hello", "{}", "[]", &hello, &err), &err);
	assert_string_equal(hello, "hello");
	assert_ok(get_path("/nothing", "{}", "[]", &nothing, &err), &err);
	assert_string_equal(nothing, "");
	assert_ok(get_path("/to-hello", "{}", "[]", &moved, &err), &err);
	assert_string_equal(moved, "hello");
}

static void sends_headers(void **state)
{
	static const char headers[] =
		"[{\"name\":\"X-Secret\",\"value\":\"s\"},{\"name\":\"X-None\"},"
		"{\"name\":\"ACCEPT\",\"value\":\"mine\"},{\"name\":\"X-Empty\",\"value\":\"\"}]";
	_cleanup_(freep) char *got = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(get_path("/to-hello", "{}", headers, &got, &err), &err);
	/* not to where the first server leads, which may be another one */
	assert_int_equal(web_count(&web, "X-Secret: s"), 1);
	assert_int_equal(web_count(&web, "ACCEPT: mine"), 1);
	assert_int_equal(web_count(&web, "X-None"), 0);
	assert_true(web_count(&web, "Accept: application/vnd.coreos.ignition+json;version=3.4.0") >
		    0);
	assert_int_equal(web_count(&web, "Accept-Encoding: identity"), web_count(&web, "GET /"));
}

static void follows_no_loop(void **state)
{
	_cleanup_(freep) char *round = NULL, *away = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_fails(get_path("/round", "{}", "[]", &round, &err), &err, ERR_PROTOCOL,
		     "/round: redirects more than 10 times");
	assert_int_equal(web_count(&web, "GET /round "), LIMIT_REDIRECTS + 1);
	assert_fails(get_path("/away", "{}", "[]", &away, &err), &err, ERR_PROTOCOL,
		     "which is not https");
}

static void tries_again_what_may_pass(void **state)
{
	_cleanup_(freep) char *broken = NULL, *gone = NULL, *none = NULL, *mute = NULL,
			      *dead = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_fails(get_path("/500", QUICK, "[]", &broken, &err), &err, ERR_NETWORK,
		     "/500: the server answered 500");
	assert_true(web_count(&web, "GET /500 ") > 1);
	assert_string_equal(broken, "");
	assert_fails(get_path("/410", "{}", "[]", &gone, &err), &err, ERR_NOT_FOUND, "410");
	assert_fails(get_path("/none", "{}", "[]", &none, &err), &err, ERR_NOT_FOUND, "404");
	assert_int_equal(web_count(&web, "GET /410 ") + web_count(&web, "GET /none "), 2);
	assert_fails(get_path("/mute", "{\"timeouts\":{\"httpTotal\":1,\"httpResponseHeaders\":1}}",
			      "[]", &mute, &err),
		     &err, ERR_NETWORK, "/mute");
	assert_fails(get("http://127.0.0.1:1/", QUICK, "[]", 64, &dead, &err), &err, ERR_NETWORK,
		     "http://127.0.0.1:1/");
}

static void stops_at_a_limit(void **state)
{
	_cleanup_(freep) char *url =
		xasprintf("http://user:pass@%s/hello", web.url + strlen("http://"));
	_cleanup_(freep) char *got = NULL, *large = NULL;
	struct err err = ERR_INIT;

	(void)state;
	/* what takes it says no: its reason counts, and nobody asks again */
	assert_fails(get(url, "{}", "[]", 3, &got, &err), &err, ERR_REFUSED, "no more of this");
	assert_int_equal(
		get("http://user:pass@127.0.0.1:1/?key=pass", QUICK, "[]", 64, &large, &err), -1);
	assert_null(strstr(err_text(&err), "pass"));
	err_release(&err);
}

static void goes_through_a_proxy(void **state)
{
	_cleanup_(freep) char *through = xasprintf(
		"{\"proxy\":{\"httpProxy\":\"%s\",\"noProxy\":[\"127.0.0.1\"]}}", web.url);
	_cleanup_(freep) char *far = NULL, *near = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(get("http://web.test/x", through, "[]", 64, &far, &err), &err);
	assert_string_equal(far, "by the proxy");
	assert_ok(get_path("/hello", through, "[]", &near, &err), &err);
	assert_string_equal(near, "hello");
}

static void checks_authorities(void **state)
{
#define AUTHORITY(source)                                                                          \
	"{\"security\":{\"tls\":{\"certificateAuthorities\":[{\"source\":\"" source "\"}]}}}"
	static const char *const bad[] = {
		AUTHORITY("data:,"),
		AUTHORITY("data:,nonsense"),
		AUTHORITY(
			"data:,-----BEGIN%20CERTIFICATE-----%0AAAAA%0A-----END%20CERTIFICATE-----"),
		AUTHORITY("data:,-----BEGIN%20CERTIFICATE-----"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_(freep) char *got = NULL;
		struct err err = ERR_INIT;

		assert_fails(
			get("http://127.0.0.1:1/", bad[i], "[]", 64, &got, &err), &err, ERR_CONFIG,
			"$.ignition.security.tls.certificateAuthorities[0]: certificate 1 of the "
			"bundle is no certificate in PEM");
	}
}

static int start(void **state)
{
	(void)state;
	web_start(&web, answer);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	web_release(&web);
	return 0;
}

#define web_test(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		web_test(gets_answers),       web_test(sends_headers),
		web_test(follows_no_loop),    web_test(tries_again_what_may_pass),
		web_test(stops_at_a_limit),   web_test(goes_through_a_proxy),
		web_test(checks_authorities),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
