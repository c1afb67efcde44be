/* SPDX-License-Identifier: Apache-2.0 */
/* provision.yaml(5) against the readers: its examples are taken, every key that the readers ask for
 * has its entry, and every entry is a key that they ask for. */
#include "unit.h"

#include <ctype.h>
#include <fcntl.h>

#include "buf.h"
#include "cluster_yaml.h"
#include "fsio.h"
#include "node_yaml.h"

/* The page without roff's escapes. Caller frees. */
static char *page_read(void)
{
	const char *top = getenv("srcdir");
	_cleanup_(freep) char *path =
		xasprintf("%s/provisioner/doc/provision.yaml.5", top ? top : ".");
	_cleanup_(err_release) struct err err = ERR_INIT;
	char *text = NULL, *to;
	size_t len;

	assert_ok(file_read(AT_FDCWD, path, 1024 * 1024, &text, &len, &err), &err);
	to = text;
	for (const char *p = text; *p; p++) {
		if (startswith(p, "\\-")) {
			*to++ = '-';
			p++;
		} else if (startswith(p, "\\&")) {
			p++;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
	return text;
}

static bool line_is(const char *line, const char *wanted)
{
	size_t n = strlen(wanted);

	return startswith(line, wanted) && (line[n] == '\n' || !line[n]);
}

static const char *next_line(const char *line)
{
	line += strcspn(line, "\n");
	return *line ? line + 1 : line;
}

/* From the line behind `.SH title` to the next .SH. Caller frees. */
static char *section(const char *page, const char *title)
{
	_cleanup_(freep) char *heading = xasprintf(".SH %s", title);
	const char *start, *end;

	for (start = page; *start && !line_is(start, heading); start = next_line(start))
		;
	if (!*start)
		fail_msg("the page has no section %s", title);
	start = next_line(start);
	for (end = start; *end && !startswith(end, ".SH "); end = next_line(end))
		;
	return xstrndup(start, (size_t)(end - start));
}

/* The first .EX block. Caller frees. */
static char *example(const char *section_text)
{
	const char *start, *end;

	for (start = section_text; *start && !line_is(start, ".EX"); start = next_line(start))
		;
	start = next_line(start);
	for (end = start; *end && !line_is(end, ".EE"); end = next_line(end))
		;
	assert_true(end > start);
	return xstrndup(start, (size_t)(end - start));
}

/* The tag of each .TP: its first word is the key. */
static void add_entries(const char *section_text, struct strv *keys)
{
	for (const char *line = section_text; *line; line = next_line(line)) {
		const char *tag = next_line(line), *word;

		if (!line_is(line, ".TP"))
			continue;
		word = tag + strcspn(tag, " \n");
		word += *word == ' ';
		strv_take(keys, xstrndup(word, strcspn(word, " \n")));
	}
}

/* How the page calls the maps that are in a list, or that are of one kind. */
static const char *kind_of(const char *path)
{
	static const char *const kinds[][2] = {{"storage.system", "pool"},
					       {"storage.pools", "pool"},
					       {"pool.subvolumes", "subvolume"}};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (streq(kinds[i][0], path))
			return kinds[i][1];
	return path;
}

/* What the readers asked each map for, from here down. */
static void add_asked(const struct yaml_item *item, const char *path, struct strv *keys)
{
	const char *dot = *path ? "." : "";

	for (size_t i = 0; i < item->n_asked; i++) {
		_cleanup_(freep) char *key = xasprintf("%s%s%s", path, dot, item->asked[i]);

		if (!strv_has(keys, key))
			strv_add(keys, key);
	}
	for (size_t i = 0; i < item->n; i++) {
		const struct yaml_entry *e = &item->entries[i];
		_cleanup_(freep) char *below =
			e->key ? xasprintf("%s%s%s", path, dot, e->key) : xstrdup(path);

		add_asked(e->value, kind_of(below), keys);
	}
}

static void assert_same(const struct strv *asked, const struct strv *entries)
{
	for (size_t i = 0; i < asked->n; i++)
		if (!strv_has(entries, asked->v[i]))
			fail_msg("the page has no entry for the key %s", asked->v[i]);
	for (size_t i = 0; i < entries->n; i++)
		if (!strv_has(asked, entries->v[i]))
			fail_msg("the page has an entry for %s, which no reader asks for (or "
				 "which the section's example leaves out)",
				 entries->v[i]);
}

static void assert_nothing_wrong(const struct problems *ps)
{
	if (ps->n)
		fail_msg("%s:%u: %s", ps->p[0].file, ps->p[0].line, ps->p[0].text);
}

static void cluster_keys(void **state)
{
	_cleanup_(freep) char *page = page_read(), *text = section(page, "CLUSTER.YAML"),
			      *yaml = example(text);
	_cleanup_(strv_release) struct strv asked = {0}, entries = {0};
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_(yaml_item_freep) struct yaml_item *root = NULL;
	const struct settings s = {"cluster.yaml", &ps};
	struct cluster c = {0};

	(void)state;
	root = yaml_parse(yaml, strlen(yaml), s.file, &ps);
	assert_nothing_wrong(&ps);
	cluster_read(&s, root, &c);
	cluster_release(&c);
	assert_nothing_wrong(&ps);
	add_asked(root, "", &asked);
	add_entries(text, &entries);
	assert_same(&asked, &entries);
}

static void node_keys(void **state)
{
	_cleanup_(freep) char *page = page_read(), *text = section(page, "NODES/NAME.YAML"),
			      *yaml = example(text);
	_cleanup_(strv_release) struct strv asked = {0}, entries = {0};
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_(yaml_item_freep) struct yaml_item *root = NULL;
	const struct settings s = {"nodes/web1.yaml", &ps};
	struct node n = {0};

	(void)state;
	root = yaml_parse(yaml, strlen(yaml), s.file, &ps);
	assert_nothing_wrong(&ps);
	node_read(&s, root, "web1", &n);
	node_release(&n);
	assert_nothing_wrong(&ps);
	add_asked(root, "", &asked);
	add_entries(text, &entries);
	assert_same(&asked, &entries);
}

static void disk_keys(void **state)
{
	_cleanup_(freep) char *page = page_read(), *text = section(page, "DISKS");
	_cleanup_(strv_release) struct strv known = {0}, entries = {0};

	(void)state;
	for (size_t i = 0; i < n_disk_spec_keys; i++)
		strv_take(&known, xasprintf("disk.%s", disk_spec_keys[i]));
	add_entries(text, &entries);
	assert_same(&known, &entries);
}

/* The word stands somewhere with no letter or digit beside it. */
static bool has_word(const char *page, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = page; (p = strstr(p, word)); p++)
		if ((p == page || !isalnum((unsigned char)p[-1])) && !isalnum((unsigned char)p[n]))
			return true;
	return false;
}

/* Values that are one of a few words, and defaults that grow with releases. */
static void words(void **state)
{
	_cleanup_(freep) char *page = page_read();
	_cleanup_(strv_release) struct strv all = {0};

	(void)state;
	for (int i = 0; i < FLAVOUR_MAX; i++)
		strv_add(&all, flavour_name((enum kube_flavour)i));
	for (int i = 0; i < DHCP_MAX; i++)
		strv_add(&all, dhcp_mode_name((enum dhcp_mode)i));
	for (int i = 0; i < UNKNOWN_MAX; i++)
		strv_add(&all, unknown_action_name((enum unknown_action)i));
	for (int i = 0; i < ROLE_MAX; i++)
		strv_add(&all, role_name((enum node_role)i));
	for (int i = 0; i < ARCH_MAX; i++)
		strv_add(&all, arch_name((enum arch)i));
	for (int i = 0; i < PROFILE_MAX; i++)
		strv_add(&all, profile_name((enum btrfs_profile)i));
	for (int i = 0; i < TRANSPORT_MAX; i++)
		strv_add(&all, transport_name((enum disk_transport)i));
	strv_add(&all, KUBEADM_DEFAULT_VERSION);
	strv_add(&all, K3S_DEFAULT_VERSION);
	strv_add(&all, COMPRESSION_DEFAULT);
	for (size_t i = 0; i < all.n; i++)
		if (!has_word(page, all.v[i]))
			fail_msg("the page does not say %s", all.v[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cluster_keys),
		cmocka_unit_test(node_keys),
		cmocka_unit_test(disk_keys),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
