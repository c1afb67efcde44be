/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "template.h"
#include "text_template.h"

static const char values_text[] =
	"{\"hostname\":\"web1\",\"n\":3,\"yes\":true,\"keys\":[\"a\",\"b\"],"
	"\"node\":{\"name\":\"web1\",\"labels\":{\"x\":\"y\"}}}";

static int fill(const char *text, char **ret, struct err *err)
{
	struct templates *t = templates_new();
	struct problems ps = {0};
	json_t *values = json_loads(values_text, 0, NULL), *j = NULL;
	int r;

	r = templates_add(t, "dir/t.yaml", text, strlen(text), &ps);
	if (r < 0)
		problems_to_err(&ps, err);
	else
		r = templates_fill(t, "t.yaml", values, &j, err);
	if (r == 0)
		*ret = jsonx_canonical(j);
	json_decref(j);
	json_decref(values);
	problems_release(&ps);
	templates_free(t);
	return r;
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

static void merges_by_path_and_name(void **state)
{
	json_t *base =
		json_loads("{\"s\":{\"files\":[{\"path\":\"/a\",\"mode\":1},{\"path\":\"/b\"}],"
			   "\"l\":[\"x\"]},\"k\":1}",
			   0, NULL);
	json_t *over =
		json_loads("{\"s\":{\"files\":[{\"path\":\"/a\",\"mode\":2},{\"path\":\"/c\"}],"
			   "\"l\":[\"x\",\"y\"]},\"k\":2}",
			   0, NULL);
	char *json;

	(void)state;
	template_merge(base, over);
	json = jsonx_canonical(base);
	assert_string_equal(json, "{\"k\":2,\"s\":{\"files\":[{\"mode\":2,\"path\":\"/a\"},"
				  "{\"path\":\"/b\"},{\"path\":\"/c\"}],\"l\":[\"x\",\"y\"]}}");
	free(json);
	json_decref(base);
	json_decref(over);
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
		cmocka_unit_test(merges_by_path_and_name),
		cmocka_unit_test(renders_plain_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
