/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_scene.h"

#include "ign_mount.h"

/* /dev/null stands for a device: none of these comes so far as to mount it. */
static void refused(struct ign_scene *s, const char *path, const char *why)
{
	_cleanup_(freep) char *text = xasprintf(
		"{\"storage\": {\"filesystems\": [{\"device\": \"/dev/null\", \"format\": "
		"\"ext4\", \"path\": \"%s\"}]}}",
		path);
	_cleanup_json_ json_t *config = scene_config(text);
	_cleanup_(err_release) struct err err = ERR_INIT;
	struct strv made = {0};

	assert_int_equal(ign_mount_make(&s->root, config, &made, &err), -1);
	assert_non_null(strstr(err.text, why));
	assert_non_null(strstr(err.text, "$.storage.filesystems[0].path"));
	assert_int_equal(made.n, 0);
	strv_release(&made);
}

static void test_no_device(void **state)
{
	refused(*state, "/srv", "/dev/null");
}

static void test_nothing_to_mount(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_json_ json_t *config = scene_config(
		"{\"storage\": {\"filesystems\": [{\"device\": \"/dev/a\", \"format\": \"swap\", "
		"\"path\": \"/a\"}, {\"device\": \"/dev/b\", \"format\": \"none\", \"path\": "
		"\"/b\"}, {\"device\": \"/dev/c\", \"format\": \"ext4\"}]}}");
	_cleanup_(err_release) struct err err = ERR_INIT;
	struct strv made = {0};

	assert_ok(ign_mount_make(&s->root, config, &made, &err), &err);
	assert_there(s, "/a", "nothing");
	assert_there(s, "/b", "nothing");
	assert_int_equal(made.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scene_test(test_no_device),
		scene_test(test_nothing_to_mount),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
