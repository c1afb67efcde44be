/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "fill.h"

static json_t *values_new(void)
{
	return json_pack("{s:s,s:i,s:[s]}", "hostname", "web1", "n", 3, "keys", "a");
}

static char *told(struct problems *ps)
{
	char *text = ps->n ? problem_format(&ps->p[0]) : xstrdup("");

	problems_release(ps);
	return text;
}

static void fills_lines(void **state)
{
	static const struct {
		const char *text;
		bool own;
		const char *filled, *names, *why;
	} rows[] = {
		{"a\n{{ hostname }} {{n}}{{ n }}\n", true, "a\nweb1 33\n", "hostname, n", NULL},
		{"{{{{ x }}", true, "{{ x }}", "", NULL},
		{"", true, "", "", NULL},
		{"a\n  {{ hostnam }}", true, NULL, NULL,
		 "files/x:2:3: unknown name \"hostnam\"; did you mean \"hostname\"?"},
		/* a block's text begins in the line below */
		{"a\n  {{ hostnam }}", false, NULL, NULL, "files/x:9:5: unknown name"},
		{"a\nb {{", true, NULL, NULL, "files/x:2:3: a reference is written {{ name }}"},
		{"{{ keys }}", true, NULL, NULL, "\"keys\" is a list or a map"},
	};
	_cleanup_(json_decrefp) json_t *values = values_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct origin at = {"files/x", rows[i].own ? 1 : 7, rows[i].own ? 1 : 5};
		_cleanup_(problems_release) struct problems ps = {0};
		_cleanup_(freep) char *names = NULL, *why = NULL;
		_cleanup_(freep) char *text =
			fill_lines(rows[i].text, at, rows[i].own, values, &names, &ps);

		why = told(&ps);
		if (rows[i].why) {
			assert_null(text);
			if (!strstr(why, rows[i].why))
				fail_msg("wanted %s, got %s", rows[i].why, why);
			continue;
		}
		assert_string_equal(why, "");
		assert_string_equal(text, rows[i].filled);
		assert_string_equal(names, rows[i].names);
	}
}

/* Before there is a node, only what is written wrong is told. */
static void leaves_a_draft_open(void **state)
{
	const struct origin at = {"t.yaml", 1, 1};
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_config_ struct config_item *open = fill_quoted("a {{ x }}", at, NULL, &ps);
	_cleanup_config_ struct config_item *plain = fill_quoted("a {{{{ x", at, NULL, &ps);
	_cleanup_(freep) char *names = NULL;
	_cleanup_(freep) char *text = fill_lines("{{ nobody }}", at, true, NULL, &names, &ps);

	(void)state;
	assert_true(config_item_is_open(open));
	assert_string_equal(config_item_text(plain), "a {{ x");
	assert_string_equal(text, "{{ nobody }}");
	assert_int_equal(ps.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_lines),
		cmocka_unit_test(leaves_a_draft_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
