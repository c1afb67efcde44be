/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "grub_config.h"

static void consoles_unless_named(void **state)
{
	struct plan *p = plan_new();
	char *text;

	(void)state;
	p->arch = ARCH_AMD64;
	json_decref(p->config);
	p->config = json_pack("{s:{s:[ss]}}", "kernelArguments", "shouldExist", "quiet", "x='y'");
	text = grub_defaults_format(p);
	assert_non_null(strstr(text,
			       "GRUB_CMDLINE_LINUX='panic=30 console=tty0 console=ttyS0,115200 "
			       "quiet x='\\''y'\\'''\n"));
	free(text);
	json_decref(p->config);
	p->config = json_pack("{s:{s:[ss]}}", "kernelArguments", "shouldExist", "quiet",
			      "console=tty1");
	text = grub_defaults_format(p);
	assert_non_null(strstr(text, "GRUB_CMDLINE_LINUX='panic=30 quiet "));
	assert_null(strstr(text, "console=ttyS0"));
	free(text);
	json_decref(p->config);
	p->config = json_pack("{s:{s:[ss]}}", "kernelArguments", "shouldNotExist", "panic=30",
			      "console=tty0");
	text = grub_defaults_format(p);
	assert_non_null(strstr(text, "GRUB_CMDLINE_LINUX=' console=ttyS0,115200'\n"));
	free(text);
	plan_free(p);
}

#define UUID "4cbf02de-d4ba-50e3-8990-3bde645639ff"

static void config_must_find_the_root(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(grub_config_check("menuentry {\n\tlinux\t/@/boot/vmlinuz root=UUID=" UUID
				    " ro rootflags=subvol=@ quiet\n\tinitrd\t/@/boot/initrd\n}\n",
				    UUID, "@", &err),
		  &err);
	assert_fails(
		grub_config_check("linux /@/boot/vmlinuz root=/dev/sda3 ro rootflags=subvol=@\n"
				  "initrd /x",
				  UUID, "@", &err),
		&err, ERR_IO, "root=/dev/sda3");
	assert_fails(grub_config_check("linux /v root=UUID=" UUID " ro rootflags=subvol=@home\n"
				       "initrd /x",
				       UUID, "@", &err),
		     &err, ERR_IO, "subvol=@home");
	assert_fails(grub_config_check("linux /v root=UUID=" UUID " rootflags=subvol=@\n", UUID,
				       "@", &err),
		     &err, ERR_IO, "initrd");
	assert_fails(grub_config_check("", UUID, "@", &err), &err, ERR_IO, "no entry");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(consoles_unless_named),
		cmocka_unit_test(config_must_find_the_root),
	};

	return cmocka_run_group_tests_name("grub_config", tests, NULL, NULL);
}
