/* SPDX-License-Identifier: Apache-2.0 */
#include "layout.h"

#include "limits.h"
#include "parse.h"

#include <string.h>
#include <strings.h>

#define MIB (1024ULL * 1024)

/* UEFI specification section 5.3.3, and GRUB's and systemd's types */
#define TYPE_BIOS  "21686148-6449-6e6f-744e-656564454649"
#define TYPE_ESP   "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
#define TYPE_LINUX "0fc63daf-8483-4772-8e79-3d69d8477de4"

/* In front of the first partition, as every tool leaves it free */
#define FIRST (1 * MIB)
/* The backup table: 33 sectors, at most 6 of 4096 bytes; and room to align */
#define BACKUP    (64ULL * 1024)
#define BIOS_SIZE (1 * MIB)
/* Several kernels and unified images; the least that FAT32 allows on 4096-byte sectors is 260 */
#define ESP_SIZE (512 * MIB)

static void add(struct layout *l, const struct sha256 *id, const char *what, const char *disk,
		const char *type, const char *name, uint64_t start, uint64_t size)
{
	_cleanup_(freep) char *key = xasprintf("%s/%s", what, disk);
	struct layout_partition *p = &l->p[l->n++];

	p->number = (unsigned int)l->n;
	p->start = start;
	p->size = size;
	p->type = type;
	p->name = name;
	plan_uuid(id, key, p->uuid);
}

unsigned int layout_member_number(const char *pool)
{
	return streq(pool, POOL_SYSTEM) ? LAYOUT_SYSTEM : LAYOUT_DATA;
}

int layout_build(const struct sha256 *plan_id, const char *pool, const char *id, uint64_t size,
		 struct layout *ret, struct err *err)
{
	bool system = streq(pool, POOL_SYSTEM);
	uint64_t at = FIRST, before = system ? BIOS_SIZE + ESP_SIZE : 0;
	uint64_t end = size > BACKUP ? (size - BACKUP) / MIB * MIB : 0;
	_cleanup_(freep) char *key = xasprintf("disk/%s", id);
	struct layout l = {0};

	if (end < FIRST + before + LIMIT_POOL_MEMBER) {
		_cleanup_(freep) char *has = format_size(size);
		_cleanup_(freep) char *wants =
			format_size(FIRST + before + LIMIT_POOL_MEMBER + MIB);

		return err_set(err, ERR_REFUSED,
			       "disk %s: has %s, pool %s wants at least %s; name a larger disk in "
			       "the node's file",
			       id, has, pool, wants);
	}
	plan_uuid(plan_id, key, l.disk_uuid);
	if (system) {
		add(&l, plan_id, "bios", id, TYPE_BIOS, "BIOS", at, BIOS_SIZE);
		at += BIOS_SIZE;
		add(&l, plan_id, "esp", id, TYPE_ESP, "ESP", at, ESP_SIZE);
		at += ESP_SIZE;
	}
	add(&l, plan_id, "member", id, TYPE_LINUX, POOL_SYSTEM, at, end - at);
	if (!system) {
		/* a GPT name has 36 characters */
		l.p[0].name_owned = xasprintf("pool-%.31s", pool);
		l.p[0].name = l.p[0].name_owned;
	}
	*ret = l;
	return 0;
}

void layout_release(struct layout *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->p[i].name_owned);
	*l = (struct layout){0};
}

static bool same_guid(const char *a, const char *b)
{
	return a && b && strcasecmp(a, b) == 0;
}

bool layout_is_on(const struct layout *l, const struct disk *d)
{
	bool labelled = false;

	for (size_t i = 0; i < d->n_signatures; i++)
		if (streq(d->signatures[i].type, "gpt") &&
		    same_guid(d->signatures[i].uuid, l->disk_uuid))
			labelled = true;
	if (!labelled || d->n_partitions != l->n)
		return false;
	for (size_t i = 0; i < l->n; i++) {
		const struct layout_partition *want = &l->p[i];
		const struct disk_partition *have = &d->partitions[i];

		if (have->number != want->number || have->start != want->start ||
		    have->size != want->size || !same_guid(have->uuid, want->uuid) ||
		    !same_guid(have->type, want->type))
			return false;
	}
	return true;
}
