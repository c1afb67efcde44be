/* SPDX-License-Identifier: Apache-2.0 */
/* On a file without a name; the kinds that tools make are in tests/disk. */
#include "unit.h"

#include "gpt.h"
#include "signature.h"

#include <fcntl.h>
#include <sys/mman.h>

#define MIB  (1024ULL * 1024)
#define SIZE (400 * MIB)

static int make_disk(void **state)
{
	int *fd = xcalloc(1, sizeof(*fd));

	*fd = memfd_create("disk", MFD_CLOEXEC);
	*state = fd;
	return *fd < 0 ? -1 : ftruncate(*fd, SIZE);
}

static int end_disk(void **state)
{
	int *fd = *state;

	close(*fd);
	free(fd);
	return 0;
}

/* A superblock of btrfs that says it belongs at `at`, with the range's start at `start`. */
static void put_btrfs(int fd, uint64_t start, uint64_t at, uint64_t says)
{
	uint8_t sb[4096] = {0};

	memset(sb + 0x20, 0xab, 16);
	for (int i = 0; i < 8; i++)
		sb[0x30 + i] = (uint8_t)(says >> (8 * i));
	memcpy(sb + 0x40, "_BHRfS_M", 8);
	sb[0x88] = 3;
	memcpy(sb + 0x12b, "tank", 4);
	assert_int_equal(pwrite(fd, sb, sizeof(sb), (off_t)(start + at)), sizeof(sb));
}

static size_t count(int fd, uint64_t start, uint64_t size, struct disk *ret)
{
	struct err err = ERR_INIT;

	disk_release(ret);
	assert_ok(signatures_read(fd, start, size, &ret->signatures, &ret->n_signatures, &err),
		  &err);
	return ret->n_signatures;
}

static void spare_superblocks(void **state)
{
	int fd = **(int **)state;
	struct err err = ERR_INIT;
	struct disk d = {0};

	put_btrfs(fd, MIB, 64 * MIB, 64 * MIB);
	assert_int_equal(count(fd, MIB, 300 * MIB, &d), 1);
	assert_string_equal(d.signatures[0].type, "btrfs");
	assert_string_equal(d.signatures[0].label, "tank");
	assert_string_equal(d.signatures[0].uuid, "abababab-abab-abab-abab-abababababab");
	assert_int_equal(d.signatures[0].offset, 64 * MIB + 0x40);
	/* not the whole disk's: it says that it belongs elsewhere */
	assert_int_equal(count(fd, 0, SIZE, &d), 0);
	/* nor that of a range that ends before */
	assert_int_equal(count(fd, MIB, 64 * MIB, &d), 0);
	assert_ok(signatures_wipe(fd, MIB, 300 * MIB, &err), &err);
	assert_int_equal(count(fd, MIB, 300 * MIB, &d), 0);
	disk_release(&d);
}

static void sorted_by_offset(void **state)
{
	int fd = **(int **)state;
	struct disk d = {0};
	uint64_t n;
	struct err err = ERR_INIT;

	put_btrfs(fd, 0, 64 * MIB, 64 * MIB);
	put_btrfs(fd, 0, 64 * 1024, 64 * 1024);
	assert_int_equal(count(fd, 0, SIZE, &d), 2);
	assert_int_equal(d.signatures[0].offset, 64 * 1024 + 0x40);
	assert_ok(btrfs_read_device_count(fd, 0, &n, &err), &err);
	assert_int_equal(n, 3);
	assert_fails(btrfs_read_device_count(fd, MIB, &n, &err), &err, ERR_IO, "no btrfs");
	assert_ok(signatures_wipe(fd, 0, SIZE, &err), &err);
	assert_int_equal(count(fd, 0, SIZE, &d), 0);
	disk_release(&d);
}

static void beyond_the_end(void **state)
{
	int fd = **(int **)state;
	struct err err = ERR_INIT;
	struct disk d = {0};

	assert_fails(signatures_read(fd, SIZE, MIB, &d.signatures, &d.n_signatures, &err), &err,
		     ERR_IO, "the device ends");
	assert_int_equal(count(fd, 0, 0, &d), 0);
	disk_release(&d);
}

static void table_and_mark(void **state)
{
	const struct sha256 id = {{1}}, other = {{2}};
	int fd = **(int **)state;
	struct err err = ERR_INIT;
	struct layout l, no;
	struct disk d = {.size = SIZE, .sector = 512};
	bool marked;

	assert_ok(layout_build(&id, "tank", "S1", SIZE, &l, &err), &err);
	assert_ok(layout_build(&other, "tank", "S1", SIZE, &no, &err), &err);
	assert_ok(gpt_is_marked(fd, SIZE, 512, l.disk_uuid, &marked, &err), &err);
	assert_false(marked);
	/* the mark is no table */
	assert_ok(gpt_mark(fd, SIZE, 512, l.disk_uuid, &err), &err);
	assert_ok(gpt_is_marked(fd, SIZE, 512, l.disk_uuid, &marked, &err), &err);
	assert_true(marked);
	assert_ok(gpt_is_marked(fd, SIZE, 512, no.disk_uuid, &marked, &err), &err);
	assert_false(marked);
	assert_int_equal(count(fd, 0, SIZE, &d), 0);
	/* wiping leaves it */
	assert_ok(signatures_wipe(fd, 0, SIZE, &err), &err);
	assert_ok(gpt_is_marked(fd, SIZE, 512, l.disk_uuid, &marked, &err), &err);
	assert_true(marked);
	assert_ok(gpt_write(fd, "disk", 512, &l, &err), &err);
	assert_ok(partitions_read(fd, &d.partitions, &d.n_partitions, &err), &err);
	assert_int_equal(d.n_partitions, 1);
	assert_string_equal(d.partitions[0].name, "pool-tank");
	assert_ok(signatures_read(fd, 0, SIZE, &d.signatures, &d.n_signatures, &err), &err);
	assert_true(layout_is_on(&l, &d));
	assert_false(layout_is_on(&no, &d));
	disk_release(&d);
	/* both copies go */
	assert_ok(signatures_wipe(fd, 0, SIZE, &err), &err);
	assert_int_equal(count(fd, 0, SIZE, &d), 0);
	layout_release(&l);
	layout_release(&no);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(spare_superblocks, make_disk, end_disk),
		cmocka_unit_test_setup_teardown(sorted_by_offset, make_disk, end_disk),
		cmocka_unit_test_setup_teardown(beyond_the_end, make_disk, end_disk),
		cmocka_unit_test_setup_teardown(table_and_mark, make_disk, end_disk),
	};

	return cmocka_run_group_tests_name("signature", tests, NULL, NULL);
}
