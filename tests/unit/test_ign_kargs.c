/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_scene.h"

#include "ign_kargs.h"
#include "runcmd.h"

static const char both[] =
	"{\"shouldExist\": [\"console=ttyS0\", \"panic=30\"], \"shouldNotExist\": [\"quiet\"]}";

static json_t *config_of(const char *arguments)
{
	_cleanup_(freep) char *text = xasprintf("{\"kernelArguments\": %s}", arguments);

	return scene_config(text);
}

static void test_edit(void **state)
{
	_cleanup_json_ json_t *j = scene_config(both);
	_cleanup_(freep) char *once = NULL, *twice = NULL;

	(void)state;
	once = ign_kargs_edit(j, "menuentry 'x' {\n"
				 "\tlinux\t/vmlinuz root=UUID=1 ro  quiet panic=30\n"
				 "\tlinuxquiet quiet\n"
				 "\tinitrd\t/initrd quiet\n"
				 "  linux16 /vmlinuz quiet quietly\n"
				 "linux /quiet");
	assert_string_equal(once, "menuentry 'x' {\n"
				  "\tlinux\t/vmlinuz root=UUID=1 ro panic=30 console=ttyS0\n"
				  "\tlinuxquiet quiet\n"
				  "\tinitrd\t/initrd quiet\n"
				  "  linux16 /vmlinuz quietly console=ttyS0 panic=30\n"
				  "linux /quiet console=ttyS0 panic=30");
	twice = ign_kargs_edit(j, once);
	assert_string_equal(twice, once);
}

/* As update-grub reads it. */
static void test_fragment(void **state)
{
	_cleanup_json_ json_t *j = scene_config(both);
	_cleanup_(freep) char *fragment = ign_kargs_fragment(j), *script = NULL, *output = NULL;
	_cleanup_(err_release) struct err err = ERR_INIT;

	(void)state;
	script = xasprintf(
		"set -e\nGRUB_CMDLINE_LINUX='a=* quiet'\n"
		"GRUB_CMDLINE_LINUX_DEFAULT='quiet panic=30 quietly'\n%s"
		"printf '%%s|%%s' \"$GRUB_CMDLINE_LINUX\" \"$GRUB_CMDLINE_LINUX_DEFAULT\"\n",
		fragment);
	assert_ok(runcmd(&(struct runcmd){.argv = (const char *const[]){"sh", "-c", script, NULL}},
			 &output, &err),
		  &err);
	assert_string_equal(output, " a=* console=ttyS0| panic=30 quietly");
}

static void test_make(void **state)
{
	struct ign_scene *s = *state;
	_cleanup_json_ json_t *config = config_of(both), *none = config_of("{}");
	_cleanup_(err_release) struct err err = ERR_INIT;

	assert_fails(ign_kargs_check(&s->root, config, &err), &err, ERR_REFUSED,
		     "$.kernelArguments: the root has no GRUB");
	assert_ok(ign_kargs_check(&s->root, none, &err), &err);
	scene_put(s, "/usr/sbin/update-grub", "");
	scene_put(s, "/boot/grub/grub.cfg", "linux /vmlinuz quiet\n");
	assert_ok(ign_kargs_make(&s->root, none, &err), &err);
	assert_there(s, "/boot/grub/grub.cfg", "linux /vmlinuz quiet\n");
	assert_ok(ign_kargs_check(&s->root, config, &err), &err);
	assert_ok(ign_kargs_make(&s->root, config, &err), &err);
	assert_there(s, "/boot/grub/grub.cfg", "linux /vmlinuz console=ttyS0 panic=30\n");
	assert_int_equal(scene_stat(s, "/etc/default/grub.d/60-ignition.cfg").st_mode & 07777,
			 0644);
}

/* Nothing that a shell or grub.cfg would run. */
static void test_refused(void **state)
{
	static const char *const bad[] = {
		"{\"shouldExist\": [\"a b\"]}",
		"{\"shouldExist\": [\"ok\", \"$(reboot)\"]}",
		"{\"shouldNotExist\": [\"a;b\"]}",
		"{\"shouldNotExist\": [\"\"]}",
	};
	struct ign_scene *s = *state;
	_cleanup_(err_release) struct err err = ERR_INIT;

	scene_put(s, "/usr/sbin/update-grub", "");
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		_cleanup_json_ json_t *config = config_of(bad[i]);

		assert_fails(ign_kargs_check(&s->root, config, &err), &err, ERR_REFUSED,
			     "no single argument");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edit),
		cmocka_unit_test(test_fragment),
		scene_test(test_make),
		scene_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
