/* SPDX-License-Identifier: Apache-2.0 */
#include "mark.h"

#include "gpt.h"
#include "signature.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* A mark is a GPT header (UEFI specification table 5.5) with a checksum of zero, so that nobody
 * takes it for one; behind the header's fields come the items. */
enum { HEADER_CHECKSUM = 16, HEADER_SIZE = 92, ITEM_SIZE = 16, SECTOR_MIN = 512 };
/* Behind the first copy of a table, whatever the sector size, up to the end of what is cleared */
enum { CLEAR_START = 64 * 1024, CLEAR_END = 1024 * 1024 };
_Static_assert(HEADER_SIZE + MARK_ITEMS_MAX * ITEM_SIZE <= SECTOR_MIN, "the items fit");

/* One thing that a disk holds, in short. */
struct item {
	uint8_t bytes[ITEM_SIZE];
};

struct items {
	struct item *v;
	size_t n;
};

static void items_release(struct items *i)
{
	free(i->v);
}

static void add_item(struct items *to, char *text)
{
	struct sha256 d = sha256_of(text, strlen(text));

	memcpy(ARRAY_APPEND(to->v, to->n)->bytes, d.b, ITEM_SIZE);
	free(text);
}

static void add_signatures(struct items *to, const struct disk_signature *s, size_t n,
			   uint64_t start)
{
	for (size_t i = 0; i < n; i++)
		if (!streq(s[i].type, SIGNATURE_UNKNOWN) && !streq(s[i].type, "PMBR"))
			add_item(to, xasprintf("%s %s %llu", s[i].type, s[i].uuid ? s[i].uuid : "",
					       (unsigned long long)start));
}

/* Wiping takes signatures away one by one, and a table as a whole. Where the range begins that has
 * a signature is noted, not where its magic is: FAT and LUKS have several, and show the next one.
 * Two are no items: unknown data, for what is left of a file system without its magic is unknown as
 * well; and the protective MBR, which is seen only after the GPT that it goes with has been wiped.
 */
static void list_items(const struct disk *d, struct items *ret)
{
	char *table = xstrdup("table");

	for (size_t i = 0; i < d->n_partitions; i++) {
		const struct disk_partition *p = &d->partitions[i];
		char *more = xasprintf("%s, %u %llu %llu %s %s", table, p->number,
				       (unsigned long long)p->start, (unsigned long long)p->size,
				       p->uuid ? p->uuid : "", p->type ? p->type : "");

		free(table);
		table = more;
		add_signatures(ret, p->signatures, p->n_signatures, p->start);
	}
	if (d->n_partitions)
		add_item(ret, table);
	else
		free(table);
	add_signatures(ret, d->signatures, d->n_signatures, 0);
}

static bool has_unknown(const struct disk *d)
{
	for (size_t i = 0; i < d->n_signatures; i++)
		if (streq(d->signatures[i].type, SIGNATURE_UNKNOWN))
			return true;
	return false;
}

static bool has_item(const uint8_t *items, const struct item *wanted)
{
	for (size_t i = 0; i < MARK_ITEMS_MAX; i++)
		if (memcmp(items + i * ITEM_SIZE, wanted->bytes, ITEM_SIZE) == 0)
			return true;
	return false;
}

/* Everything on the disk is something that the mark was written for. */
static bool holds_no_more(const struct disk *now, const uint8_t *items)
{
	static const uint8_t none[ITEM_SIZE];
	_cleanup_(items_release) struct items have = {0};

	list_items(now, &have);
	for (size_t i = 0; i < have.n; i++)
		if (!has_item(items, &have.v[i]))
			return false;
	return memcmp(items, none, ITEM_SIZE) != 0 || !has_unknown(now);
}

static bool is_of_layout(const struct disk_partition *p, const struct layout *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (p->uuid && strcasecmp(p->uuid, l->p[i].uuid) == 0)
			return true;
	return false;
}

/* The table was being written, on a disk that was empty by then. */
static bool is_half_table(const struct disk *now, const struct layout *l)
{
	for (size_t i = 0; i < now->n_signatures; i++) {
		const struct disk_signature *s = &now->signatures[i];
		bool ours = streq(s->type, "PMBR") || streq(s->type, SIGNATURE_UNKNOWN) ||
			    (streq(s->type, "gpt") && s->uuid &&
			     strcasecmp(s->uuid, l->disk_uuid) == 0);

		if (!ours)
			return false;
	}
	for (size_t i = 0; i < now->n_partitions; i++)
		if (!is_of_layout(&now->partitions[i], l) || now->partitions[i].n_signatures)
			return false;
	return true;
}

/* Between the tables' room and the partitions there is nothing, as the erasure left it. */
static int start_is_clear(int fd, bool *ret, struct err *err)
{
	_cleanup_(freep) char *b = xmalloc(CLEAR_END - CLEAR_START);

	if (pread(fd, b, CLEAR_END - CLEAR_START, CLEAR_START) != CLEAR_END - CLEAR_START)
		return err_errno(err, ERR_IO, errno ? errno : EIO, "cannot read the disk's start");
	*ret = b[0] == '\0' && memcmp(b, b + 1, CLEAR_END - CLEAR_START - 1) == 0;
	return 0;
}

static int read_sector(int fd, uint64_t at, uint8_t b[SECTOR_MIN], struct err *err)
{
	if (pread(fd, b, SECTOR_MIN, (off_t)at) != SECTOR_MIN)
		return err_errno(err, ERR_IO, errno ? errno : EIO, "cannot read at byte %llu",
				 (unsigned long long)at);
	return 0;
}

int mark_is_on(int fd, const struct disk *now, const struct layout *l, bool *ret, struct err *err)
{
	static const uint8_t none[4];
	uint8_t first[SECTOR_MIN], last[SECTOR_MIN];

	if (read_sector(fd, now->sector, first, err) < 0 ||
	    read_sector(fd, now->size - now->sector, last, err) < 0)
		return -1;
	*ret = false;
	if (gpt_header_names(last, l->disk_uuid) &&
	    memcmp(last + HEADER_CHECKSUM, none, sizeof(none)) == 0)
		*ret = holds_no_more(now, last + HEADER_SIZE);
	else if ((gpt_header_names(last, l->disk_uuid) || gpt_header_names(first, l->disk_uuid)) &&
		 is_half_table(now, l))
		return start_is_clear(fd, ret, err);
	return 0;
}

int mark_write(int fd, const struct disk *now, const struct layout *l, struct err *err)
{
	_cleanup_(items_release) struct items items = {0};
	_cleanup_(freep) uint8_t *b = xcalloc(1, now->sector);

	list_items(now, &items);
	/* a protective MBR alone, or data without a name: the mark is not that of a blank disk */
	if (!items.n && !disk_is_blank(now))
		add_item(&items, xstrdup(SIGNATURE_UNKNOWN));
	gpt_header_start(b, l->disk_uuid);
	for (size_t i = 0; i < items.n && i < MARK_ITEMS_MAX; i++)
		memcpy(b + HEADER_SIZE + i * ITEM_SIZE, items.v[i].bytes, ITEM_SIZE);
	if (pwrite(fd, b, now->sector, (off_t)(now->size - now->sector)) != (ssize_t)now->sector)
		return err_errno(err, ERR_IO, errno ? errno : EIO, "cannot mark the disk");
	if (fsync(fd) < 0)
		return err_errno(err, ERR_IO, errno, "cannot sync");
	return 0;
}
