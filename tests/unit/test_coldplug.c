/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdio.h>
#include <sys/stat.h>

#include "coldplug.h"

static void test_alias(void **state)
{
	static const char add[] = "add@/devices/pci0\0ACTION=add\0MODALIAS=pci:v1AF4\0SEQNUM=7";
	static const char gone[] = "remove@/devices/pci0\0ACTION=remove\0MODALIAS=pci:v1AF4";
	static const char none[] = "add@/devices/x\0ACTION=add";

	(void)state;
	assert_string_equal(coldplug_alias(add, sizeof(add)), "pci:v1AF4");
	assert_null(coldplug_alias(gone, sizeof(gone)));
	assert_null(coldplug_alias(none, sizeof(none)));
	/* Not ended by NUL: nothing of it is read. */
	assert_null(coldplug_alias(add, sizeof(add) - 1));
	assert_null(coldplug_alias("", 0));
}

static void put(const char *root, const char *folder, const char *alias)
{
	_cleanup_(freep) char *dir = xasprintf("%s/%s", root, folder);
	_cleanup_(freep) char *file = xasprintf("%s/modalias", dir);
	FILE *f;

	assert_int_equal(mkdir(dir, 0755), 0);
	f = fopen(file, "w");
	assert_non_null(f);
	assert_true(fputs(alias, f) >= 0);
	fclose(f);
}

static void test_walk(void **state)
{
	char root[] = "/tmp/test-coldplug-XXXXXX";
	_cleanup_(freep) char *link = NULL;
	struct coldplug c = {.events = -1};

	(void)state;
	assert_non_null(mkdtemp(root));
	put(root, "pci0", "pci:v1\n");
	put(root, "pci0/usb1", "usb:v2\n");
	put(root, "pci0/usb2", "usb:v2\n");
	put(root, "pci0/odd", "-rf\n");
	link = xasprintf("%s/pci0/up", root);
	assert_int_equal(symlink("..", link), 0);
	coldplug_walk(&c, root);
	assert_int_equal(c.fresh.n, 2);
	assert_true(strv_has(&c.fresh, "pci:v1"));
	assert_true(strv_has(&c.fresh, "usb:v2"));
	coldplug_release(&c);
	for (size_t i = 0; i < 5; i++) {
		static const char *const made[] = {"pci0/usb1", "pci0/usb2", "pci0/odd", "pci0",
						   ""};
		_cleanup_(freep) char *dir = xasprintf("%s/%s", root, made[i]);
		_cleanup_(freep) char *file = xasprintf("%s/modalias", dir);

		unlink(file);
		if (i == 3)
			unlink(link);
		rmdir(dir);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_alias),
		cmocka_unit_test(test_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
