/* SPDX-License-Identifier: Apache-2.0 */
/* Identities from a sysfs made up here; what is on the disks is the business of tests/disk. */
#include "unit.h"

#include "disks.h"
#include "fsio.h"
#include "runcmd.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

struct fake {
	char path[64];
	int fd;
};

static int setup(void **state)
{
	struct fake *f = xcalloc(1, sizeof(*f));
	struct err err = ERR_INIT;

	snprintf(f->path, sizeof(f->path), "/tmp/test-disks-%ld-XXXXXX", (long)getpid());
	if (!mkdtemp(f->path))
		return -1;
	f->fd = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = f;
	return f->fd < 0 || dir_make(f->fd, "block", 0755, &err) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
	struct fake *f = *state;
	struct err err = ERR_INIT;

	close(f->fd);
	if (runcmd_argv((const char *const[]){"rm", "-rf", "--", f->path, NULL}, &err) < 0)
		return -1;
	free(f);
	return 0;
}

static void put(struct fake *f, const char *path, const void *data, size_t n)
{
	_cleanup_(freep) char *folder = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	struct err err = ERR_INIT;

	assert_ok(dir_make(f->fd, folder, 0755, &err), &err);
	assert_ok(file_write(f->fd, path, data, n, 0644, &err), &err);
}

static void text(struct fake *f, const char *path, const char *value)
{
	put(f, path, value, strlen(value));
}

/* A disk whose hardware is at `device`, a path below devices/. */
static void disk(struct fake *f, const char *name, const char *device)
{
	_cleanup_(freep) char *size = xasprintf("block/%s/size", name);
	_cleanup_(freep) char *link = xasprintf("block/%s/device", name);
	_cleanup_(freep) char *to = xasprintf("../../devices/%s", device);
	_cleanup_(freep) char *folder = xasprintf("devices/%s", device);
	struct err err = ERR_INIT;

	text(f, size, "2048\n");
	assert_ok(dir_make(f->fd, folder, 0755, &err), &err);
	assert_int_equal(symlinkat(to, f->fd, link), 0);
}

static struct disk_list read_all(struct fake *f)
{
	struct disks_options o = {.sysfs = f->path, .dev = f->path};
	struct err err = ERR_INIT;
	struct disk_list l;

	assert_ok(disks_read(&o, &l, &err), &err);
	return l;
}

static void nvme_virtio_mmc(void **state)
{
	struct fake *f = *state;
	struct disk_list l;

	disk(f, "nvme0n1", "pci/nvme/nvme0");
	text(f, "block/nvme0n1/wwid", "eui.0025385a91b01234\n");
	text(f, "block/nvme0n1/queue/logical_block_size", "4096\n");
	text(f, "devices/pci/nvme/nvme0/serial", "S4EWNX0N\n");
	text(f, "devices/pci/nvme/nvme0/model", "Samsung SSD 970 EVO 1TB                 \n");
	disk(f, "vda", "pci/virtio1");
	text(f, "block/vda/serial", "disk 1\n");
	disk(f, "mmcblk0", "mmc0/mmc0:0001");
	text(f, "devices/mmc0/mmc0:0001/serial", "0x1234abcd\n");
	text(f, "devices/mmc0/mmc0:0001/name", "DG4016\n");
	disk(f, "mmcblk0boot0", "mmc0/mmc0:0001/boot");
	l = read_all(f);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.d[0].by_id, "mmc-DG4016_0x1234abcd");
	assert_int_equal(l.d[0].transport, TRANSPORT_MMC);
	assert_string_equal(l.d[1].by_id, "nvme-Samsung_SSD_970_EVO_1TB_S4EWNX0N");
	assert_string_equal(l.d[1].wwn, "0x0025385a91b01234");
	assert_string_equal(l.d[1].serial, "S4EWNX0N");
	assert_int_equal(l.d[1].sector, 4096);
	assert_int_equal(l.d[1].size, 2048 * 512);
	assert_string_equal(l.d[2].by_id, "virtio-disk_1");
	assert_string_equal(l.d[2].serial, "disk 1");
	/* there is no device node: the disk is there, and counts as holding data */
	assert_non_null(l.d[2].unreadable);
	disk_list_release(&l);
}

static const char sata83[] = "\0\203\0\124\2\1\0\104"
			     "ATA     "
			     "WDC WD40EFRX-68WT0N0                    "
			     "            WD-WCC4E"
			     "\1\3\0\10\120\1\116\342\140\22\64\126";

static void sata_scsi_usb(void **state)
{
	struct fake *f = *state;
	struct disk_list l;

	disk(f, "sda", "pci/ata1/host0/target0:0:0/0:0:0:0");
	text(f, "devices/pci/ata1/host0/target0:0:0/0:0:0:0/vendor", "ATA     \n");
	text(f, "devices/pci/ata1/host0/target0:0:0/0:0:0:0/model", "WDC WD40EFRX-68W\n");
	put(f, "devices/pci/ata1/host0/target0:0:0/0:0:0:0/vpd_pg83", sata83, sizeof(sata83) - 1);
	put(f, "devices/pci/ata1/host0/target0:0:0/0:0:0:0/vpd_pg80", "\0\200\0\10WD-WCC4E", 12);
	disk(f, "sdb", "pci/host1/target1:0:0/1:0:0:0");
	text(f, "devices/pci/host1/target1:0:0/1:0:0:0/vendor", "QEMU    \n");
	text(f, "devices/pci/host1/target1:0:0/1:0:0:0/model", "QEMU HARDDISK   \n");
	put(f, "devices/pci/host1/target1:0:0/1:0:0:0/vpd_pg83", "\0\203\0\7\2\0\0\3one", 11);
	put(f, "devices/pci/host1/target1:0:0/1:0:0:0/vpd_pg80", "\0\200\0\3one", 7);
	disk(f, "sdc", "pci/usb1/1-1/1-1:1.0/host2/target2:0:0/2:0:0:3");
	text(f, "devices/pci/usb1/1-1/idVendor", "0951\n");
	text(f, "devices/pci/usb1/1-1/serial", "E0D55EA5\n");
	text(f, "devices/pci/usb1/1-1/1-1:1.0/host2/target2:0:0/2:0:0:3/vendor", "Kingston\n");
	text(f, "devices/pci/usb1/1-1/1-1:1.0/host2/target2:0:0/2:0:0:3/model",
	     "DataTraveler 3.0\n");
	text(f, "block/sdc/removable", "1\n");
	l = read_all(f);
	assert_int_equal(l.n, 3);
	assert_int_equal(l.d[0].transport, TRANSPORT_SATA);
	assert_string_equal(l.d[0].by_id, "ata-WDC_WD40EFRX-68WT0N0_WD-WCC4E");
	assert_string_equal(l.d[0].wwn, "0x50014ee260123456");
	assert_int_equal(l.d[1].transport, TRANSPORT_SCSI);
	assert_string_equal(l.d[1].by_id, "scsi-0QEMU_QEMU_HARDDISK_one");
	assert_string_equal(l.d[1].serial, "one");
	assert_int_equal(l.d[2].transport, TRANSPORT_USB);
	assert_string_equal(l.d[2].by_id, "usb-Kingston_DataTraveler_3.0_E0D55EA5-0:3");
	assert_string_equal(l.d[2].serial, "E0D55EA5");
	assert_true(l.d[2].removable);
	disk_list_release(&l);
}

static void what_is_no_disk_is_left_out(void **state)
{
	struct fake *f = *state;
	struct disk_list l;

	text(f, "block/loop0/size", "2048\n");
	text(f, "block/dm-0/size", "2048\n");
	disk(f, "sr0", "pci/ata2/cd");
	disk(f, "fd0", "platform/floppy");
	disk(f, "sdd", "pci/usb1/reader");
	text(f, "block/sdd/size", "0\n");
	disk(f, "nvme0c0n1", "pci/nvme/path");
	text(f, "block/nvme0c0n1/hidden", "1\n");
	l = read_all(f);
	assert_int_equal(l.n, 0);
	disk_list_release(&l);
}

static void found_by_id_once(void **state)
{
	struct disk d[] = {{.name = (char *)"sda", .serial = (char *)"S1"},
			   {.name = (char *)"nvme0n1", .wwn = (char *)"0x5"},
			   {.name = (char *)"sdc", .serial = (char *)"S2"},
			   {.name = (char *)"sdd", .serial = (char *)"S2"}};
	struct disk_list l = {d, ARRAY_SIZE(d)};
	const struct disk *found;
	struct err err = ERR_INIT;
	char *path;

	(void)state;
	assert_ok(disks_find(&l, "S1", &found, &err), &err);
	path = disk_partition_path(found, 3);
	assert_string_equal(path, "/dev/sda3");
	free(path);
	assert_ok(disks_find(&l, "0x5", &found, &err), &err);
	path = disk_partition_path(found, 3);
	assert_string_equal(path, "/dev/nvme0n1p3");
	free(path);
	assert_fails(disks_find(&l, "S2", &found, &err), &err, ERR_REFUSED, "sdc and sdd");
	assert_fails(disks_find(&l, "S3", &found, &err), &err, ERR_REFUSED, "disk S3 is not");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nvme_virtio_mmc, setup, teardown),
		cmocka_unit_test_setup_teardown(sata_scsi_usb, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_disk_is_left_out, setup, teardown),
		cmocka_unit_test(found_by_id_once),
	};

	return cmocka_run_group_tests_name("disks", tests, NULL, NULL);
}
