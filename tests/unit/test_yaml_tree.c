/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "buf.h"
#include "limits.h"
#include "yaml_tree.h"

static struct yaml_item *parse(const char *text, struct problems *ps)
{
	return yaml_parse(text, strlen(text), "f.yaml", ps);
}

/* The text is refused with exactly this line. */
static void assert_refused(const char *text, const char *wanted)
{
	struct problems ps = {0};
	char *line;

	assert_null(parse(text, &ps));
	assert_int_equal(ps.n, 1);
	line = problem_format(&ps.p[0]);
	if (!strstr(line, wanted))
		fail_msg("got %s", line);
	free(line);
	problems_release(&ps);
}

static void reads_kinds_and_places(void **state)
{
	struct problems ps = {0};
	struct yaml_item *root = parse("a: 1\nlist:\n  - \"x\"\n  - |\n    y\nempty:\n", &ps);
	const struct yaml_entry *e;

	(void)state;
	assert_non_null(root);
	e = yaml_take(root, "a");
	assert_string_equal(e->value->text, "1");
	assert_int_equal(e->value->column, 4);
	e = yaml_take(root, "list");
	assert_int_equal(e->value->kind, YAML_LIST);
	assert_int_equal(e->value->entries[0].value->style, YAML_QUOTED);
	assert_int_equal(e->value->entries[1].value->style, YAML_BLOCK);
	assert_int_equal(e->value->entries[1].value->line, 4);
	assert_null(yaml_take(root, "empty"));
	yaml_leftover(root, "f.yaml", &ps);
	assert_int_equal(ps.n, 0);
	yaml_item_free(root);
	root = parse("# only a comment\n", &ps);
	assert_int_equal(root->kind, YAML_MAP);
	yaml_item_free(root);
}

static void suggests_the_nearest_key(void **state)
{
	struct problems ps = {0};
	struct yaml_item *root = parse("adress: 1\nname: x\nfoo: 2\n", &ps);

	(void)state;
	yaml_take(root, "address");
	yaml_take(root, "name");
	yaml_leftover(root, "f.yaml", &ps);
	assert_int_equal(ps.n, 2);
	assert_string_equal(ps.p[0].text, "unknown key \"adress\"; did you mean \"address\"?");
	assert_string_equal(ps.p[1].text, "unknown key \"foo\"; remove it");
	assert_int_equal(ps.p[1].line, 3);
	yaml_item_free(root);
	problems_release(&ps);
}

static void tells_where_a_key_belongs(void **state)
{
	struct problems ps = {0};
	struct yaml_item *root = parse("disks: 1\nname: x\n", &ps), *child = yaml_map_new(),
			 *grandchild = yaml_map_new();

	(void)state;
	yaml_take(root, "disk");
	yaml_take(child, "name");
	yaml_take(grandchild, "disks");
	yaml_take(grandchild, "disks");
	yaml_note_below(child, "a.b", grandchild);
	yaml_note_below(root, "a", child);
	yaml_note_below(root, "c", child);
	yaml_leftover(root, "f.yaml", &ps);
	assert_int_equal(ps.n, 2);
	/* what is known elsewhere is no slip of the pen */
	assert_string_equal(ps.p[0].text, "unknown key \"disks\"; it belongs under a.b");
	assert_string_equal(ps.p[1].text, "unknown key \"name\"; it belongs under a or c");
	yaml_item_free(root);
	yaml_item_free(child);
	yaml_item_free(grandchild);
	problems_release(&ps);
}

static void refuses_with_line_and_column(void **state)
{
	(void)state;
	assert_refused("a: 1\n\tb: 2\n", "f.yaml:2:1: a tab in the indentation");
	assert_refused("a: 1\nb:\n  c: 1\n  c: 2\n",
		       "f.yaml:4:3: the key \"c\" stands already in line 3");
	assert_refused("a: &x 1\n", "f.yaml:1:4: anchors");
	assert_refused("a: [1, *x]\n", "f.yaml:1:8: aliases");
	assert_refused("a: !!int 1\n", "f.yaml:1:4: tags");
	assert_refused("a: 1\n---\nb: 2\n", "f.yaml:2:1: a second document");
	assert_refused("a: {{ name }}\n", "a reference is written in quotes");
	assert_refused("a: [1\n", "no valid YAML");
	assert_refused("a: 1\nb: \xff\n", "f.yaml:2:");
	assert_refused("a: \"x\\0y\"\n", "NUL");
}

static void refuses_a_bomb(void **state)
{
	struct problems ps = {0};
	struct buf b;

	(void)state;
	assert_refused("a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", "f.yaml:1:4: anchors");
	buf_init(&b, SIZE_MAX / 2);
	for (int i = 0; i <= LIMIT_YAML_DEPTH; i++)
		buf_addc(&b, '[');
	for (int i = 0; i <= LIMIT_YAML_DEPTH; i++)
		buf_addc(&b, ']');
	assert_refused(b.data, "nested too deeply");
	buf_reset(&b);
	for (int i = 0; i <= LIMIT_YAML_KEYS; i++)
		buf_addf(&b, "k%d: 1\n", i);
	assert_refused(b.data, "too many keys");
	buf_reset(&b);
	buf_addc(&b, '[');
	for (int i = 0; i <= LIMIT_YAML_NODES; i++)
		buf_adds(&b, "1,");
	buf_addc(&b, ']');
	assert_refused(b.data, "too many values");
	buf_release(&b);
	assert_null(yaml_parse("", LIMIT_YAML_BYTES + 1, "f.yaml", &ps));
	assert_non_null(strstr(ps.p[0].text, "more than"));
	problems_release(&ps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_kinds_and_places),
		cmocka_unit_test(suggests_the_nearest_key),
		cmocka_unit_test(tells_where_a_key_belongs),
		cmocka_unit_test(refuses_with_line_and_column),
		cmocka_unit_test(refuses_a_bomb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
