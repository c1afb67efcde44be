/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_scene.h"

#include "ign_units.h"

static void make(struct ign_scene *s, const char *text)
{
	_cleanup_json_ json_t *config = scene_config(text);
	_cleanup_(err_release) struct err err = ERR_INIT;

	assert_ok(ign_units_make(&s->root, config, &err), &err);
}

static void preset_is(const char *units, const char *wanted)
{
	_cleanup_json_ json_t *j = scene_config(units);
	_cleanup_(freep) char *text = ign_units_preset(j);

	assert_string_equal(text, wanted);
}

/* What upstream 2.14 and 2.15 write. */
static void test_preset(void **state)
{
	(void)state;
	preset_is("[]", "");
	preset_is("[{\"name\": \"a.service\"}]", "");
	preset_is("[{\"name\": \"b.service\", \"enabled\": true}, {\"name\": \"a.socket\", "
		  "\"enabled\": false}]",
		  "disable a.socket\nenable b.service\n");
	preset_is("[{\"name\": \"e@x.service\", \"enabled\": true}, {\"name\": \"e@off.service\", "
		  "\"enabled\": false}, {\"name\": \"e@y.service\", \"enabled\": true}]",
		  "disable e@.service off\nenable e@.service x y\n");
	preset_is("[{\"name\": \"t@.service\", \"enabled\": true}]", "enable t@.service \n");
}

static void test_contents(void **state)
{
	struct ign_scene *s = *state;

	make(s, "{\"systemd\": {\"units\": [{\"name\": \"a.service\", \"contents\": \"[Unit]\\n\", "
		"\"dropins\": [{\"name\": \"1.conf\", \"contents\": \"one\"}, {\"name\": "
		"\"2.conf\", \"contents\": \"\"}, {\"name\": \"3.conf\"}]}, {\"name\": "
		"\"b.service\", \"contents\": \"\"}]}}");
	assert_there(s, "/etc/systemd/system/a.service", "[Unit]\n");
	assert_there(s, "/etc/systemd/system/a.service.d/1.conf", "one");
	assert_there(s, "/etc/systemd/system/a.service.d/2.conf", "");
	assert_there(s, "/etc/systemd/system/a.service.d/3.conf", "nothing");
	assert_there(s, "/etc/systemd/system/b.service", "nothing");
	assert_int_equal(scene_stat(s, "/etc/systemd/system/a.service").st_mode & 07777, 0644);
	assert_there(s, "/etc/systemd/system-preset", "nothing");
}

static void test_mask(void **state)
{
	struct ign_scene *s = *state;

	scene_put(s, "/etc/systemd/system/dir.service/file", "");
	scene_put(s, "/etc/systemd/system/own.service", "own");
	scene_link(s, "/etc/systemd/system/masked.service", "/dev/null");
	scene_link(s, "/etc/systemd/system/other.service", "/dev/nullx");
	make(s,
	     "{\"systemd\": {\"units\": [{\"name\": \"dir.service\", \"mask\": true}, {\"name\": "
	     "\"new.service\", \"contents\": \"x\", \"mask\": true}, {\"name\": "
	     "\"own.service\", \"mask\": false}, {\"name\": \"masked.service\", \"mask\": "
	     "false}, {\"name\": \"other.service\", \"mask\": false}]}}");
	assert_there(s, "/etc/systemd/system/dir.service", "-> /dev/null");
	assert_there(s, "/etc/systemd/system/new.service", "-> /dev/null");
	assert_there(s, "/etc/systemd/system/own.service", "own");
	assert_there(s, "/etc/systemd/system/masked.service", "nothing");
	assert_there(s, "/etc/systemd/system/other.service", "-> /dev/nullx");
}

/* The image's folder of units may be a link to anywhere; it is one of the root's own. */
static void test_hostile_folder(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_(freep) char *target = xasprintf("%s/outside", s->top);
	_cleanup_(freep) char *inside = xasprintf("%s/a.service", target);

	scene_put(s, "/etc/systemd/x", "");
	scene_link(s, "/etc/systemd/system", target);
	make(s, "{\"systemd\": {\"units\": [{\"name\": \"a.service\", \"contents\": \"x\"}]}}");
	assert_there(s, inside, "x");
}

static void test_preset_file(void **state)
{
	struct ign_scene *s = *state;

	scene_put(s, "/etc/systemd/system-preset/20-ignition.preset", "enable own.service\n");
	make(s, "{\"systemd\": {\"units\": [{\"name\": \"a.service\", \"enabled\": true}, "
		"{\"name\": \"b.service\"}]}}");
	assert_there(s, "/etc/systemd/system-preset/20-ignition.preset",
		     "enable own.service\nenable a.service\n");
	/* no Ignition enables it but by the preset */
	assert_there(s, "/etc/systemd/system/multi-user.target.wants", "nothing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_preset), scene_test(test_contents),
		scene_test(test_mask),         scene_test(test_hostile_folder),
		scene_test(test_preset_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
