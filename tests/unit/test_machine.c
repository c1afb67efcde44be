/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "fsio.h"
#include "machine.h"

/* A /sys with two cards, a bridge, a wireless card and what SMBIOS says. */
static const char *const files[][2] = {
	{"class/net/enp1s0/type", "1\n"},
	{"class/net/enp1s0/address", "52:54:00:00:00:02\n"},
	{"class/net/eno1/type", "1\n"},
	{"class/net/eno1/address", "52:54:00:00:00:01\n"},
	{"class/net/br0/type", "1\n"},
	{"class/net/br0/address", "52:54:00:00:00:01\n"},
	{"class/net/wlan0/type", "1\n"},
	{"class/net/wlan0/address", "52:54:00:00:00:03\n"},
	{"class/net/lo/type", "772\n"},
	{"class/net/lo/address", "00:00:00:00:00:00\n"},
	{"class/dmi/id/product_uuid", "4C4C4544-0042-3010-8031-B7C04F4A4A32\n"},
	{"class/dmi/id/product_serial", "To be filled by O.E.M.  \n"},
};
static const char *const folders[] = {
	"class/net/enp1s0/device", "class/net/eno1/device",    "class/net/br0", "class/net/lo",
	"class/net/wlan0/device",  "class/net/wlan0/wireless", "class/dmi/id",  "firmware/efi",
};

static char *join(const char *top, const char *path)
{
	return xasprintf("%s/%s", top, path);
}

static void make(const char *top)
{
	_cleanup_(err_release) struct err err = ERR_INIT;

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		_cleanup_(freep) char *path = join(top, folders[i]);

		assert_ok(dir_make(AT_FDCWD, path, 0755, &err), &err);
	}
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_(freep) char *path = join(top, files[i][0]);

		assert_ok(file_write(AT_FDCWD, path, files[i][1], strlen(files[i][1]), 0644, &err),
			  &err);
	}
}

static void unmake(const char *top)
{
	static const char *const rest[] = {
		"class/net/enp1s0", "class/net/eno1", "class/net/wlan0", "class/net",
		"class/dmi",        "class",          "firmware",        ""};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_(freep) char *path = join(top, files[i][0]);

		remove(path);
	}
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		_cleanup_(freep) char *path = join(top, folders[i]);

		remove(path);
	}
	for (size_t i = 0; i < ARRAY_SIZE(rest); i++) {
		_cleanup_(freep) char *path = join(top, rest[i]);

		assert_int_equal(remove(path), 0);
	}
}

static void test_read(void **state)
{
	char top[] = "/tmp/test-machine-XXXXXX";
	_cleanup_(err_release) struct err err = ERR_INIT;
	struct machine m;
	struct mac mac;

	(void)state;
	assert_non_null(mkdtemp(top));
	make(top);
	machine_read(top, &m);
	unmake(top);
	assert_int_equal(m.cards.n, 2);
	assert_string_equal(m.cards.d[0].name, "eno1");
	assert_string_equal(m.cards.d[1].name, "enp1s0");
	assert_ok(mac_parse("52:54:00:00:00:02", &mac, &err), &err);
	assert_ptr_equal(netif_find(&m.cards, &mac), &m.cards.d[1]);
	assert_ok(mac_parse("52:54:00:00:00:03", &mac, &err), &err);
	assert_null(netif_find(&m.cards, &mac));
	assert_string_equal(m.uuid, "4c4c4544-0042-3010-8031-b7c04f4a4a32");
	assert_null(m.serial);
	assert_true(m.uefi);
	machine_release(&m);
}

static void test_nothing(void **state)
{
	struct machine m;

	(void)state;
	machine_read("/nonexistent", &m);
	assert_int_equal(m.cards.n, 0);
	assert_null(m.uuid);
	assert_false(m.uefi);
	machine_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
