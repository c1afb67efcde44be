/* SPDX-License-Identifier: Apache-2.0 */
#include "signature.h"

#include "limits.h"
#include "sha256.h"

#include <blkid/blkid.h>
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KIB 1024ULL
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* struct btrfs_super_block (linux/fs/btrfs, "On-disk Format"): offsets in bytes */
enum { SB_FSID = 0x20, SB_BYTENR = 0x30, SB_MAGIC = 0x40, SB_DEVICES = 0x88 };
enum { SB_DEVID = 0xc9, SB_LABEL = 0x12b };
enum { SB_SIZE = 4096, SB_LABEL_SIZE = 256 };
#define SB_MAGIC_TEXT "_BHRfS_M"

/* libblkid knows the first copy, at 64 KiB */
static const uint64_t sb_spares[] = {64 * MIB, 256 * GIB};

static void probe_freep(blkid_probe *pr)
{
	blkid_free_probe(*pr);
}

static int read_at(int fd, uint64_t at, void *p, size_t n, struct err *err)
{
	ssize_t r = pread(fd, p, n, (off_t)at);

	if (r < 0)
		return err_errno(err, ERR_IO, errno, "cannot read at byte %llu",
				 (unsigned long long)at);
	if ((size_t)r != n)
		return err_set(err, ERR_IO, "cannot read at byte %llu: the device ends there",
			       (unsigned long long)at);
	return 0;
}

static uint64_t le64_at(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

static blkid_probe probe_new(int fd, uint64_t start, uint64_t size, struct err *err)
{
	blkid_probe pr = blkid_new_probe();

	if (!pr || blkid_probe_set_device(pr, fd, (blkid_loff_t)start, (blkid_loff_t)size) != 0) {
		blkid_free_probe(pr);
		err_errno(err, ERR_IO, errno ? errno : EIO, "cannot look for signatures");
		return NULL;
	}
	blkid_probe_enable_superblocks(pr, 1);
	blkid_probe_set_superblocks_flags(pr, BLKID_SUBLKS_MAGIC | BLKID_SUBLKS_TYPE |
						      BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID |
						      BLKID_SUBLKS_BADCSUM);
	blkid_probe_enable_partitions(pr, 1);
	/* also a GPT that has lost its protective MBR, or its first copy */
	blkid_probe_set_partitions_flags(pr, BLKID_PARTS_MAGIC | BLKID_PARTS_FORCE_GPT);
	return pr;
}

static char *probe_text(blkid_probe pr, const char *name)
{
	const char *v;
	size_t len;

	if (blkid_probe_lookup_value(pr, name, &v, &len) != 0)
		return NULL;
	return xstrndup(v, len);
}

static struct disk_signature *append(struct disk_signature **list, size_t *n, size_t limit)
{
	return *n < limit ? ARRAY_APPEND(*list, *n) : NULL;
}

/* What the probe stands on now; false when it is no signature (topology and the like). */
static bool take_found(blkid_probe pr, struct disk_signature **list, size_t *n)
{
	bool table = false;
	char *type = probe_text(pr, "TYPE");
	_cleanup_(freep) char *offset = NULL;
	struct disk_signature *s;

	if (!type) {
		type = probe_text(pr, "PTTYPE");
		table = true;
	}
	s = type ? append(list, n, LIMIT_SIGNATURES) : NULL;
	if (!s) {
		free(type);
		return false;
	}
	offset = probe_text(pr, table ? "PTMAGIC_OFFSET" : "SBMAGIC_OFFSET");
	s->type = type;
	s->uuid = probe_text(pr, table ? "PTUUID" : "UUID");
	s->label = probe_text(pr, "LABEL");
	s->offset = offset ? strtoull(offset, NULL, 10) : 0;
	return true;
}

/* Whether a superblock that says it belongs at `at` lies there; sb gets its bytes. */
static int spare_at(int fd, uint64_t start, uint64_t size, uint64_t at, uint8_t sb[SB_SIZE],
		    bool *ret, struct err *err)
{
	*ret = false;
	if (size < at + SB_SIZE)
		return 0;
	if (read_at(fd, start + at, sb, SB_SIZE, err) < 0)
		return -1;
	*ret = memcmp(sb + SB_MAGIC, SB_MAGIC_TEXT, strlen(SB_MAGIC_TEXT)) == 0 &&
	       le64_at(sb + SB_BYTENR) == at;
	return 0;
}

static char *format_uuid(const uint8_t u[16])
{
	return xasprintf("%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
			 u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11],
			 u[12], u[13], u[14], u[15]);
}

static int read_spares(int fd, uint64_t start, uint64_t size, struct disk_signature **list,
		       size_t *n, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(sb_spares); i++) {
		uint8_t sb[SB_SIZE];
		struct disk_signature *s;
		bool there;

		if (spare_at(fd, start, size, sb_spares[i], sb, &there, err) < 0)
			return -1;
		s = there ? append(list, n, LIMIT_SIGNATURES) : NULL;
		if (!s)
			continue;
		s->type = xstrdup("btrfs");
		s->uuid = format_uuid(sb + SB_FSID);
		s->label =
			sb[SB_LABEL] ? xstrndup((const char *)sb + SB_LABEL, SB_LABEL_SIZE) : NULL;
		s->offset = sb_spares[i] + SB_MAGIC;
	}
	return 0;
}

static int by_offset(const void *a, const void *b)
{
	const struct disk_signature *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return strcmp(x->type, y->type);
}

/* libblkid takes an unreadable block for one without a signature: so the ends are read first. */
static int read_ends(int fd, uint64_t start, uint64_t size, struct err *err)
{
	size_t n = size < 256 * KIB ? (size_t)size : 256 * KIB;
	_cleanup_(freep) char *block = xmalloc(n);

	if (read_at(fd, start, block, n, err) < 0)
		return -1;
	return read_at(fd, start + size - n, block, n, err);
}

int signatures_read(int fd, uint64_t start, uint64_t size, struct disk_signature **list, size_t *n,
		    struct err *err)
{
	_cleanup_(probe_freep) blkid_probe pr = NULL;
	size_t first = *n;
	int r;

	if (size == 0)
		return 0;
	if (read_ends(fd, start, size, err) < 0)
		return -1;
	pr = probe_new(fd, start, size, err);
	if (!pr)
		return -1;
	while ((r = blkid_do_probe(pr)) == 0)
		take_found(pr, list, n);
	if (r < 0)
		return err_errno(err, ERR_IO, errno ? errno : EIO, "cannot look for signatures");
	if (read_spares(fd, start, size, list, n, err) < 0)
		return -1;
	if (*n > first)
		qsort(*list + first, *n - first, sizeof(**list), by_offset);
	return 0;
}

static int read_unknown_at(int fd, uint64_t at, size_t len, struct disk_signature **list, size_t *n,
			   struct err *err)
{
	_cleanup_(freep) char *b = xmalloc(len);
	char digest[SHA256_TEXT_SIZE];
	struct disk_signature *s;
	struct sha256 d;

	if (len == 0)
		return 0;
	if (read_at(fd, at, b, len, err) < 0)
		return -1;
	if (b[0] == '\0' && memcmp(b, b + 1, len - 1) == 0)
		return 0;
	s = append(list, n, LIMIT_SIGNATURES);
	if (!s)
		return 0;
	d = sha256_of(b, len);
	s->type = xstrdup(SIGNATURE_UNKNOWN);
	s->uuid = xstrndup(sha256_format(&d, digest), 32);
	s->offset = at;
	return 0;
}

/* The last sector, of any size, is a GPT header or was one: its table is in front of it. */
static int ends_with_gpt(int fd, uint64_t size, bool *ret, struct err *err)
{
	static const uint32_t sectors[] = {512, 4096};

	*ret = false;
	for (size_t i = 0; i < ARRAY_SIZE(sectors); i++) {
		char b[8];

		if (size < sectors[i])
			continue;
		if (read_at(fd, size - sectors[i], b, sizeof(b), err) < 0)
			return -1;
		*ret = *ret || memcmp(b, "EFI PART", sizeof(b)) == 0;
	}
	return 0;
}

int signatures_read_unknown(int fd, uint64_t size, struct disk_signature **list, size_t *n,
			    struct err *err)
{
	uint64_t head = size < 2 * MIB ? size : 2 * MIB;
	uint64_t tail = size - head < MIB ? size - head : MIB, spare;
	bool gpt;

	if (ends_with_gpt(fd, size, &gpt, err) < 0)
		return -1;
	spare = gpt && tail > 64 * KIB ? 64 * KIB : 0;
	if (read_unknown_at(fd, 0, (size_t)head, list, n, err) < 0)
		return -1;
	return read_unknown_at(fd, size - tail, (size_t)(tail - spare), list, n, err);
}

static int wipe_spares(int fd, uint64_t start, uint64_t size, struct err *err)
{
	static const char zeros[8];

	for (size_t i = 0; i < ARRAY_SIZE(sb_spares); i++) {
		uint64_t at = start + sb_spares[i] + SB_MAGIC;
		uint8_t sb[SB_SIZE];
		bool there;

		if (spare_at(fd, start, size, sb_spares[i], sb, &there, err) < 0)
			return -1;
		if (!there)
			continue;
		if (pwrite(fd, zeros, sizeof(zeros), (off_t)at) != (ssize_t)sizeof(zeros))
			return err_errno(err, ERR_IO, errno, "cannot wipe at byte %llu",
					 (unsigned long long)at);
	}
	return 0;
}

int signatures_wipe(int fd, uint64_t start, uint64_t size, struct err *err)
{
	_cleanup_(probe_freep) blkid_probe pr = NULL;
	int r;

	if (size == 0)
		return 0;
	/* before the first copy: a half-done wipe then still shows what it was */
	if (wipe_spares(fd, start, size, err) < 0)
		return -1;
	pr = probe_new(fd, start, size, err);
	if (!pr)
		return -1;
	/* blkid_do_wipe steps back, so that a further copy of the same thing is found */
	while ((r = blkid_do_probe(pr)) == 0)
		if (blkid_do_wipe(pr, 0) != 0)
			return err_errno(err, ERR_IO, errno ? errno : EIO, "cannot wipe");
	if (r < 0)
		return err_errno(err, ERR_IO, errno ? errno : EIO, "cannot look for signatures");
	if (fsync(fd) < 0)
		return err_errno(err, ERR_IO, errno, "cannot sync");
	return 0;
}

static void take_partition(blkid_partition par, struct disk_partition *p)
{
	const char *type = blkid_partition_get_type_string(par);

	p->number = (unsigned int)blkid_partition_get_partno(par);
	/* libblkid counts in 512 bytes whatever the sector size is */
	p->start = (uint64_t)blkid_partition_get_start(par) * 512;
	p->size = (uint64_t)blkid_partition_get_size(par) * 512;
	p->name = xstrdup(blkid_partition_get_name(par));
	if (type) {
		p->type = xstrdup(type);
		p->uuid = xstrdup(blkid_partition_get_uuid(par));
	} else {
		p->type = xasprintf("0x%02x", (unsigned int)blkid_partition_get_type(par));
	}
}

int partitions_read(int fd, struct disk_partition **list, size_t *n, struct err *err)
{
	_cleanup_(probe_freep) blkid_probe pr = NULL;
	blkid_partlist table;
	int count;

	pr = probe_new(fd, 0, 0, err);
	if (!pr)
		return -1;
	errno = 0;
	table = blkid_probe_get_partitions(pr);
	if (!table && errno == EIO)
		return err_errno(err, ERR_IO, errno, "cannot read the partition table");
	count = table ? blkid_partlist_numof_partitions(table) : 0;
	for (int i = 0; i < count && *n < LIMIT_SIGNATURES; i++) {
		blkid_partition par = blkid_partlist_get_partition(table, i);

		if (!blkid_partition_is_extended(par))
			take_partition(par, ARRAY_APPEND(*list, *n));
	}
	return 0;
}

int btrfs_super_read(int fd, struct btrfs_super *ret, struct err *err)
{
	uint8_t sb[SB_SIZE];

	if (read_at(fd, 64 * KIB, sb, SB_SIZE, err) < 0)
		return -1;
	if (memcmp(sb + SB_MAGIC, SB_MAGIC_TEXT, strlen(SB_MAGIC_TEXT)) != 0)
		return err_set(err, ERR_IO, "no btrfs superblock at 64 KiB");
	ret->devices = le64_at(sb + SB_DEVICES);
	ret->devid = le64_at(sb + SB_DEVID);
	return 0;
}
