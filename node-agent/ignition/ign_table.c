/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_table.h"

#include <limits.h>
#include <strings.h>

/* sgdisk's numbers: 1 MiB with 512-byte sectors; the least on disks that may have 4096-byte
 * physical ones, which it takes every disk of 300 GB for. */
#define ALIGNMENT_BYTES  (1024u * 1024)
#define ALIGNMENT_LEAST  8u
#define ALIGNMENT_LARGE  585937500u
#define TABLE_SLOTS      128u
#define TABLE_SLOT_BYTES 128u

/* One wish for a partition, in sectors. */
struct want {
	const json_t *j;
	size_t index; /* in the config */
	unsigned int number;
	bool exist, wipe, resize;
	bool has_start, has_size; /* given, be it as 0 */
	uint64_t start, size;     /* 0: of the largest free block */
	const char *type, *guid, *label;
};

static void entry_release(struct ign_entry *e)
{
	free(e->type);
	free(e->guid);
	free(e->label);
}

void ign_table_init(struct ign_table *t, uint32_t sector, uint64_t sectors)
{
	uint64_t reserved = (TABLE_SLOTS * TABLE_SLOT_BYTES + sector - 1) / sector;

	/* in front: protective MBR, header, entries; at the end: entries, header */
	*t = (struct ign_table){
		.sector = sector, .sectors = sectors, .first = reserved + 2, .slots = TABLE_SLOTS};
	t->last = sectors > 2 * reserved + 4 ? sectors - reserved - 2 : 0;
}

void ign_table_release(struct ign_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		entry_release(&t->e[i]);
	free(t->e);
	*t = (struct ign_table){0};
}

const struct ign_entry *ign_table_find(const struct ign_table *t, unsigned int number)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->e[i].number == number)
			return &t->e[i];
	return NULL;
}

bool ign_table_changes(const struct ign_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->e[i].action != IGN_KEEP)
			return true;
	return false;
}

bool ign_table_equal(const struct ign_table *a, const struct ign_table *b)
{
	if (a->sector != b->sector || a->sectors != b->sectors || a->first != b->first ||
	    a->last != b->last || a->slots != b->slots || a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++) {
		const struct ign_entry *x = &a->e[i], *y = &b->e[i];

		if (x->number != y->number || x->start != y->start || x->size != y->size ||
		    !streq_null(x->type, y->type) || !streq_null(x->guid, y->guid) ||
		    !streq_null(x->label, y->label))
			return false;
	}
	return true;
}

static struct ign_entry *add_copy(struct ign_table *t, const struct ign_entry *from)
{
	struct ign_entry *e = ARRAY_APPEND(t->e, t->n);

	*e = *from;
	e->type = xstrdup(from->type);
	e->guid = xstrdup(from->guid);
	e->label = xstrdup(from->label);
	return e;
}

/* ---- free space ---- */

/* The alignment that the partitions which are there keep, at most the usual one. */
static uint64_t alignment_of(const struct ign_table *t)
{
	uint64_t align = ALIGNMENT_BYTES / t->sector;

	for (size_t i = 0; i < t->n; i++)
		while (align > 1 && t->e[i].start % align != 0)
			align /= 2;
	return align < ALIGNMENT_LEAST && t->sectors >= ALIGNMENT_LARGE ? ALIGNMENT_LEAST : align;
}

/* Whether every sector of from..to is usable and free. */
static bool is_free(const struct ign_table *t, uint64_t from, uint64_t to)
{
	if (from < t->first || to > t->last)
		return false;
	for (size_t i = 0; i < t->n; i++)
		if (from < t->e[i].start + t->e[i].size && to >= t->e[i].start)
			return false;
	return true;
}

/* The last sector before the next partition behind `start`. */
static uint64_t free_end(const struct ign_table *t, uint64_t start)
{
	uint64_t end = t->last;

	for (size_t i = 0; i < t->n; i++)
		if (t->e[i].start > start && t->e[i].start <= end)
			end = t->e[i].start - 1;
	return end;
}

/* The first free sector from `start` on; 0 when there is none. */
static uint64_t free_start(const struct ign_table *t, uint64_t start)
{
	uint64_t at = start < t->first ? t->first : start;
	bool moved = true;

	while (moved) {
		moved = false;
		for (size_t i = 0; i < t->n; i++)
			if (at >= t->e[i].start && at < t->e[i].start + t->e[i].size) {
				at = t->e[i].start + t->e[i].size;
				moved = true;
			}
	}
	return at > t->last ? 0 : at;
}

static uint64_t largest_start(const struct ign_table *t)
{
	uint64_t best = 0, best_size = 0, at = free_start(t, 0);

	while (at != 0) {
		uint64_t end = free_end(t, at);

		if (end - at + 1 > best_size) {
			best_size = end - at + 1;
			best = at;
		}
		at = free_start(t, end + 1);
	}
	return best;
}

/* Down to the alignment when what lies between is free, else up, else as it is. */
static uint64_t aligned(const struct ign_table *t, uint64_t at, uint64_t align)
{
	uint64_t down = at / align * align;

	if (down == at)
		return at;
	if (is_free(t, down, at - 1))
		return down;
	return is_free(t, at + 1, down + align) ? down + align : at;
}

static unsigned int free_number(const struct ign_table *t)
{
	for (unsigned int n = 1; n <= t->slots; n++)
		if (!ign_table_find(t, n))
			return n;
	return 0;
}

/* Where the partition comes to lie; start, size, number 0 are for this to choose. */
static int place(const struct ign_table *t, uint64_t align, const char *path, size_t index,
		 struct ign_entry *e, struct err *err)
{
	uint64_t low = aligned(t, largest_start(t), align);
	uint64_t high = free_end(t, low);
	uint64_t start = e->start ? e->start : low;
	uint64_t end = e->size ? start + (e->size - 1) : high;

	if (e->number == 0)
		e->number = free_number(t);
	if (e->number == 0 || e->number > t->slots)
		return err_set(err, ERR_REFUSED,
			       "%s.partitions[%zu]: the table has no entry for it; it holds %u",
			       path, index, t->slots);
	start = aligned(t, start, align);
	if (end < start || !is_free(t, start, end))
		return err_set(err, ERR_REFUSED,
			       "%s.partitions[%zu]: no room for sectors %llu to %llu of %u bytes: "
			       "the largest free block is %llu to %llu; make it smaller, or let "
			       "another partition go",
			       path, index, (unsigned long long)start, (unsigned long long)end,
			       t->sector, (unsigned long long)low, (unsigned long long)high);
	e->start = start;
	e->size = end - start + 1;
	return 0;
}

/* ---- the wish ---- */

/* What no disk has stays more than any disk has. */
static uint64_t sectors_of(const json_t *mib, uint32_t sector)
{
	uint64_t n = (uint64_t)json_integer_value(mib), each = ALIGNMENT_BYTES / sector;

	return n > UINT64_MAX / 4 / each ? UINT64_MAX / 4 : n * each;
}

static unsigned int number_of(const json_t *number)
{
	json_int_t n = json_integer_value(number);

	return n < 0 || n > UINT_MAX ? UINT_MAX : (unsigned int)n;
}

static const char *given(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s && *s ? s : NULL;
}

static struct want want_read(const json_t *j, size_t index, uint32_t sector)
{
	const json_t *start = json_object_get(j, "startMiB"), *size = json_object_get(j, "sizeMiB");

	return (struct want){
		.j = j,
		.index = index,
		.number = number_of(json_object_get(j, "number")),
		.exist = !json_is_false(json_object_get(j, "shouldExist")),
		.wipe = json_is_true(json_object_get(j, "wipePartitionEntry")),
		.resize = json_is_true(json_object_get(j, "resize")),
		.has_start = json_is_integer(start),
		.has_size = json_is_integer(size),
		.start = sectors_of(start, sector),
		.size = sectors_of(size, sector),
		.type = given(j, "typeGuid"),
		.guid = given(j, "guid"),
		/* an empty label is a label */
		.label = json_string_value(json_object_get(j, "label")),
	};
}

struct want_list {
	struct want *w;
	size_t n;
};

static void wants_release(struct want_list *l)
{
	free(l->w);
}

/* In the order in which they are made: those that take any number come last. */
static struct want_list wants_read(const json_t *disk, uint32_t sector)
{
	struct want_list l = {0};
	const json_t *parts = json_object_get(disk, "partitions"), *j;
	size_t i;

	for (int any = 0; any < 2; any++)
		json_array_foreach (parts, i, j) {
			struct want w = want_read(j, i, sector);

			if ((w.number == 0) == (any == 1))
				*ARRAY_APPEND(l.w, l.n) = w;
		}
	return l;
}

/* NULL, or the attribute that differs; the size is asked for on its own. */
static const char *mismatch(const struct want *w, const struct ign_entry *e)
{
	if (w->has_start && w->start != e->start)
		return "startMiB";
	if (w->guid && (!e->guid || strcasecmp(w->guid, e->guid) != 0))
		return "guid";
	if (w->type && (!e->type || strcasecmp(w->type, e->type) != 0))
		return "typeGuid";
	if (w->label && !streq(w->label, e->label ? e->label : ""))
		return "label";
	return NULL;
}

/* What start and size 0 stand for: where the partitions would lie if all that are named went and
 * those that shall exist were made again. */
static int resolve(const struct ign_table *now, uint64_t align, struct want_list *wants,
		   const char *path, struct err *err)
{
	_cleanup_(ign_table_release) struct ign_table t = *now;

	t.e = NULL;
	t.n = 0;
	for (size_t i = 0; i < now->n; i++) {
		bool named = false;

		for (size_t k = 0; k < wants->n; k++)
			named = named || wants->w[k].number == now->e[i].number;
		if (!named)
			add_copy(&t, &now->e[i]);
	}
	for (size_t k = 0; k < wants->n; k++) {
		struct want *w = &wants->w[k];
		const struct ign_entry *is = ign_table_find(now, w->number);
		struct ign_entry e = {.number = w->number, .start = w->start, .size = w->size};

		if (!w->exist)
			continue;
		if (is && !w->has_start && !w->wipe)
			e.start = is->start;
		if (is && !w->has_size && !w->wipe)
			e.size = is->size;
		if (place(&t, align, path, w->index, &e, err) < 0)
			return -1;
		add_copy(&t, &e);
		if (w->number == 0)
			continue;
		/* both, as the reference does: a start may have been moved to be aligned */
		if ((w->has_start && w->start == 0) || (w->has_size && w->size == 0)) {
			w->start = w->has_start ? e.start : 0;
			w->size = w->has_size ? e.size : 0;
		}
	}
	return 0;
}

/* The table of the operator notes. */
static int decide(const struct want *w, const struct ign_entry *is, const char *path,
		  enum ign_action *ret, struct err *err)
{
	const char *differs = is ? mismatch(w, is) : NULL;
	bool size_differs = is && w->has_size && w->size != is->size;

	if (!is) {
		*ret = w->exist ? IGN_CREATE : IGN_KEEP;
	} else if (!w->exist) {
		if (!w->wipe)
			return err_set(err, ERR_REFUSED,
				       "%s.partitions[%zu]: partition %u exists and shall not; set "
				       "wipePartitionEntry if it may go",
				       path, w->index, w->number);
		*ret = IGN_DELETE;
	} else if (!differs && !size_differs) {
		*ret = IGN_KEEP;
	} else if (w->wipe) {
		*ret = IGN_REPLACE;
	} else if (!differs && w->resize) {
		*ret = IGN_RESIZE;
	} else {
		return err_set(err, ERR_REFUSED,
			       "%s.partitions[%zu].%s: does not match partition %u as it is; name "
			       "what is there, or set wipePartitionEntry if it may go%s",
			       path, w->index, differs ? differs : "sizeMiB", w->number,
			       differs ? "" : ", or resize if it may change its size");
	}
	return 0;
}

/* The entry that the wish comes to, before it has its place. */
static struct ign_entry entry_of(const struct want *w, const struct ign_entry *is,
				 enum ign_action action)
{
	struct ign_entry e = {.number = w->number, .start = w->start, .size = w->size};

	e.action = action;
	if (action == IGN_RESIZE && is) {
		e.start = is->start;
		e.type = is->type;
		e.guid = is->guid;
		e.label = is->label;
	} else {
		e.type = (char *)w->type;
		e.guid = (char *)w->guid;
		e.label = (char *)w->label;
	}
	return e;
}

struct decided {
	enum ign_action *a; /* per wish */
};

static void decided_release(struct decided *d)
{
	free(d->a);
}

static int decide_all(const struct ign_table *now, const struct want_list *wants, const char *path,
		      struct decided *ret, struct err *err)
{
	ret->a = xcalloc(wants->n ? wants->n : 1, sizeof(*ret->a));
	for (size_t k = 0; k < wants->n; k++)
		if (decide(&wants->w[k], ign_table_find(now, wants->w[k].number), path, &ret->a[k],
			   err) < 0)
			return -1;
	return 0;
}

int ign_table_plan(const struct ign_table *now, const json_t *disk, const char *path,
		   struct ign_table *ret, struct err *err)
{
	_cleanup_(wants_release) struct want_list wants = wants_read(disk, now->sector);
	_cleanup_(decided_release) struct decided d = {0};
	_cleanup_(ign_table_release) struct ign_table t = *now, gone = {0};
	uint64_t align = alignment_of(now);

	t.e = NULL;
	t.n = 0;
	if (resolve(now, align, &wants, path, err) < 0 ||
	    decide_all(now, &wants, path, &d, err) < 0)
		return -1;
	/* what stays is there before anything is made */
	for (size_t i = 0; i < now->n; i++) {
		enum ign_action action = IGN_KEEP;

		for (size_t k = 0; k < wants.n; k++)
			if (wants.w[k].number == now->e[i].number)
				action = d.a[k];
		if (action == IGN_KEEP)
			add_copy(&t, &now->e[i]);
		else if (action == IGN_DELETE)
			add_copy(&gone, &now->e[i])->action = IGN_DELETE;
	}
	for (size_t k = 0; k < wants.n; k++) {
		const struct ign_entry *is = ign_table_find(now, wants.w[k].number);
		struct ign_entry e;

		if (d.a[k] == IGN_KEEP || d.a[k] == IGN_DELETE)
			continue;
		e = entry_of(&wants.w[k], is, d.a[k]);
		if (place(&t, align, path, wants.w[k].index, &e, err) < 0)
			return -1;
		add_copy(&t, &e);
	}
	for (size_t i = 0; i < gone.n; i++)
		/* a number may have been taken again */
		if (!ign_table_find(&t, gone.e[i].number))
			add_copy(&t, &gone.e[i]);
	*ret = t;
	t = (struct ign_table){0};
	return 0;
}
