/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_scene.h"

#include "ignition/ign_crypttab.h"

static const struct {
	const char *old, *luks, *want;
} rows[] = {
	{"", "{\"name\":\"a\"}", "a UUID=u /etc/luks/a luks\n"},
	{"# theirs\nb UUID=x none luks", "{\"name\":\"a\"}",
	 "# theirs\nb UUID=x none luks\na UUID=u /etc/luks/a luks\n"},
	/* the same volume again: one entry of it, and only of it */
	{"a UUID=old /etc/luks/a luks\naa UUID=y none luks\n", "{\"name\":\"a\"}",
	 "aa UUID=y none luks\na UUID=u /etc/luks/a luks\n"},
	{"", "{\"name\":\"a\",\"clevis\":{\"tpm2\":true}}", "a UUID=u none luks\n"},
	{"", "{\"name\":\"a\",\"clevis\":{\"tang\":[{\"url\":\"http://x\"}]}}",
	 "a UUID=u none luks,_netdev\n"},
	{"",
	 "{\"name\":\"a\",\"clevis\":{\"custom\":{\"pin\":\"p\",\"config\":\"{}\","
	 "\"needsNetwork\":true}}}",
	 "a UUID=u none luks,_netdev\n"},
};

static void test_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_json_ json_t *luks = scene_config(rows[i].luks);
		_cleanup_(freep) char *text = ign_crypttab_text(rows[i].old, luks, "u");

		assert_string_equal(text, rows[i].want);
	}
}

static void add(struct ign_scene *s, const char *luks_text, const struct secret *key)
{
	_cleanup_json_ json_t *luks = scene_config(luks_text);
	struct err err = ERR_INIT;

	assert_ok(ign_crypttab_add(&s->root, luks, "u", key, &err), &err);
}

static void test_files(void **state)
{
	struct ign_scene *s = *state;
	struct secret key = SECRET_INIT;

	secret_set(&key, "k1", 2);
	for (int i = 0; i < 2; i++)
		add(s, "{\"name\":\"a\"}", &key);
	add(s, "{\"name\":\"b\",\"clevis\":{\"tpm2\":true}}", NULL);
	assert_there(s, "/etc/crypttab", "a UUID=u /etc/luks/a luks\nb UUID=u none luks\n");
	assert_there(s, "/etc/luks/a", "k1");
	assert_there(s, "/etc/luks/b", "nothing");
	assert_int_equal(scene_stat(s, "/etc/crypttab").st_mode & 07777, 0600);
	assert_int_equal(scene_stat(s, "/etc/luks/a").st_mode & 07777, 0600);
	assert_int_equal(scene_stat(s, "/etc/luks").st_mode & 07777, 0700);
	secret_release(&key);
}

/* Neither the table nor the key leaves the root by a link. */
static void test_links(void **state)
{
	struct ign_scene *s = *state;
	struct secret key = SECRET_INIT;

	secret_set(&key, "k1", 2);
	scene_folder(s, "/etc", 0755);
	scene_link(s, "/etc/crypttab", "../../outside/file");
	scene_folder(s, "/etc/luks", 0700);
	scene_link(s, "/etc/luks/a", "../../../outside/file");
	add(s, "{\"name\":\"a\"}", &key);
	assert_there(s, "/../outside/file", "theirs");
	assert_there(s, "/etc/luks/a", "k1");
	assert_there(s, "/etc/crypttab", "a UUID=u /etc/luks/a luks\n");
	secret_release(&key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test_setup_teardown(test_files, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(test_links, scene_setup, scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
