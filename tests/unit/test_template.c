/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "template.h"
#include "text_template.h"

static const char values_text[] =
	"{\"hostname\":\"web1\",\"n\":3,\"yes\":true,\"keys\":[\"a\",\"b\"],"
	"\"node\":{\"name\":\"web1\",\"labels\":{\"x\":\"y\"}}}";

static int fill(const char *text, char **ret, struct err *err)
{
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_(template_freep) struct template *t =
		template_parse("dir/t.yaml", text, strlen(text), &ps);
	_cleanup_(json_decrefp) json_t *values = json_loads(values_text, 0, NULL), *j = NULL;
	_cleanup_config_ struct config_item *config = t ? template_fill(t, values, &ps) : NULL;

	if (!config)
		return problems_to_err(&ps, err);
	j = config_item_to_json(config);
	*ret = jsonx_canonical(j);
	return 0;
}

static void replaces_in_quoted_texts_only(void **state)
{
	static const struct {
		const char *text, *json;
	} rows[] = {
		{"a: \"{{ hostname }}\"", "{\"a\":\"web1\"}"},
		{"a: '{{hostname}}.lan'", "{\"a\":\"web1.lan\"}"},
		/* alone it takes the value's type */
		{"a: \"{{ n }}\"", "{\"a\":3}"},
		{"a: \"{{ yes }}\"", "{\"a\":true}"},
		{"a: \"{{ keys }}\"", "{\"a\":[\"a\",\"b\"]}"},
		{"a: \"{{ node.labels }}\"", "{\"a\":{\"x\":\"y\"}}"},
		{"a: \"n={{ n }}, {{ node.name }}\"", "{\"a\":\"n=3, web1\"}"},
		{"a: \"{{{{ x }}\"", "{\"a\":\"{{ x }}\"}"},
		{"a: |\n  {{ hostname }}\n", "{\"a\":\"{{ hostname }}\\n\"}"},
		/* plain texts are typed; 0755 is octal as YAML 1.1 has it */
		{"mode: 0755\nb: false\nc: 10\nd: x",
		 "{\"b\":false,\"c\":10,\"d\":\"x\",\"mode\":493}"},
		{"a: 0o644\nb: -5\nc: 08\nd: 0", "{\"a\":420,\"b\":-5,\"c\":8,\"d\":0}"},
	};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *json = NULL;

		assert_ok(fill(rows[i].text, &json, &err), &err);
		assert_string_equal(json, rows[i].json);
		free(json);
	}
}

static void refuses_with_the_place(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"a: {{ hostname }}", "dir/t.yaml:1:5: a map cannot be a key"},
		{"a: x {{ hostname }}", "dir/t.yaml:1:4: a reference is written in quotes"},
		{"a:\n  \"{{ b }}\": 1", "dir/t.yaml:2:3: a key is never replaced"},
		{"a: \"{{ hostnam }}\"", "unknown name \"hostnam\"; did you mean \"hostname\"?"},
		{"a: \"{{ node.nam }}\"", "unknown name \"node.nam\"; did you mean \"node.name\"?"},
		{"a: \"x {{ keys }}\"", "it has to stand alone"},
		{"a: \"{{ hostname\"", "a reference is written \"{{ name }}\""},
		{"a: \"{{ }}\"", "a reference is written \"{{ name }}\""},
		{"- a", "keys such as"},
	};
	struct err err = ERR_INIT;
	char *json = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_fails(fill(rows[i].text, &json, &err), &err, ERR_CONFIG, rows[i].why);
}

/* What a file written for Butane begins with is looked at and left out. */
static void takes_the_head_of_butane(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"variant: fcos\nversion: 1.5.0\na: 1", NULL},
		{"variant: flatcar\nversion: \"1.1.0\"\na: 1", NULL},
		{"variant: openshift\na: 1", "dir/t.yaml:1:10: the variants of Butane"},
		{"variant: flatcar\nversion: 1.2.0\na: 1",
		 "dir/t.yaml:2:10: the versions of flatcar that are taken here are 1.0.0 to 1.1.0"},
		{"variant: fcos\nversion: 1.5.0x\na: 1", "dir/t.yaml:2:10: the versions of fcos"},
		{"variant: fcos\nversion: 1.5.7\na: 1", "dir/t.yaml:2:10: the versions of fcos"},
		{"variant: fcos\nversion: 1.5x\na: 1", "dir/t.yaml:2:10: the versions of fcos"},
		{"variant: fcos\nversion: 1.5\na: 1", "dir/t.yaml:2:10: the versions of fcos"},
		{"variant: fcos\nversion: [1]\na: 1", "dir/t.yaml:2:10: the versions of fcos"},
		{"variant: [fcos]\na: 1", "dir/t.yaml:1:10: the variants of Butane"},
		{"version: 1.5.0\na: 1", "dir/t.yaml:1:1: a version belongs to a variant"},
	};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(freep) char *json = NULL;

		if (rows[i].why) {
			assert_fails(fill(rows[i].text, &json, &err), &err, ERR_CONFIG,
				     rows[i].why);
			continue;
		}
		assert_ok(fill(rows[i].text, &json, &err), &err);
		assert_string_equal(json, "{\"a\":1}");
	}
}

/* Each value knows its place, and whether a reference made it. */
static void remembers_the_place(void **state)
{
	static const char text[] = "a:\n  - b: \"{{ keys }}\"\n    c: \"x{{ n }}{{ hostname }}\"\n";
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_(template_freep) struct template *t =
		template_parse("dir/t.yaml", text, strlen(text), &ps);
	_cleanup_(json_decrefp) json_t *values = json_loads(values_text, 0, NULL);
	_cleanup_config_ struct config_item *config = template_fill(t, values, &ps);
	const struct config_item *item;

	(void)state;
	item = config_item_find(config, "$.a[0].b[1]: no good");
	assert_string_equal(item->at.file, "dir/t.yaml");
	assert_int_equal(item->at.line, 2);
	assert_int_equal(item->at.column, 8);
	assert_int_equal(item->via, VIA_REFERENCE);
	assert_string_equal(item->source, "keys");
	assert_string_equal(config_item_text(item), "b");
	item = config_item_find(config, "$.a[0].c is wrong");
	assert_string_equal(item->source, "n, hostname");
	/* what is not there: as near as it gets */
	item = config_item_find(config, "$.a[0].d.e");
	assert_int_equal(item->at.line, 2);
	assert_int_equal(item->at.column, 5);
	assert_ptr_equal(config_item_find(config, "no path"), config);
}

static void renders_plain_text(void **state)
{
	static const char *const names[] = {"node", "http"};
	const char *const values[] = {"web1", NULL};
	struct text_template *t = NULL;
	struct err err = ERR_INIT;
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	assert_ok(text_template_parse("#!ipxe\necho {{ node }} ${net0/mac} {{{{ [{{http}}]\n",
				      "t.ipxe", names, 2, &t, &err),
		  &err);
	text_template_render(t, values, &b);
	assert_string_equal(b.data, "#!ipxe\necho web1 ${net0/mac} {{ []\n");
	buf_release(&b);
	text_template_free(t);
	assert_fails(text_template_parse("a\nb {{ nod }}\n", "t.ipxe", names, 2, &t, &err), &err,
		     ERR_CONFIG, "t.ipxe:2:3: unknown name \"nod\"; did you mean \"node\"?");
	assert_fails(text_template_parse("{{ node\n}}", "t.ipxe", names, 2, &t, &err), &err,
		     ERR_CONFIG, "t.ipxe:1:1: a reference is written {{ name }}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaces_in_quoted_texts_only),
		cmocka_unit_test(refuses_with_the_place),
		cmocka_unit_test(takes_the_head_of_butane),
		cmocka_unit_test(remembers_the_place),
		cmocka_unit_test(renders_plain_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
