/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "node_texts.h"
#include "runcmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static char *temp_dir(void)
{
	char *dir = xstrdup("/tmp/test_node_texts.XXXXXX");

	assert_non_null(mkdtemp(dir));
	return dir;
}

static void temp_dir_remove(const char *dir)
{
	struct err err = ERR_INIT;

	assert_ok(runcmd_argv((const char *const[]){"rm", "-rf", "--", dir, NULL}, &err), &err);
}

static void write_file(const char *dir, const char *name, const char *text)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void make_folder(const char *dir, const char *name)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", dir, name);

	assert_int_equal(mkdir(path, 0755), 0);
}

static char *render(const struct node_texts *t, enum node_text_kind kind, const char *node,
		    struct err *err)
{
	_cleanup_(json_decrefp) json_t *values = json_pack("{s:s,s:{s:s},s:[s]}", "hostname", node,
							   "metadata", "disk", "sda", "list", "x");
	struct buf out;

	buf_init(&out, 4096);
	if (node_texts_render(t, kind, node, values, &out, err) < 0) {
		buf_release(&out);
		return NULL;
	}
	return buf_take(&out);
}

static void fills_in_the_text_of_the_node(void **state)
{
	_cleanup_(freep) char *dir = temp_dir();
	struct node_texts *t = NULL;
	struct problems ps = {0};
	struct err err = ERR_INIT;
	char *text;

	(void)state;
	make_folder(dir, "generic");
	write_file(dir, "generic/default.txt", "{{hostname}}: {{ metadata.disk }}{{{{ }}\n");
	write_file(dir, "generic/web1.txt", "a\n  {{ metadata.dsk }}");
	write_file(dir, "generic/web2.txt", "{{ list }}");
	write_file(dir, "generic/web3.txt", "{{ hostname.x }}");
	write_file(dir, "generic/.hidden.txt", "{{");
	write_file(dir, "generic/web1.txt~", "{{");
	if (node_texts_load(dir, &t, &ps) < 0)
		fail_msg("%s", ps.p[0].text);
	text = render(t, NODE_TEXT_GENERIC, "web9", &err);
	assert_string_equal(text, "web9: sda{{ }}\n");
	free(text);
	assert_null(render(t, NODE_TEXT_GENERIC, "web1", &err));
	assert_int_equal(err.kind, ERR_CONFIG);
	assert_string_equal(err_text(&err), "generic/web1.txt:2:3: unknown name \"metadata.dsk\"; "
					    "did you mean \"disk\"?");
	err_release(&err);
	assert_null(render(t, NODE_TEXT_GENERIC, "web2", &err));
	assert_string_equal(err_text(&err), "generic/web2.txt:1:1: {{ list }} is no single text");
	err_release(&err);
	assert_null(render(t, NODE_TEXT_GENERIC, "web3", &err));
	assert_string_equal(err_text(&err), "generic/web3.txt:1:1: unknown name \"hostname.x\"");
	err_release(&err);
	assert_null(render(t, NODE_TEXT_CLOUD, "web1", &err));
	assert_int_equal(err.kind, ERR_NOT_FOUND);
	err_release(&err);
	node_texts_free(t);
	temp_dir_remove(dir);
}

static void tells_a_broken_reference_at_its_place(void **state)
{
	_cleanup_(freep) char *dir = temp_dir();
	struct node_texts *t = NULL;
	struct problems ps = {0};

	(void)state;
	make_folder(dir, "cloud");
	write_file(dir, "cloud/web1.yaml", "a: b\nc: {{ a b }}\n");
	assert_int_equal(node_texts_load(dir, &t, &ps), -1);
	assert_int_equal(ps.n, 1);
	assert_string_equal(ps.p[0].file, "cloud/web1.yaml");
	assert_int_equal(ps.p[0].line, 2);
	assert_int_equal(ps.p[0].column, 4);
	problems_release(&ps);
	temp_dir_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fills_in_the_text_of_the_node),
		cmocka_unit_test(tells_a_broken_reference_at_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
