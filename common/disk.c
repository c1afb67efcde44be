/* SPDX-License-Identifier: Apache-2.0 */
/* struct disk: what a machine has. */
#include "disk.h"

#include "buf.h"
#include "limits.h"
#include "parse.h"
#include "sha256.h"

#include <string.h>

/* Things named of one disk; more is noise. */
#define HOLDS_SHOWN 6

const char *disk_id(const struct disk *d)
{
	return d->serial ? d->serial : d->wwn;
}

bool disk_is_blank(const struct disk *d)
{
	return !d->unreadable && !d->n_signatures && !d->n_partitions;
}

bool signature_is_btrfs(const struct disk_signature *s, const char *uuid)
{
	return streq(s->type, "btrfs") && streq_null(s->uuid, uuid);
}

static bool has_btrfs(const struct disk_signature *s, size_t n, const char *uuid)
{
	for (size_t i = 0; i < n; i++)
		if (signature_is_btrfs(&s[i], uuid))
			return true;
	return false;
}

bool disk_has_btrfs(const struct disk *d, const char *uuid)
{
	if (has_btrfs(d->signatures, d->n_signatures, uuid))
		return true;
	for (size_t i = 0; i < d->n_partitions; i++)
		if (has_btrfs(d->partitions[i].signatures, d->partitions[i].n_signatures, uuid))
			return true;
	return false;
}

static void add_printable(struct buf *b, const char *s)
{
	_cleanup_(freep) char *shown = printable(s, strlen(s));

	buf_adds(b, shown);
}

/* Adds `btrfs "tank"` unless the list has the same words already. */
static void add_signature(struct strv *list, const struct disk_signature *s)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	add_printable(&b, s->type);
	if (s->label) {
		buf_adds(&b, " \"");
		add_printable(&b, s->label);
		buf_addc(&b, '"');
	}
	if (b.data && strv_has(list, b.data))
		buf_release(&b);
	else
		strv_take(list, buf_take(&b));
}

char *disk_holds(const struct disk *d)
{
	_cleanup_(strv_release) struct strv list = {0};
	size_t bare = 0;
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	if (d->unreadable) {
		buf_adds(&b, "something that cannot be read: ");
		add_printable(&b, d->unreadable);
		return buf_take(&b);
	}
	for (size_t i = 0; i < d->n_partitions; i++) {
		const struct disk_partition *p = &d->partitions[i];

		for (size_t k = 0; k < p->n_signatures; k++)
			add_signature(&list, &p->signatures[k]);
		bare += !p->n_signatures;
	}
	for (size_t i = 0; i < d->n_signatures; i++)
		add_signature(&list, &d->signatures[i]);
	if (bare)
		strv_take(&list, xasprintf("%zu partition%s of unknown content", bare,
					   bare == 1 ? "" : "s"));
	if (!list.n)
		return xstrdup("nothing");
	for (size_t i = 0; i < list.n && i < HOLDS_SHOWN; i++)
		buf_addf(&b, "%s%s", i ? ", " : "", list.v[i]);
	if (list.n > HOLDS_SHOWN)
		buf_addf(&b, " and %zu more", list.n - HOLDS_SHOWN);
	return buf_take(&b);
}

char *disk_describe(const struct disk *d)
{
	_cleanup_(freep) char *size = format_size(d->size);
	_cleanup_(freep) char *holds = disk_holds(d);
	const char *id = disk_id(d);
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	if (id)
		add_printable(&b, id);
	else
		buf_adds(&b, "(no serial)");
	if (d->model) {
		buf_addc(&b, ' ');
		add_printable(&b, d->model);
	}
	buf_addf(&b, ", %s, %s", size, transport_name(d->transport));
	if (d->rotational)
		buf_adds(&b, ", rotational");
	if (d->removable)
		buf_adds(&b, ", removable");
	if (d->read_only)
		buf_adds(&b, ", read-only");
	buf_addf(&b, ", holds %s", holds);
	return buf_take(&b);
}

static void signatures_release(struct disk_signature *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(s[i].type);
		free(s[i].uuid);
		free(s[i].label);
	}
	free(s);
}

void disk_release(struct disk *d)
{
	for (size_t i = 0; i < d->n_partitions; i++) {
		struct disk_partition *p = &d->partitions[i];

		free(p->uuid);
		free(p->type);
		free(p->name);
		signatures_release(p->signatures, p->n_signatures);
	}
	free(d->partitions);
	signatures_release(d->signatures, d->n_signatures);
	free(d->name);
	free(d->serial);
	free(d->wwn);
	free(d->by_id);
	free(d->model);
	free(d->unreadable);
	*d = (struct disk){0};
}

void disk_list_release(struct disk_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		disk_release(&l->d[i]);
	free(l->d);
	*l = (struct disk_list){0};
}

void disk_fingerprint(const struct disk *d, struct sha256 *ret)
{
	json_t *j = disk_to_json(d);
	_cleanup_(freep) char *text = NULL;

	/* only what it holds; how the machine names the disk may change from boot to boot */
	json_object_del(j, "name");
	json_object_del(j, "byId");
	json_object_del(j, "transport");
	json_object_del(j, "removable");
	json_object_del(j, "rotational");
	text = jsonx_canonical(j);
	json_decref(j);
	*ret = sha256_of(text, strlen(text));
}
