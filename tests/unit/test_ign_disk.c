/* SPDX-License-Identifier: Apache-2.0 */
/* On a loop device where there is one to be had; tests/disk/ignition.bats has many more. */
#include "unit.h"

#include "ign_disk.h"
#include "runcmd.h"

#include <fcntl.h>
#include <stdio.h>

#define DISK_BYTES (16 * 1024 * 1024)

static char image[] = "/tmp/test-ign-disk-XXXXXX";
static char *loop; /* NULL: none is to be had */

static int setup(void **state)
{
	const char *const argv[] = {"losetup", "--find", "--show", image, NULL};
	const struct runcmd losetup = {.argv = argv, .timeout_s = 60};
	struct err err = ERR_INIT;
	int fd = mkstemp(image);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, DISK_BYTES), 0);
	close(fd);
	if (runcmd(&losetup, &loop, &err) < 0)
		err_release(&err);
	else
		loop[strcspn(loop, "\n")] = '\0';
	return 0;
}

static int teardown(void **state)
{
	const char *const argv[] = {"losetup", "--detach", loop, NULL};
	struct err err = ERR_INIT;

	(void)state;
	if (loop)
		assert_ok(runcmd_argv(argv, &err), &err);
	free(loop);
	return unlink(image);
}

/* more: the entry beside its device. */
static json_t *entry(const char *device, const char *more)
{
	_cleanup_(freep) char *text = xasprintf("{\"device\":\"%s\"%s}", device, more);
	struct err err = ERR_INIT;
	json_t *j = NULL;

	assert_ok(jsonx_parse(text, strlen(text), "disk", &j, &err), &err);
	return j;
}

static void names_partitions(void **state)
{
	static const struct {
		const char *disk, *partition;
	} cases[] = {{"/dev/sda", "/dev/sda3"},
		     {"/dev/nvme0n1", "/dev/nvme0n1p3"},
		     {"/dev/loop7", "/dev/loop7p3"},
		     {"/dev/mmcblk0", "/dev/mmcblk0p3"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(freep) char *name = ign_disk_partition(cases[i].disk, 3);

		assert_string_equal(name, cases[i].partition);
	}
}

static void refuses_what_is_no_disk(void **state)
{
	static const struct {
		const char *device, *text;
	} cases[] = {
		{"/dev/nowhere", "$.storage.disks[4].device: /dev/nowhere is not in this machine"},
		{"/dev/null", "$.storage.disks[4].device: /dev/null is no block device"},
		{"/etc/passwd", "/etc/passwd is no block device"},
		{"/", "/ is no block device"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_json_ json_t *j = entry(cases[i].device, "");
		struct ign_disk d = {0};
		struct err err = ERR_INIT;

		assert_fails(ign_disk_plan(j, 4, &d, &err), &err, ERR_REFUSED, cases[i].text);
		assert_null(d.node);
	}
}

/* What is on the disk, whole. Caller frees. */
static char *bytes(void)
{
	_cleanup_(closep) int fd = open(image, O_RDONLY | O_CLOEXEC);
	char *all = xmalloc(DISK_BYTES);

	sync();
	assert_int_equal(pread(fd, all, DISK_BYTES, 0), DISK_BYTES);
	return all;
}

static void put(off_t at, const void *p, size_t n)
{
	_cleanup_(closep) int fd = open(loop, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, p, n, at), (ssize_t)n);
	assert_int_equal(fsync(fd), 0);
}

/* A table of one partition; then what does not match it, what is broken, what changes meanwhile. */
static void plans_and_writes(void **state)
{
	_cleanup_json_ json_t *first = NULL, *other = NULL, *wipe = NULL;
	_cleanup_(ign_disk_release) struct ign_disk d = {0}, kept = {0}, wiped = {0};
	_cleanup_(freep) char *before = NULL, *after = NULL, *node = NULL;
	struct ign_disk none = {0};
	struct err err = ERR_INIT;

	(void)state;
	if (!loop)
		skip();
	first = entry(loop, ",\"partitions\":[{\"number\":1,\"label\":\"one\",\"sizeMiB\":4}]");
	other = entry(loop, ",\"partitions\":[{\"number\":1,\"label\":\"two\",\"sizeMiB\":4}]");
	wipe = entry(loop, ",\"wipeTable\":true");
	assert_ok(ign_disk_plan(first, 0, &d, &err), &err);
	assert_string_equal(d.node, loop);
	assert_false(d.has_table);
	assert_int_equal(d.after.n, 1);
	assert_ok(ign_disk_look_again(&d, &err), &err);
	assert_ok(ign_disk_write(&d, &err), &err);
	node = ign_disk_partition(loop, 1);
	assert_int_equal(access(node, F_OK), 0);
	/* it has been written since: what was planned holds no more */
	assert_fails(ign_disk_look_again(&d, &err), &err, ERR_REFUSED,
		     "has changed since it was looked at");
	before = bytes();
	assert_ok(ign_disk_plan(first, 0, &kept, &err), &err);
	assert_true(kept.has_table);
	assert_int_equal(kept.after.e[0].action, IGN_KEEP);
	assert_ok(ign_disk_look_again(&kept, &err), &err);
	assert_ok(ign_disk_write(&kept, &err), &err);
	assert_fails(ign_disk_plan(other, 0, &none, &err), &err, ERR_REFUSED,
		     "$.storage.disks[0].partitions[0].label: does not match partition 1");
	after = bytes();
	assert_memory_equal(before, after, DISK_BYTES);
	/* a header that has no meaning any more, and the one behind is still good */
	put(512 + 40, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	put(DISK_BYTES - 512 + 40, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	assert_fails(ign_disk_plan(first, 0, &none, &err), &err, ERR_REFUSED,
		     "and no GUID partition table; set wipeTable if that may be lost");
	assert_ok(ign_disk_plan(wipe, 0, &wiped, &err), &err);
	assert_ok(ign_disk_write(&wiped, &err), &err);
	assert_int_equal(access(node, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_partitions),
		cmocka_unit_test(refuses_what_is_no_disk),
		cmocka_unit_test(plans_and_writes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
