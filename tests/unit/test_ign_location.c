/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ign_location.h"

#include <fcntl.h>
#include <stdio.h>

/* Two disks, the nodes of which are files; nobody opens them here. */
static struct ign_scene scene;
static char *nodes[2];

static void add(struct ign_disk *d, unsigned int number, const char *label, const char *guid,
		enum ign_action action)
{
	*ARRAY_APPEND(d->after.e, d->after.n) = (struct ign_entry){.number = number,
								   .start = 2048 * number,
								   .size = 1024,
								   .label = xstrdup(label),
								   .guid = xstrdup(guid),
								   .action = action};
}

static int setup(void **state)
{
	static const char storage[] =
		"{\"raid\":[{\"name\":\"data\"},{\"name\":\"/dev/md/disks\"}],"
		"\"luks\":[{\"name\":\"vault\"}]}";
	struct err err = ERR_INIT;
	json_t *j;

	(void)state;
	assert_ok(jsonx_parse(storage, strlen(storage), "storage", &j, &err), &err);
	scene = (struct ign_scene){.storage = j};
	for (size_t i = 0; i < 2; i++) {
		struct ign_disk *d = ARRAY_APPEND(scene.disks, scene.n_disks);
		int fd;

		nodes[i] = xstrdup("/tmp/test-ign-location-XXXXXX.disk");
		fd = mkostemps(nodes[i], (int)strlen(".disk"), O_CLOEXEC);
		assert_true(fd >= 0);
		close(fd);
		d->path = xasprintf("$.storage.disks[%zu]", i);
		d->node = xstrdup(nodes[i]);
		d->after.sector = 512;
	}
	add(&scene.disks[0], 1, "one", "11111111-AAAA-3333-4444-555555555555", IGN_CREATE);
	add(&scene.disks[0], 2, "b t/r", NULL, IGN_KEEP);
	add(&scene.disks[0], 3, "gone", NULL, IGN_DELETE);
	add(&scene.disks[0], 12, "twice", NULL, IGN_REPLACE);
	add(&scene.disks[1], 1, "twice", NULL, IGN_KEEP);
	return 0;
}

static int teardown(void **state)
{
	json_t *storage = (json_t *)scene.storage;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		unlink(nodes[i]);
		free(nodes[i]);
	}
	ign_scene_release(&scene);
	json_decref(storage);
	return 0;
}

static int find(const char *device, struct ign_location *ret, struct err *err)
{
	return ign_location_find(&scene, device, "$.x", ret, err);
}

static void names_as_udev_does(void **state)
{
	static const struct {
		const char *label, *name;
	} cases[] = {
		{"", ""},
		{"plain-1.2", "plain-1.2"},
		{"a b/c", "a\\x20b\\x2fc"},
		{"\\", "\\x5c"},
		{"\x01\x7f\"", "\\x01\\x7f\\x22"},
		{"gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(freep) char *name = ign_udev_name(cases[i].label);

		assert_string_equal(name, cases[i].name);
	}
}

static void finds_partitions(void **state)
{
	_cleanup_(freep) char *numbered = xasprintf("%s2", nodes[0]);
	_cleanup_(freep) char *large = xasprintf("%s12", nodes[0]);
	const struct {
		const char *device;
		unsigned int number;
		bool is_new;
	} cases[] = {
		{"/dev/disk/by-partlabel/one", 1, true},
		{"/dev/disk/by-partlabel/b\\x20t\\x2fr", 2, false},
		{"/dev/disk/by-partuuid/11111111-aaaa-3333-4444-555555555555", 1, true},
		{numbered, 2, false},
		{large, 12, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(ign_location_release) struct ign_location p = {0};
		_cleanup_(freep) char *node = xasprintf("%s%u", nodes[0], cases[i].number);
		struct err err = ERR_INIT;

		assert_ok(find(cases[i].device, &p, &err), &err);
		assert_int_equal(p.kind, IGN_LOCATION_PARTITION);
		assert_int_equal(p.entry->number, cases[i].number);
		assert_string_equal(p.node, node);
		assert_int_equal(ign_location_is_new(&p), cases[i].is_new);
		assert_true(ign_location_is_known(&p));
		assert_int_equal(ign_location_size(&p), 1024 * 512);
	}
}

static void refuses_what_will_not_be_there(void **state)
{
	_cleanup_(freep) char *gone = xasprintf("%s3", nodes[0]);
	_cleanup_(freep) char *other = xasprintf("%s2", nodes[1]);
	const struct {
		const char *device, *text;
	} cases[] = {
		{"/dev/disk/by-partlabel/gone", "is not in this machine"},
		{"/dev/disk/by-partlabel/twice", "more than one partition is"},
		{"/dev/disk/by-partlabel/one/../../../sda", "is not in this machine"},
		{gone, "will not be there"},
		{other, "will not be there"},
		{"/dev/nowhere", "is not in this machine, and nothing of this config makes it"},
		{"/dev/nowhere00", "is not in this machine"},
		{"/dev/nowhere99999999999999999999", "is not in this machine"},
		{"/dev/null", "$.x: /dev/null is no block device"},
		{"12", "is not in this machine"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ign_location p = {0};
		struct err err = ERR_INIT;

		assert_fails(find(cases[i].device, &p, &err), &err, ERR_REFUSED, cases[i].text);
	}
}

static void finds_arrays_and_volumes(void **state)
{
	static const struct {
		const char *device, *node;
		enum ign_location_kind kind;
	} cases[] = {
		{"/dev/md/data", "/dev/md/data", IGN_LOCATION_ARRAY},
		{"/dev/disk/by-id/md-name-any:data", "/dev/md/data", IGN_LOCATION_ARRAY},
		{"/dev/md/disks", "/dev/md/disks", IGN_LOCATION_ARRAY},
		{"/dev/mapper/vault", "/dev/mapper/vault", IGN_LOCATION_VOLUME},
		{"/dev/disk/by-id/dm-name-vault", "/dev/mapper/vault", IGN_LOCATION_VOLUME},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(ign_location_release) struct ign_location p = {0};
		struct err err = ERR_INIT;

		assert_ok(find(cases[i].device, &p, &err), &err);
		assert_int_equal(p.kind, cases[i].kind);
		assert_string_equal(p.node, cases[i].node);
		assert_false(ign_location_is_known(&p));
		assert_false(ign_location_is_new(&p));
		assert_int_equal(ign_location_size(&p), 0);
		assert_ok(ign_location_writable(&p, &err), &err);
	}
}

/* One thing in one place, and nothing on the disk around it. */
static void takes_a_place_once(void **state)
{
	struct ign_location one = {.kind = IGN_LOCATION_DEVICE, .node = (char *)"/dev/sdx1"};
	struct ign_location ten = {.kind = IGN_LOCATION_DEVICE, .node = (char *)"/dev/sdx10"};
	struct ign_location disk = {.kind = IGN_LOCATION_DEVICE, .node = (char *)"/dev/sdx"};
	struct ign_location nvme = {.kind = IGN_LOCATION_DEVICE, .node = (char *)"/dev/nvme0n1"};
	struct ign_location part = {.kind = IGN_LOCATION_DEVICE, .node = (char *)"/dev/nvme0n1p2"};
	struct ign_location whole = {.kind = IGN_LOCATION_DEVICE, .node = nodes[0]};
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(ign_location_take(&scene, &one, "$.a", &err), &err);
	assert_ok(ign_location_take(&scene, &ten, "$.b", &err), &err);
	assert_fails(ign_location_take(&scene, &one, "$.c", &err), &err, ERR_REFUSED,
		     "$.c: /dev/sdx1 is taken by $.a");
	assert_fails(ign_location_take(&scene, &disk, "$.c", &err), &err, ERR_REFUSED,
		     "/dev/sdx is taken by $.a");
	assert_ok(ign_location_take(&scene, &nvme, "$.d", &err), &err);
	assert_fails(ign_location_take(&scene, &part, "$.e", &err), &err, ERR_REFUSED,
		     "/dev/nvme0n1p2 is taken by $.d");
	assert_fails(ign_location_take(&scene, &whole, "$.f", &err), &err, ERR_REFUSED,
		     "is the whole disk that $.storage.disks[0] partitions");
}

#define location_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		location_test(names_as_udev_does),
		location_test(finds_partitions),
		location_test(refuses_what_will_not_be_there),
		location_test(finds_arrays_and_volumes),
		location_test(takes_a_place_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
