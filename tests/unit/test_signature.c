/* SPDX-License-Identifier: Apache-2.0 */
/* On a file without a name; the kinds that tools make are in tests/disk. */
#include "unit.h"

#include "disks.h"
#include "gpt.h"
#include "mark.h"
#include "sha256.h"
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
	sb[0x91] = 4096 >> 8; /* the size of a sector: libblkid 2.41 wants one */
	sb[0xc9] = 2;
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
	struct btrfs_super super;
	struct err err = ERR_INIT;

	put_btrfs(fd, 0, 64 * MIB, 64 * MIB);
	put_btrfs(fd, 0, 64 * 1024, 64 * 1024);
	assert_int_equal(count(fd, 0, SIZE, &d), 2);
	assert_int_equal(d.signatures[0].offset, 64 * 1024 + 0x40);
	assert_ok(btrfs_super_read(fd, &super, &err), &err);
	assert_int_equal(super.devices, 3);
	assert_int_equal(super.devid, 2);
	assert_ok(signatures_wipe(fd, 0, SIZE, &err), &err);
	assert_fails(btrfs_super_read(fd, &super, &err), &err, ERR_IO, "no btrfs");
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

/* The disk as it is now. */
static void look(int fd, struct disk *ret)
{
	const struct disk d = {.size = SIZE, .sector = 512};
	struct err err = ERR_INIT;

	disk_release(ret);
	assert_ok(disk_read_again(fd, &d, ret, &err), &err);
}

static bool marked(int fd, const struct layout *l)
{
	struct err err = ERR_INIT;
	struct disk now = {0};
	bool is;

	look(fd, &now);
	assert_ok(mark_is_on(fd, &now, l, &is, &err), &err);
	disk_release(&now);
	return is;
}

static void table_and_mark(void **state)
{
	const struct sha256 id = {{1}}, other = {{2}};
	int fd = **(int **)state;
	struct err err = ERR_INIT;
	struct layout l, no;
	struct disk d = {0};

	assert_ok(layout_build(&id, "tank", "S1", SIZE, &l, &err), &err);
	assert_ok(layout_build(&other, "tank", "S1", SIZE, &no, &err), &err);
	assert_false(marked(fd, &l));
	look(fd, &d);
	assert_ok(mark_write(fd, &d, &l, &err), &err);
	assert_true(marked(fd, &l));
	assert_false(marked(fd, &no));
	/* the mark is no table and no data */
	look(fd, &d);
	assert_true(disk_is_blank(&d));
	/* wiping leaves it */
	assert_ok(signatures_wipe(fd, 0, SIZE, &err), &err);
	assert_true(marked(fd, &l));
	assert_ok(gpt_write(fd, "disk", 512, &l, &err), &err);
	look(fd, &d);
	assert_int_equal(d.n_partitions, 1);
	assert_string_equal(d.partitions[0].name, "pool-tank");
	assert_true(layout_is_on(&l, &d));
	assert_false(layout_is_on(&no, &d));
	/* both copies go */
	assert_ok(signatures_wipe(fd, 0, SIZE, &err), &err);
	assert_int_equal(count(fd, 0, SIZE, &d), 0);
	disk_release(&d);
	layout_release(&l);
	layout_release(&no);
}

static void mark_is_for_what_was_there(void **state)
{
	const struct sha256 id = {{1}};
	int fd = **(int **)state;
	struct err err = ERR_INIT;
	struct disk d = {0};
	struct layout l;

	assert_ok(layout_build(&id, "tank", "S1", SIZE, &l, &err), &err);
	put_btrfs(fd, 0, 64 * MIB, 64 * MIB);
	put_btrfs(fd, 0, 64 * 1024, 64 * 1024);
	look(fd, &d);
	assert_ok(mark_write(fd, &d, &l, &err), &err);
	assert_true(marked(fd, &l));
	/* half wiped: one superblock is left, then nothing that has a name */
	assert_int_equal(pwrite(fd, "", 1, 64 * MIB + 0x40), 1);
	assert_true(marked(fd, &l));
	assert_int_equal(pwrite(fd, "", 1, 64 * 1024 + 0x40), 1);
	assert_true(marked(fd, &l));
	/* somebody made a file system since, where the mark was left */
	put_btrfs(fd, 0, 64 * MIB, 64 * MIB);
	assert_true(marked(fd, &l));
	assert_int_equal(pwrite(fd, "\x1", 1, 64 * MIB + 0x20), 1);
	assert_false(marked(fd, &l));
	disk_release(&d);
	layout_release(&l);
}

static void mark_of_a_blank_disk_is_not_for_unknown_data(void **state)
{
	const struct sha256 id = {{1}};
	int fd = **(int **)state;
	struct err err = ERR_INIT;
	struct disk d = {0};
	struct layout l;

	assert_ok(layout_build(&id, "tank", "S1", SIZE, &l, &err), &err);
	look(fd, &d);
	assert_ok(mark_write(fd, &d, &l, &err), &err);
	assert_int_equal(pwrite(fd, "salt", 4, 0), 4);
	assert_false(marked(fd, &l));
	disk_release(&d);
	layout_release(&l);
}

static void unknown_data(void **state)
{
	static const uint64_t places[] = {0, MIB + 4096, SIZE - MIB, SIZE - 1};
	int fd = **(int **)state;
	struct disk d = {0};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		char was[SHA256_TEXT_SIZE];

		look(fd, &d);
		assert_true(disk_is_blank(&d));
		assert_int_equal(pwrite(fd, "x", 1, (off_t)places[i]), 1);
		look(fd, &d);
		assert_int_equal(d.n_signatures, 1);
		assert_string_equal(d.signatures[0].type, SIGNATURE_UNKNOWN);
		memcpy(was, d.signatures[0].uuid, strlen(d.signatures[0].uuid) + 1);
		/* other data is not the same data */
		assert_int_equal(pwrite(fd, "y", 1, (off_t)places[i]), 1);
		look(fd, &d);
		assert_string_not_equal(d.signatures[0].uuid, was);
		assert_int_equal(pwrite(fd, "", 1, (off_t)places[i]), 1);
	}
	disk_release(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(spare_superblocks, make_disk, end_disk),
		cmocka_unit_test_setup_teardown(sorted_by_offset, make_disk, end_disk),
		cmocka_unit_test_setup_teardown(beyond_the_end, make_disk, end_disk),
		cmocka_unit_test_setup_teardown(table_and_mark, make_disk, end_disk),
		cmocka_unit_test_setup_teardown(mark_is_for_what_was_there, make_disk, end_disk),
		cmocka_unit_test_setup_teardown(mark_of_a_blank_disk_is_not_for_unknown_data,
						make_disk, end_disk),
		cmocka_unit_test_setup_teardown(unknown_data, make_disk, end_disk),
	};

	return cmocka_run_group_tests_name("signature", tests, NULL, NULL);
}
