/* SPDX-License-Identifier: Apache-2.0 */
/* Written as YAML and read as a template, a config says what it said before. */
#include "unit.h"

#include "import/butane_text.h"
#include "import/go_template.h"
#include "import/marked_yaml.h"

static char *text_of(const json_t *config)
{
	struct buf b;

	buf_init(&b, 65536);
	butane_text_add(&b, config);
	return buf_take(&b);
}

static void every_text_comes_back(void **state)
{
	static const char *const texts[] = {
		"plain",
		"",
		" ",
		"true",
		"No",
		"0755",
		"1e3",
		"~",
		"- a",
		"a: b",
		"a # b",
		"#!/bin/sh\necho\n",
		"no newline\nat the end",
		"two at the end\n\n",
		" indented\nfirst\n",
		"\nempty first\n",
		"a\n\n\nb\n",
		"a\n  b\n\tc\n",
		"tab\tin it",
		"quote \" and \\ back\n\"x\"\n",
		"caf\xc3\xa9\nzwei\n",
		"\r\nwindows\r\n",
		"%a",
		"@a",
		"{a}",
		"next line \xc2\x85 and \xe2\x80\xa8 line\nend\n",
	};
	_cleanup_json_ json_t *values = json_object();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_json_ json_t *in =
			json_pack("{s:s, s:[s, s], s:[{s:s, s:{s:s}}]}", "a", texts[i], "list",
				  texts[i], "x", "maps", "k", texts[i], "deep", "er", texts[i]);
		_cleanup_(problems_release) struct problems ps = {0};
		_cleanup_(yaml_item_freep) struct yaml_item *item = NULL;
		_cleanup_(freep) char *text = text_of(in);
		_cleanup_json_ json_t *out = NULL;

		item = yaml_parse(text, strlen(text), "t.yaml", &ps);
		if (!item)
			fail_msg("%s\n%s", ps.p[0].text, text);
		out = marked_yaml_to_json(item, values);
		if (!json_equal(in, out))
			fail_msg("%s", text);
	}
}

static void numbers_and_modes(void **state)
{
	_cleanup_json_ json_t *in = json_pack("{s:i, s:b, s:i, s:[s]}", "mode", 0640, "yes", 1,
					      "uid", 900, "list", "a");
	_cleanup_(freep) char *text = text_of(in), *special = NULL;

	(void)state;
	assert_string_equal(text, "mode: 0640\nyes: true\nuid: 900\nlist:\n  - a\n");
	json_object_set_new(in, "mode", json_integer(04755));
	special = text_of(in);
	assert_true(startswith(special, "mode: 04755\n"));
}

static void marks_become_references(void **state)
{
	static const char mark[] = "a " GO_MARK_BEGIN "x" GO_MARK_END " {{ b }}";
	_cleanup_json_ json_t *in =
		json_pack("{s:s, s:s, s:s, s:s}", "marked", mark, "literal", "{{ b }}", "lines",
			  "{{ b }}\nc\n", "both", " " GO_MARK_BEGIN "x" GO_MARK_END "\n  c\n");
	_cleanup_(freep) char *text = text_of(in);

	(void)state;
	assert_string_equal(text, "marked: \"a {{ x }} {{{{ b }}\"\n"
				  "literal: \"{{{{ b }}\"\n"
				  "lines: |\n  {{ b }}\n  c\n"
				  "both: \"\\\n  \\ {{ x }}\\n\\\n  \\  c\\n\"\n");
}

static void marks_in_plain_texts_are_typed(void **state)
{
	static const char yaml[] =
		"mode: " GO_MARK_BEGIN "m" GO_MARK_END "\n"
		"quoted: \"" GO_MARK_BEGIN "m" GO_MARK_END "\"\n"
		"text: a" GO_MARK_BEGIN "m" GO_MARK_END "\n"
		"on: " GO_MARK_BEGIN "y" GO_MARK_END "\n" GO_MARK_BEGIN "y" GO_MARK_END ": 0o17\n";
	_cleanup_json_ json_t *values = json_pack("{s:s, s:s}", "m", "0600", "y", "true");
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_(yaml_item_freep) struct yaml_item *item =
		yaml_parse(yaml, strlen(yaml), "t.yaml", &ps);
	_cleanup_json_ json_t *out = NULL;
	_cleanup_(freep) char *text = NULL;

	(void)state;
	if (!item)
		fail_msg("%s", ps.p[0].text);
	out = marked_yaml_to_json(item, values);
	text = jsonx_canonical(out);
	assert_string_equal(text,
			    "{\"mode\":384,\"on\":true,\"quoted\":\"" GO_MARK_BEGIN "m" GO_MARK_END
			    "\",\"text\":\"a" GO_MARK_BEGIN "m" GO_MARK_END "\",\"true\":15}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_comes_back),
		cmocka_unit_test(numbers_and_modes),
		cmocka_unit_test(marks_become_references),
		cmocka_unit_test(marks_in_plain_texts_are_typed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
