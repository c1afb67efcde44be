/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "template_match.h"

static struct label labels_a[] = {{(char *)"rack", (char *)"a"}, {(char *)"gpu", (char *)""}};
static struct label labels_b[] = {{(char *)"rack", (char *)"b"}};
static const struct node nodes[] = {
	{.name = (char *)"web1",
	 .role = ROLE_WORKER,
	 .arch = ARCH_AMD64,
	 .labels = labels_a,
	 .n_labels = 2},
	{.name = (char *)"cp1",
	 .role = ROLE_CONTROL_PLANE,
	 .arch = ARCH_ARM64,
	 .labels = labels_b,
	 .n_labels = 1},
};

static int read_match(const char *text, struct template_match *ret, struct problems *ps)
{
	_cleanup_(yaml_item_freep) struct yaml_item *root =
		yaml_parse(text, strlen(text), "t.yaml", ps);
	const struct yaml_entry *e = yaml_take(root, "match");

	return e ? template_match_read(e, "t.yaml", ret, ps) : -1;
}

static void chooses_nodes(void **state)
{
	static const struct {
		const char *text;
		bool web1, cp1;
	} rows[] = {
		{"match: {role: worker}", true, false},
		{"match: {role: [worker, control-plane]}", true, true},
		{"match: {arch: arm64}", false, true},
		{"match: {name: web1, role: worker}", true, false},
		{"match: {name: web1, role: control-plane}", false, false},
		{"match: {labels: {rack: [a, b]}}", true, true},
		{"match: {labels: {rack: b}}", false, true},
		{"match: {labels: {rack: a, gpu: \"\"}}", true, false},
		{"match: {labels: {gpu: x}}", false, false},
		{"match: {}", true, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(template_match_release) struct template_match m = {0};
		_cleanup_(problems_release) struct problems ps = {0};

		assert_int_equal(read_match(rows[i].text, &m, &ps), 0);
		assert_int_equal(template_match_holds(&m, &nodes[0]), rows[i].web1);
		assert_int_equal(template_match_holds(&m, &nodes[1]), rows[i].cp1);
	}
}

static void refuses_with_the_place(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"match: worker", "t.yaml:1:8: match: role, arch, name or labels"},
		{"match: {rol: worker}", "t.yaml:1:9: unknown key \"rol\"; did you mean \"role\"?"},
		{"match: {role: wroker}",
		 "t.yaml:1:15: match: there is no role \"wroker\"; did you mean \"worker\"?"},
		{"match: {arch: [amd64, arm46]}", "t.yaml:1:23: match: there is no arch \"arm46\""},
		{"match: {name: []}", "t.yaml:1:15: match: an empty list"},
		{"match: {name: {a: b}}", "t.yaml:1:15: match: a text is wanted"},
		{"match: {labels: [a]}", "t.yaml:1:17: match: labels are written {key: value}"},
		{"match: {labels: {a: {b: c}}}", "t.yaml:1:21: match: a text is wanted"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(problems_release) struct problems ps = {0};
		_cleanup_(freep) char *line = NULL;
		struct template_match m = {0};

		assert_int_equal(read_match(rows[i].text, &m, &ps), -1);
		line = problem_format(&ps.p[0]);
		if (!strstr(line, rows[i].why))
			fail_msg("wanted %s, got %s", rows[i].why, line);
	}
}

static void tells_what_no_node_has(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"match: {role: worker}", NULL},
		{"match: {name: wbe1}",
		 "t.yaml:1:15: match: no node has the name \"wbe1\"; did you mean \"web1\"?"},
		{"match: {name: [web1, nobody]}", "t.yaml:1:22: match: no node has the name"},
		{"match: {labels: {rakc: a}}",
		 "t.yaml:1:18: match: no node has the label \"rakc\"; did you mean \"rack\"?"},
		{"match: {labels: {rack: c}}",
		 "t.yaml:1:24: match: no node has the label rack \"c\""},
		{"match: {role: worker, labels: {rack: b}}",
		 "t.yaml:1:1: match: each of these some node has"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(template_match_release) struct template_match m = {0};
		_cleanup_(problems_release) struct problems ps = {0};
		_cleanup_(freep) char *line = NULL;

		assert_int_equal(read_match(rows[i].text, &m, &ps), 0);
		template_match_check(&m, "t.yaml", nodes, ARRAY_SIZE(nodes), &ps);
		assert_int_equal(ps.n, rows[i].why ? 1 : 0);
		line = ps.n ? problem_format(&ps.p[0]) : xstrdup("");
		if (rows[i].why && !strstr(line, rows[i].why))
			fail_msg("wanted %s, got %s", rows[i].why, line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chooses_nodes),
		cmocka_unit_test(refuses_with_the_place),
		cmocka_unit_test(tells_what_no_node_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
