/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <fcntl.h>

#include "fsio.h"
#include "runcmd.h"
#include "templates.h"

static struct label rack[] = {{(char *)"rack", (char *)"b"}};
static const struct node nodes[] = {
	{.name = (char *)"web1",
	 .role = ROLE_WORKER,
	 .arch = ARCH_AMD64,
	 .labels = rack,
	 .n_labels = 1},
	{.name = (char *)"web2", .role = ROLE_WORKER, .arch = ARCH_AMD64},
};
static const struct cluster kubeadm = {.flavour = FLAVOUR_KUBEADM, .network = (char *)"bridge"};

static void add(struct templates *t, const char *file, const char *text)
{
	_cleanup_(problems_release) struct problems ps = {0};

	if (templates_add(t, file, text, strlen(text), &ps) < 0)
		fail_msg("%s:%u: %s", ps.p[0].file, ps.p[0].line, ps.p[0].text);
}

static void file_of(struct templates *t, const char *name, const char *head)
{
	_cleanup_(freep) char *text =
		xasprintf("%sstorage: {files: [{path: /order, append: [{inline: \"%s\"}], "
			  "contents: {inline: \"%s\"}}]}",
			  head, name, name);
	_cleanup_(freep) char *file = xasprintf("templates/%s", name);

	add(t, file, text);
}

/* The order in which the layers came, and the one that won. */
static char *order_of(const struct templates *t, const struct node *n, const struct cluster *c)
{
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_(json_decrefp) json_t *values = json_object();
	_cleanup_config_ struct config_item *config = templates_merge(t, n, c, values, &ps);
	const struct config_item *file = config_item_find(config, "$.storage.files[0]");
	const struct config_item *append = config_item_get(file, "append");
	_cleanup_(strv_release) struct strv list = {0};

	for (size_t i = 0; i < append->n; i++)
		strv_add(&list, config_item_text(config_item_get(append->items[i], "inline")));
	strv_take(&list,
		  xasprintf("=%s", config_item_text(config_item_find(file, "$.contents.inline"))));
	return strv_join(&list, " ");
}

static void lays_them_in_order(void **state)
{
	_cleanup_(templates_freep) struct templates *t = templates_new();
	const struct cluster k3s = {.flavour = FLAVOUR_K3S, .network = (char *)"flannel"};
	_cleanup_(freep) char *web1 = NULL, *web2 = NULL, *other = NULL;

	(void)state;
	file_of(t, "node-web1.yaml", "");
	file_of(t, "20-last.yaml", "");
	file_of(t, "10-rack.yaml", "match: {labels: {rack: b}}\n");
	file_of(t, "network-bridge.yaml", "");
	file_of(t, "arch-amd64.yaml", "");
	file_of(t, "arch-arm64.yaml", "");
	file_of(t, "role-worker.yaml", "");
	file_of(t, "role-control-plane.yaml", "");
	file_of(t, "kubernetes-node.yaml", "");
	file_of(t, "k3s-node.yaml", "");
	file_of(t, "base.yaml", "");
	web1 = order_of(t, &nodes[0], &kubeadm);
	assert_string_equal(web1, "base.yaml kubernetes-node.yaml role-worker.yaml arch-amd64.yaml "
				  "network-bridge.yaml 10-rack.yaml 20-last.yaml node-web1.yaml "
				  "=node-web1.yaml");
	web2 = order_of(t, &nodes[1], &kubeadm);
	assert_string_equal(web2, "base.yaml kubernetes-node.yaml role-worker.yaml arch-amd64.yaml "
				  "network-bridge.yaml 20-last.yaml =20-last.yaml");
	other = order_of(t, &nodes[1], &k3s);
	assert_string_equal(other, "base.yaml k3s-node.yaml role-worker.yaml arch-amd64.yaml "
				   "20-last.yaml =20-last.yaml");
}

static void wants_what_is_shipped(void **state)
{
	_cleanup_(templates_freep) struct templates *t = templates_new();
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_(json_decrefp) json_t *values = json_object();

	(void)state;
	add(t, "base.yaml", "");
	assert_null(templates_merge(t, &nodes[0], &kubeadm, values, &ps));
	assert_string_equal(ps.p[0].file, "kubernetes-node.yaml");
}

static void refuses_a_match_elsewhere(void **state)
{
	static const char text[] = "match: {role: worker}\n";
	static const char *const names[] = {"base.yaml", "role-worker.yaml", "x.yaml", "1-x.yaml"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		_cleanup_(templates_freep) struct templates *t = templates_new();
		_cleanup_(problems_release) struct problems ps = {0};

		assert_int_equal(templates_add(t, names[i], text, strlen(text), &ps), -1);
		assert_non_null(strstr(ps.p[0].text, "a match goes into a file NN-name.yaml"));
		assert_int_equal(ps.p[0].line, 1);
	}
}

struct folder {
	char *top;
	int fd;
};

static int setup(void **state)
{
	struct folder *f = xcalloc(1, sizeof(*f));
	struct err err = ERR_INIT;

	f->top = xstrdup("/tmp/test-templates-XXXXXX");
	assert_non_null(mkdtemp(f->top));
	f->fd = open(f->top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_ok(dir_make(f->fd, "data/ignition-templates", 0755, &err), &err);
	assert_ok(dir_make(f->fd, "config/templates", 0755, &err), &err);
	assert_ok(dir_make(f->fd, "config/files", 0755, &err), &err);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct folder *f = *state;
	const char *const argv[] = {"rm", "-rf", "--", f->top, NULL};
	const struct runcmd rm = {.argv = argv, .timeout_s = 60};
	struct err err = ERR_INIT;

	assert_ok(runcmd(&rm, NULL, &err), &err);
	close(f->fd);
	free(f->top);
	free(f);
	return 0;
}

static void put(const struct folder *f, const char *path, const char *text)
{
	struct err err = ERR_INIT;

	assert_ok(file_write(f->fd, path, text, strlen(text), 0644, &err), &err);
}

static struct templates *load(const struct folder *f, struct problems *ps)
{
	_cleanup_(freep) char *data = xasprintf("%s/data", f->top);
	_cleanup_(freep) char *config = xasprintf("%s/config", f->top);
	struct templates *t = NULL;

	return templates_load(data, config, &t, ps) < 0 ? NULL : t;
}

static void the_operators_file_takes_the_place(void **state)
{
	const struct folder *f = *state;
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_(templates_freep) struct templates *t = NULL;
	_cleanup_(json_decrefp) json_t *values = json_object();
	_cleanup_config_ struct config_item *config = NULL;
	const struct config_item *file;

	put(f, "data/ignition-templates/base.yaml", "storage: {files: [{path: /shipped}]}");
	put(f, "data/ignition-templates/kubernetes-node.yaml", "");
	put(f, "config/templates/base.yaml",
	    "storage: {files: [{path: /own, contents: {local: motd}}]}");
	put(f, "config/templates/.hidden.yaml", "no: template");
	put(f, "config/files/motd", "hello\n");
	t = load(f, &ps);
	assert_non_null(t);
	config = templates_merge(t, &nodes[0], &kubeadm, values, &ps);
	file = config_item_find(config, "$.storage.files[0].path");
	assert_string_equal(config_item_text(file), "/own");
	assert_string_equal(file->at.file, "templates/base.yaml");
	assert_string_equal(local_files_find(templates_files(t), "motd")->data, "hello\n");
	templates_check_used(t, &kubeadm, nodes, ARRAY_SIZE(nodes), &ps);
	assert_int_equal(ps.n, 0);
}

/* Without a node there is enough to tell of a file. */
static void every_file_is_checked_at_once(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"storge: {}", "templates/base.yaml:1:1: unknown key \"storge\"; did you mean "
			       "\"storage\"?"},
		{"files: []", "templates/base.yaml:1:1: unknown key \"files\"; it belongs under "
			      "storage"},
		{"storage: {files: [{path: /a, contents: {local: gone}}]}",
		 "templates/base.yaml:1:48: there is no files/gone"},
		{"storage: {files: [{path: \"{{ x }}\", mod: 1}]}",
		 "templates/base.yaml:1:37: unknown key \"mod\""},
	};
	const struct folder *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(problems_release) struct problems ps = {0};
		_cleanup_(freep) char *line = NULL;

		put(f, "config/templates/base.yaml", rows[i].text);
		assert_null(load(f, &ps));
		line = problem_format(&ps.p[0]);
		if (!strstr(line, rows[i].why))
			fail_msg("wanted %s, got %s", rows[i].why, line);
	}
}

static void tells_what_nobody_takes(void **state)
{
	static const struct {
		const char *name, *text, *why;
		bool also_without_nodes;
	} rows[] = {
		{"role-wroker.yaml", "", "did you mean \"role-worker.yaml\"?", true},
		{"node-wbe1.yaml", "", "did you mean \"node-web1.yaml\"?", true},
		{"arch-amd46.yaml", "", "did you mean \"arch-amd64.yaml\"?", true},
		{"network-brigde.yaml", "", "did you mean \"network-bridge.yaml\"?", true},
		{"my-own-things.yaml", "", "it is chosen by NN-name.yaml with a match", true},
		{"role-control-plane.yaml", "", "no node takes this template; remove it", false},
		{"k3s-node.yaml", "", "no node takes this template; remove it", false},
		{"50-x.yaml", "match: {labels: {rack: c}}", "no node has the label rack", false},
	};
	const struct folder *f = *state;

	put(f, "data/ignition-templates/base.yaml", "");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(problems_release) struct problems ps = {0}, without = {0};
		_cleanup_(templates_freep) struct templates *t = NULL;
		_cleanup_(freep) char *path = xasprintf("config/templates/%s", rows[i].name);

		put(f, path, rows[i].text);
		t = load(f, &ps);
		assert_non_null(t);
		templates_check_used(t, &kubeadm, nodes, ARRAY_SIZE(nodes), &ps);
		assert_int_equal(ps.n, 1);
		assert_string_equal(ps.p[0].file, path + strlen("config/"));
		assert_int_equal(ps.p[0].line, 1);
		if (!strstr(ps.p[0].text, rows[i].why))
			fail_msg("wanted %s, got %s", rows[i].why, ps.p[0].text);
		templates_check_used(t, &kubeadm, NULL, 0, &without);
		if (!startswith(rows[i].name, "node-"))
			assert_int_equal(without.n, rows[i].also_without_nodes);
		assert_int_equal(unlinkat(f->fd, path, 0), 0);
	}
	put(f, "config/templates/role-worker.yml", "");
	{
		_cleanup_(problems_release) struct problems ps = {0};

		assert_null(load(f, &ps));
		assert_non_null(strstr(ps.p[0].text, "the names of templates end in .yaml"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lays_them_in_order),
		cmocka_unit_test(wants_what_is_shipped),
		cmocka_unit_test(refuses_a_match_elsewhere),
		cmocka_unit_test_setup_teardown(the_operators_file_takes_the_place, setup,
						teardown),
		cmocka_unit_test_setup_teardown(every_file_is_checked_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(tells_what_nobody_takes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
