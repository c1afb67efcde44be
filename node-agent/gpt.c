/* SPDX-License-Identifier: Apache-2.0 */
#include "gpt.h"

#include "parse.h"

#include <errno.h>
#include <libfdisk/libfdisk.h>
#include <string.h>
#include <unistd.h>

/* UEFI specification table 5.5: offsets in the header */
enum { GPT_SIGNATURE = 0, GPT_REVISION = 8, GPT_HEADER_SIZE = 12, GPT_DISK_GUID = 56 };
#define SIGNATURE "EFI PART"
/* Table 5.3: the partition records of an MBR, and the type in one */
enum { MBR_FIRST = 446, MBR_ENTRY = 16, MBR_TYPE = 4 };

static void contextp(struct fdisk_context **c)
{
	fdisk_unref_context(*c);
}

static void partitionp(struct fdisk_partition **p)
{
	fdisk_unref_partition(*p);
}

static void parttypep(struct fdisk_parttype **t)
{
	fdisk_unref_parttype(*t);
}

/* The 16 bytes on disk: the first three fields are little-endian (appendix A). */
static void guid_bytes(const char *text, uint8_t ret[16])
{
	static const uint8_t order[16] = {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15};
	_cleanup_(freep) char *digits = xstrdup(text);
	struct err err = ERR_INIT;
	uint8_t plain[16];
	char *to = digits;

	for (const char *c = text; *c; c++)
		if (*c != '-')
			*to++ = *c;
	*to = '\0';
	if (parse_hex(digits, plain, sizeof(plain), &err) < 0)
		BUG("a UUID of our own making is malformed");
	for (size_t i = 0; i < sizeof(plain); i++)
		ret[order[i]] = plain[i];
}

bool gpt_header_names(const uint8_t *b, const char *disk_uuid)
{
	uint8_t guid[16];

	guid_bytes(disk_uuid, guid);
	return memcmp(b + GPT_SIGNATURE, SIGNATURE, strlen(SIGNATURE)) == 0 &&
	       memcmp(b + GPT_DISK_GUID, guid, sizeof(guid)) == 0;
}

void gpt_header_start(uint8_t *b, const char *disk_uuid)
{
	memcpy(b + GPT_SIGNATURE, SIGNATURE, strlen(SIGNATURE));
	b[GPT_REVISION + 2] = 1;
	b[GPT_HEADER_SIZE] = 92;
	guid_bytes(disk_uuid, b + GPT_DISK_GUID);
}

static int read_sector(int fd, uint64_t at, uint8_t b[512], struct err *err)
{
	if (pread(fd, b, 512, (off_t)at) != 512)
		return err_errno(err, ERR_IO, errno ? errno : EIO, "cannot read at byte %llu",
				 (unsigned long long)at);
	return 0;
}

static bool is_protective(const uint8_t mbr[512])
{
	bool found = false;

	for (size_t at = MBR_FIRST; at < MBR_FIRST + 4 * (size_t)MBR_ENTRY; at += MBR_ENTRY)
		found = found || mbr[at + MBR_TYPE] == 0xee;
	return found && mbr[510] == 0x55 && mbr[511] == 0xaa;
}

int gpt_is_whole(int fd, uint64_t size, uint32_t sector, const char *disk_uuid, bool *ret,
		 struct err *err)
{
	uint8_t mbr[512], first[512], last[512];

	if (read_sector(fd, 0, mbr, err) < 0 || read_sector(fd, sector, first, err) < 0 ||
	    read_sector(fd, size - sector, last, err) < 0)
		return -1;
	*ret = is_protective(mbr) && gpt_header_names(first, disk_uuid) &&
	       gpt_header_names(last, disk_uuid);
	return 0;
}

static int add_partition(struct fdisk_context *cxt, const struct layout_partition *want,
			 uint32_t sector)
{
	_cleanup_(partitionp) struct fdisk_partition *pa = fdisk_new_partition();
	_cleanup_(parttypep) struct fdisk_parttype *type =
		fdisk_label_parse_parttype(fdisk_get_label(cxt, NULL), want->type);
	int r;

	if (!pa || !type)
		return -ENOMEM;
	if ((r = fdisk_partition_set_partno(pa, want->number - 1)) < 0 ||
	    (r = fdisk_partition_set_start(pa, want->start / sector)) < 0 ||
	    (r = fdisk_partition_set_size(pa, want->size / sector)) < 0 ||
	    (r = fdisk_partition_set_uuid(pa, want->uuid)) < 0 ||
	    (r = fdisk_partition_set_name(pa, want->name)) < 0 ||
	    (r = fdisk_partition_set_type(pa, type)) < 0)
		return r;
	return fdisk_add_partition(cxt, pa, NULL);
}

static int make_table(struct fdisk_context *cxt, int fd, const char *path, uint32_t sector,
		      const struct layout *l)
{
	int r;

	fdisk_disable_dialogs(cxt, 1);
	if ((r = fdisk_assign_device_by_fd(cxt, fd, path, 0)) < 0)
		return r;
	if ((r = fdisk_create_disklabel(cxt, "gpt")) < 0 ||
	    (r = fdisk_set_disklabel_id_from_string(cxt, l->disk_uuid)) < 0)
		return r;
	for (size_t i = 0; i < l->n; i++)
		if ((r = add_partition(cxt, &l->p[i], sector)) < 0)
			return r;
	return fdisk_write_disklabel(cxt);
}

int gpt_write(int fd, const char *path, uint32_t sector, const struct layout *l, struct err *err)
{
	_cleanup_(contextp) struct fdisk_context *cxt = fdisk_new_context();
	int r = cxt ? make_table(cxt, fd, path, sector, l) : -ENOMEM;

	if (r < 0)
		return err_errno(err, ERR_IO, -r, "cannot write the partition table of %s", path);
	if (fsync(fd) < 0)
		return err_errno(err, ERR_IO, errno, "cannot sync %s", path);
	return 0;
}
