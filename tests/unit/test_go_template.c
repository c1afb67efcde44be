/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "import/go_template.h"

static const char values_text[] =
	"{\"name\":\"node1\",\"n\":5,\"big\":1000000,\"half\":0.5,\"yes\":true,\"empty\":\"\","
	"\"keys\":[\"a\",\"b\"],\"many\":[1,2,3,4,5,6,7,8,9],\"none\":[],\"deep\":{\"er\":\"x\"},"
	"\"list\":[{\"k\":\"v\"}]}";

static int fill(const char *text, bool keep, char **ret, unsigned int *line, struct err *err)
{
	_cleanup_json_ json_t *values = json_loads(values_text, 0, NULL);
	_cleanup_json_ json_t *references = json_pack("{s:s}", "name", "metadata.name");
	const struct go_template t = {values, keep ? references : NULL};
	unsigned int column = 0;
	struct buf out;
	int r;

	buf_init(&out, 4096);
	r = go_template_fill(&t, text, strlen(text), &out, line, &column, err);
	if (r < 0)
		assert_true(column > 0);
	if (r == 0)
		*ret = buf_take(&out);
	buf_release(&out);
	return r;
}

static void fills_what_people_write(void **state)
{
	static const struct {
		const char *text, *filled;
	} rows[] = {
		{"plain", "plain"},
		{"", ""},
		{"a {{.name}} b {{ .n }}{{ .yes }}", "a node1 b 5true"},
		{"{{.deep.er}}{{ $.name }}", "xnode1"},
		{"a\n  {{- .name -}}\n  b", "anode1b"},
		{"x{{/* a word */}}y", "xy"},
		{"{{if .empty}}a{{else}}b{{end}}", "b"},
		{"{{if .absent}}a{{end}}c", "c"},
		{"{{if index . \"keys\"}}a{{end}}{{if index . \"absent\"}}b{{end}}", "a"},
		{"{{.half}}", "0.5"},
		{"{{range $k := .keys}}- {{$k}}\n{{end}}", "- a\n- b\n"},
		{"{{range .keys}}{{.}}{{$.name}}{{end}}", "anode1bnode1"},
		{"{{range .list}}{{.k}}{{end}}", "v"},
		{"{{range $e := .list}}{{$e.k}}{{end}}", "v"},
		{"{{range .none}}a{{else}}nothing{{end}}", "nothing"},
		{"{{range .absent}}a{{end}}", ""},
		{"{{range $a := .keys}}{{range $b := $.keys}}{{$a}}{{$b}} {{end}}{{end}}",
		 "aa ab ba bb "},
		{"{{if .yes}}{{if .empty}}a{{else}}b{{end}}{{else}}c{{end}}", "b"},
		/* what is not run may say anything plain */
		{"{{if .empty}}{{.absent}}{{end}}ok", "ok"},
	};
	_cleanup_(err_release) struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(freep) char *filled = NULL;
		unsigned int line = 0;

		assert_ok(fill(rows[i].text, false, &filled, &line, &err), &err);
		assert_string_equal(filled, rows[i].filled);
	}
}

static void refuses_the_rest_by_its_line(void **state)
{
	static const struct {
		const char *text;
		unsigned int line;
		const char *why;
	} rows[] = {
		{"a\nb {{.absent}}", 2, "do not have"},
		{"\n\n{{.request.raw_query}}", 3, "do not have"},
		{"{{.name | upper}}", 1, "no plain reference"},
		{"{{printf \"%s\" .name}}", 1, "no plain reference"},
		{"{{.keys}}", 1, "is a list, a map, or a number"},
		{"{{.big}}", 1, "is a list, a map, or a number"},
		{"{{template \"x\"}}", 1, "no plain reference"},
		{"{{if eq .name \"a\"}}b{{end}}", 1, "no plain question"},
		{"{{if .name}}", 1, "no {{end}}"},
		{"a\n{{end}}", 2, "stands alone"},
		{"{{if .name}}a{{else if .n}}b{{end}}", 1, "more than {{else}}"},
		{"{{range .name}}{{end}}", 1, "no list"},
		{"{{range $i, $e := .keys}}{{end}}", 1, "no plain reference"},
		{"{{range .keys}}{{.x}}{{end}}", 1, "no plain reference"},
		{"{{$x}}", 1, "no plain reference"},
		{"{{}}", 1, "no plain reference"},
		{"{{.}}", 1, "is a list, a map, or a number"},
		{"a {{ .name", 1, "has no end"},
		{"\xef\xb7\x90name\xef\xb7\x91", 1, "noncharacter"},
	};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *filled = NULL;
		unsigned int line = 0;

		assert_fails(fill(rows[i].text, false, &filled, &line, &err), &err, ERR_CONFIG,
			     rows[i].why);
		assert_int_equal(line, rows[i].line);
	}
}

static void bounds_loops(void **state)
{
	static const char *const deep = "{{if .yes}}{{if .yes}}{{if .yes}}{{if .yes}}{{if .yes}}"
					"{{if .yes}}{{if .yes}}{{if .yes}}{{if .yes}}{{if .yes}}"
					"{{if .yes}}{{if .yes}}{{if .yes}}{{if .yes}}{{if .yes}}"
					"{{if .yes}}{{if .yes}}{{if .yes}}";
	struct err err = ERR_INIT;
	unsigned int line = 0;
	char *filled = NULL;
	struct buf text;

	(void)state;
	assert_fails(fill(deep, false, &filled, &line, &err), &err, ERR_CONFIG, "too deep");
	buf_init(&text, 65536);
	for (int i = 0; i < 11; i++)
		buf_adds(&text, "{{range $.keys}}");
	for (int i = 0; i < 64; i++)
		buf_adds(&text, "0123456789abcdef");
	for (int i = 0; i < 11; i++)
		buf_adds(&text, "{{end}}");
	assert_fails(fill(text.data, false, &filled, &line, &err), &err, ERR_CONFIG, "too long");
	/* also those that write nothing */
	buf_reset(&text);
	for (int i = 0; i < 14; i++)
		buf_adds(&text, "{{range $.many}}");
	for (int i = 0; i < 14; i++)
		buf_adds(&text, "{{end}}");
	assert_fails(fill(text.data, false, &filled, &line, &err), &err, ERR_CONFIG, "too long");
	buf_release(&text);
}

static void keeps_a_reference_where_it_is_wanted(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(freep) char *filled = NULL;
	unsigned int line = 0;

	(void)state;
	assert_ok(fill("{{.name}} {{.n}} {{range .keys}}{{$.name}}{{end}}", true, &filled, &line,
		       &err),
		  &err);
	assert_string_equal(filled, GO_MARK_BEGIN "metadata.name" GO_MARK_END " 5 node1node1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_what_people_write),
		cmocka_unit_test(refuses_the_rest_by_its_line),
		cmocka_unit_test(bounds_loops),
		cmocka_unit_test(keeps_a_reference_where_it_is_wanted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
