/* SPDX-License-Identifier: Apache-2.0 */
#include "member.h"

#include "disks.h"
#include "layout.h"
#include "signature.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>

/* Of the magic of the first superblock; members are told by that one only. */
#define FIRST_MAGIC (64 * 1024 + 0x40)

const char *pool_fs_uuid(const struct plan *plan, const struct plan_pool *pool,
			 char text[UUID_TEXT_SIZE])
{
	struct sha256 id;
	_cleanup_(freep) char *key = NULL;

	if (pool->adopt && pool->fs_uuid) {
		_cleanup_(freep) char *copy = xstrndup(pool->fs_uuid, UUID_TEXT_SIZE - 1);

		memcpy(text, copy, strlen(copy) + 1);
		return text;
	}
	id = plan_id(plan);
	key = xasprintf("pool/%s", pool->spec.name);
	return plan_uuid(&id, key, text);
}

static bool is_member(const struct disk_signature *s, size_t n, const char *uuid)
{
	for (size_t i = 0; i < n; i++)
		if (streq(s[i].type, "btrfs") && s[i].offset == FIRST_MAGIC && s[i].uuid &&
		    strcasecmp(s[i].uuid, uuid) == 0)
			return true;
	return false;
}

static void find_by_uuid(const struct disk_list *disks, const char *uuid, struct strv *paths)
{
	for (size_t i = 0; i < disks->n; i++) {
		const struct disk *d = &disks->d[i];

		if (is_member(d->signatures, d->n_signatures, uuid))
			strv_take(paths, disk_path(d));
		for (size_t k = 0; k < d->n_partitions; k++)
			if (is_member(d->partitions[k].signatures, d->partitions[k].n_signatures,
				      uuid))
				strv_take(paths, disk_partition_path(d, d->partitions[k].number));
	}
}

static int find_adopted(const struct plan *plan, const struct plan_pool *pool,
			const struct disk_list *disks, bool degraded, struct strv *paths,
			struct err *err)
{
	char uuid[UUID_TEXT_SIZE];
	_cleanup_(closep) int fd = -1;
	uint64_t count;
	size_t before = paths->n, found;

	find_by_uuid(disks, pool_fs_uuid(plan, pool, uuid), paths);
	found = paths->n - before;
	if (found == 0)
		return err_set(err, ERR_REFUSED,
			       "pool %s: none of its disks is in this machine (btrfs %s); connect "
			       "them, or take the pool out of the node's record",
			       pool->spec.name, uuid);
	fd = open(paths->v[before], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "pool %s: cannot open %s", pool->spec.name,
				 paths->v[before]);
	if (btrfs_read_device_count(fd, 0, &count, err) < 0)
		return err_wrap(err, "pool %s: %s", pool->spec.name, paths->v[before]);
	if (found < count && !degraded)
		return err_set(err, ERR_REFUSED,
			       "pool %s: %llu of its %llu disks are missing (btrfs %s); connect "
			       "them, or take the pool out of the node's record",
			       pool->spec.name, (unsigned long long)(count - found),
			       (unsigned long long)count, uuid);
	return 0;
}

static int find_own(const struct plan *plan, const struct plan_pool *pool,
		    const struct disk_list *disks, struct strv *paths, struct err *err)
{
	for (size_t i = 0; i < plan->n_disks; i++) {
		const struct plan_disk *pd = &plan->disks[i];
		const struct disk *d;

		if (pd->action != ACTION_ERASE || !streq_null(pd->pool, pool->spec.name))
			continue;
		if (disks_find(disks, pd->id, &d, err) < 0)
			return err_wrap(err, "pool %s", pool->spec.name);
		strv_take(paths, disk_partition_path(d, layout_member_number(pool->spec.name)));
	}
	if (paths->n == 0)
		return err_set(err, ERR_PROTOCOL, "pool %s: the plan gives it no disk",
			       pool->spec.name);
	return 0;
}

int members_find(const struct plan *plan, const struct plan_pool *pool,
		 const struct disk_list *disks, bool degraded, struct strv *paths, struct err *err)
{
	if (pool->adopt)
		return find_adopted(plan, pool, disks, degraded, paths, err);
	return find_own(plan, pool, disks, paths, err);
}
