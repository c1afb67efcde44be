/* SPDX-License-Identifier: Apache-2.0 */
/* tests/net/apply.bats has servers that misbehave, tests/cli/ignition.bats merges beside
 * upstream's. */
#include "web_scene.h"

#include "fsio.h"
#include "ign_config.h"
#include "limits.h"
#include "sha256.h"

#include <fcntl.h>
#include <sys/mman.h>

#define V34 "\"ignition\":{\"version\":\"3.4.0\"}"
/* An "ignition" with this config section. */
#define INCLUDES(section) "\"ignition\":{\"version\":\"3.4.0\",\"config\":{" section "}}"

static struct web web;

/* The text as a data URL. Caller frees. */
static char *data_url(const char *text)
{
	struct buf b;

	buf_init(&b, (size_t)16 * 1024 * 1024);
	buf_adds(&b, "data:,");
	for (const char *p = text; *p; p++)
		buf_addf(&b, "%%%02x", (unsigned char)*p);
	return buf_take(&b);
}

static int load_as(const char *text, bool pinned, json_t **ret, struct err *err)
{
	_cleanup_(closep) int fd = memfd_create("config", MFD_CLOEXEC);
	_cleanup_(freep) char *path = xasprintf("/proc/self/fd/%d", fd);
	struct ign_fetch *fetch = NULL;
	int r;

	assert_ok(fd_write_all(fd, text, strlen(text), err), err);
	r = (pinned ? ign_config_load_pinned : ign_config_load)(path, ret, &fetch, err);
	assert_true(r == 0 ? fetch != NULL : fetch == NULL);
	ign_fetch_free(fetch);
	return r;
}

static void loads(const char *text, const char *wanted)
{
	_cleanup_json_ json_t *config = NULL;
	_cleanup_(freep) char *got = NULL;
	struct err err = ERR_INIT;

	assert_ok(load_as(text, false, &config, &err), &err);
	got = jsonx_canonical(config);
	assert_string_equal(got, wanted);
}

static void fails(const char *text, enum err_kind kind, const char *sentence)
{
	struct err err = ERR_INIT;
	json_t *config = NULL;

	assert_fails(load_as(text, false, &config, &err), &err, kind, sentence);
	assert_null(config);
}

static void finishes_a_config(void **state)
{
	(void)state;
	loads("{\"ignition\":{\"version\":\"3.0.0\",\"config\":{},\"timeouts\":null},\"storage\":"
	      "null,"
	      "\"passwd\":{\"users\":[{\"name\":\"a\",\"uid\":null}]}}",
	      "{\"ignition\":{\"version\":\"3.4.0\"},\"passwd\":{\"users\":[{\"name\":\"a\"}]}}");
	fails("", ERR_CONFIG, "/proc/self/fd/");
	fails("{}", ERR_CONFIG, "$.ignition.version: is missing");
	fails("[]", ERR_CONFIG, "$: is not an object");
	fails("{" V34 ",\"x\":1}", ERR_CONFIG, "$.x: is no key of Ignition");
	fails("{" V34 "} {}", ERR_CONFIG, "/proc/self/fd/");
	/* a limit that is past any clock's end is none */
	loads("{\"ignition\":{\"version\":\"3.4.0\",\"timeouts\":{\"httpTotal\":2147483647}}}",
	      "{\"ignition\":{\"timeouts\":{\"httpTotal\":2147483647},\"version\":\"3.4.0\"}}");
}

#define FILES(list) ",\"storage\":{\"files\":[" list "]}}"

static void merges_in_order(void **state)
{
	_cleanup_(freep) char *deep = data_url("{" V34 FILES("{\"path\":\"/a\",\"mode\":3}"));
	_cleanup_(freep) char *first_text = xasprintf(
		"{" INCLUDES("\"merge\":[{\"source\":\"%s\"}]")
			FILES("{\"path\":\"/a\",\"mode\":2},{\"path\":\"/b\",\"mode\":2}"),
		deep);
	_cleanup_(freep) char *first = data_url(first_text);
	_cleanup_(freep) char *second = data_url("{" V34 FILES("{\"path\":\"/b\",\"mode\":4}"));
	_cleanup_(freep) char *merged =
		xasprintf("{" INCLUDES("\"merge\":[{\"source\":\"%s\"},{\"source\":\"%s\"}]")
				  FILES("{\"path\":\"/a\",\"mode\":1}"),
			  first, second);
	_cleanup_(freep) char *replaced = xasprintf(
		"{" INCLUDES("\"replace\":{\"source\":\"%s\"},\"merge\":[{\"source\":\"%s\"}]")
			FILES("{\"path\":\"/gone\"}"),
		first, second);

	(void)state;
	/* what a config includes is over it, the later over the earlier, the deeper over both */
	loads(merged, "{" V34 FILES("{\"mode\":3,\"path\":\"/a\"},{\"mode\":4,\"path\":\"/b\"}"));
	/* and replace leaves nothing of it, nor of its merge */
	loads(replaced, "{" V34 FILES("{\"mode\":3,\"path\":\"/a\"},{\"mode\":2,\"path\":\"/b\"}"));
}

static void names_the_config(void **state)
{
	_cleanup_(freep) char *secret =
		data_url("{" V34 ",\"passwd\":{\"users\":[{\"name\":\"a\",\"hash\":\"s3cret\"}]}}");
	_cleanup_(freep) char *text =
		xasprintf("{" INCLUDES("\"merge\":[{\"source\":\"%s\"}]") "}", secret);
	_cleanup_(freep) char *link =
		data_url("{" V34 ",\"storage\":{\"links\":[{\"path\":\"/a\",\"target\":\"x\"}]}}");
	_cleanup_(freep) char *both = xasprintf(
		"{" INCLUDES("\"merge\":[{\"source\":\"%s\"}]") FILES("{\"path\":\"/a/b\"}"), link);
	struct err err = ERR_INIT;
	json_t *config = NULL;

	(void)state;
	assert_int_equal(load_as(text, false, &config, &err), -1);
	assert_non_null(strstr(err_text(&err), "$.ignition.config.merge[0]: data URL: "
					       "$.passwd.users[0].hash: is no key"));
	assert_null(strstr(err_text(&err), "s3cret"));
	err_release(&err);
	fails("{" INCLUDES("\"replace\":{\"source\":\"data:,%7B%7D\"}") "}", ERR_CONFIG,
	      "$.ignition.config.replace: data URL: $.ignition.version");
	/* both are right, and what comes of them is not */
	fails(both, ERR_CONFIG, "the merged config: ");
}

/* /self names itself, /ping and /pong each other, /n leads to /nn and so on. */
static char *answer(const struct web *w, const char *path)
{
	_cleanup_(freep) char *next = NULL, *body = NULL;

	if (streq(path, "/plain"))
		return web_ok("{" V34 ",\"storage\":{\"files\":[{\"path\":\"/plain\"}]}}");
	if (streq(path, "/open") || streq(path, "/replaces")) {
		body = xasprintf(
			streq(path, "/open")
				? "{" INCLUDES("\"merge\":[{\"source\":\"%s/plain\"}]") "}"
				: "{" INCLUDES("\"replace\":{\"source\":\"%s/plain\"}") "}",
			w->url);
		return web_ok(body);
	}
	if (streq(path, "/self"))
		next = xstrdup("self");
	else if (streq(path, "/ping") || streq(path, "/pong"))
		next = xstrdup(streq(path, "/ping") ? "pong" : "ping");
	else
		next = xasprintf("%sn", path + 1);
	body = xasprintf("{" INCLUDES("\"merge\":[{\"source\":\"%s/%s\"}]") "}", w->url, next);
	return web_ok(body);
}

static void ends_loops(void **state)
{
	static const char *const paths[] = {"self", "ping"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		_cleanup_(freep) char *merge = xasprintf(
			"{" INCLUDES("\"merge\":[{\"source\":\"%s/%s\"}]") "}", web.url, paths[i]);
		_cleanup_(freep) char *replace = xasprintf(
			"{" INCLUDES("\"replace\":{\"source\":\"%s/%s\"}") "}", web.url, paths[i]);

		fails(merge, ERR_CONFIG, "the config leads to itself");
		fails(replace, ERR_CONFIG, "the config leads to itself");
	}
}

static void is_bounded(void **state)
{
	_cleanup_(freep) char *deep =
		xasprintf("{" INCLUDES("\"merge\":[{\"source\":\"%s/n\"}]") "}", web.url);
	_cleanup_(freep) char *sentence =
		xasprintf("more than %d configs lead to one another", LIMIT_IGN_DEPTH);
	_cleanup_(freep) char *text = NULL;
	struct buf b;

	(void)state;
	fails(deep, ERR_CONFIG, sentence);
	buf_init(&b, (size_t)1024 * 1024);
	buf_adds(&b, "{\"ignition\":{\"version\":\"3.4.0\",\"config\":{\"merge\":[");
	for (int i = 0; i < LIMIT_IGN_CONFIGS; i++)
		buf_addf(&b,
			 "%s{\"source\":\"data:;n=%d,%%7B%%22ignition%%22:%%7B%%22version%%22:"
			 "%%223.4.0%%22%%7D%%7D\"}",
			 i ? "," : "", i);
	buf_adds(&b, "]}}}");
	text = buf_take(&b);
	fails(text, ERR_CONFIG, "more than 64 configs in all");
}

static void pinned_fails(const char *text, enum err_kind kind, const char *sentence)
{
	struct err err = ERR_INIT;
	json_t *config = NULL;

	assert_fails(load_as(text, true, &config, &err), &err, kind, sentence);
}

/* The digest of the answer's body, as verification.hash has it. Caller frees. */
static char *digest_of(const char *path)
{
	_cleanup_(freep) char *whole = answer(&web, path);
	const char *body = strstr(whole, "\r\n\r\n") + 4;
	struct sha256 digest = sha256_of(body, strlen(body));
	char text[SHA256_TEXT_SIZE];

	return xasprintf("sha256-%s", sha256_format(&digest, text));
}

/* For a plan: what is not in it has a digest, at any depth, or is not even asked for. */
static void pins(void **state)
{
	static const char *const leads[] = {"/open", "/replaces"};
	_cleanup_(freep) char *plain = digest_of("/plain");
	_cleanup_(freep) char *good = xasprintf(
		"{" INCLUDES(
			"\"merge\":[{\"source\":\"%s/plain\",\"verification\":{\"hash\":\"%s\"}}"
			"]") "}",
		web.url, plain);
	_cleanup_(freep) char *inlined = data_url(good);
	_cleanup_(freep) char *nested =
		xasprintf("{" INCLUDES("\"merge\":[{\"source\":\"%s\"}]") "}", inlined);
	_cleanup_(freep) char *bare =
		xasprintf("{" INCLUDES("\"merge\":[{\"source\":\"%s/plain\"}]") "}", web.url);
	_cleanup_(freep) char *sentence =
		xasprintf("%s/plain: is included without a digest", web.url);
	_cleanup_json_ json_t *config = NULL;
	struct err err = ERR_INIT;
	size_t asked;

	(void)state;
	assert_ok(load_as(nested, true, &config, &err), &err);
	assert_non_null(json_object_get(config, "storage"));
	asked = web_count(&web, "GET /plain");
	pinned_fails(bare, ERR_CONFIG, sentence);
	for (size_t i = 0; i < ARRAY_SIZE(leads); i++) {
		_cleanup_(freep) char *hash = digest_of(leads[i]);
		_cleanup_(freep) char *text = xasprintf(
			"{" INCLUDES("\"merge\":[{\"source\":\"%s%s\",\"verification\":{\"hash\":"
				     "\"%s\"}}]") "}",
			web.url, leads[i], hash);

		pinned_fails(text, ERR_CONFIG, sentence);
	}
	assert_int_equal(web_count(&web, "GET /plain"), asked);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finishes_a_config), cmocka_unit_test(merges_in_order),
		cmocka_unit_test(names_the_config),  cmocka_unit_test(ends_loops),
		cmocka_unit_test(is_bounded),        cmocka_unit_test(pins),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
