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
	struct sha256 id = plan_id(plan);

	return plan_pool_uuid(&id, pool, text);
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

static int read_super(const struct plan_pool *pool, const char *path, struct btrfs_super *ret,
		      struct err *err)
{
	_cleanup_(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(err, ERR_IO, errno, "pool %s: cannot open %s", pool->spec.name,
				 path);
	if (btrfs_super_read(fd, ret, err) < 0)
		return err_wrap(err, "pool %s: %s", pool->spec.name, path);
	return 0;
}

/* Two of the same: a copy of a disk, or one disk over two cables. The kernel would take the one or
 * the other, and write to it. */
static int check_copies(const struct plan_pool *pool, const struct strv *paths, size_t before,
			struct err *err)
{
	_cleanup_(freep) struct btrfs_super *supers = xcalloc(paths->n - before, sizeof(*supers));

	for (size_t i = before; i < paths->n; i++) {
		struct btrfs_super *own = &supers[i - before];

		if (read_super(pool, paths->v[i], own, err) < 0)
			return -1;
		for (size_t k = before; k < i; k++)
			if (supers[k - before].devid == own->devid)
				return err_set(err, ERR_REFUSED,
					       "pool %s: %s and %s are the same member of it, as "
					       "after a copy of the whole disk; disconnect one of "
					       "them",
					       pool->spec.name, paths->v[k], paths->v[i]);
	}
	return 0;
}

static int find_adopted(const struct plan *plan, const struct plan_pool *pool,
			const struct disk_list *disks, struct strv *paths, struct err *err)
{
	char uuid[UUID_TEXT_SIZE];
	size_t before = paths->n, found;
	struct btrfs_super super = {0};

	find_by_uuid(disks, pool_fs_uuid(plan, pool, uuid), paths);
	found = paths->n - before;
	if (found == 0)
		return err_set(err, ERR_REFUSED,
			       "pool %s: none of its disks is in this machine (btrfs %s); connect "
			       "them, or take the pool out of the node's file",
			       pool->spec.name, uuid);
	if (check_copies(pool, paths, before, err) < 0 ||
	    read_super(pool, paths->v[before], &super, err) < 0)
		return -1;
	if (found < super.devices)
		return err_set(err, ERR_REFUSED,
			       "pool %s: %llu of its %llu disks are missing (btrfs %s); connect "
			       "them, or take the pool out of the node's file",
			       pool->spec.name, (unsigned long long)(super.devices - found),
			       (unsigned long long)super.devices, uuid);
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
		 const struct disk_list *disks, struct strv *paths, struct err *err)
{
	if (pool->adopt)
		return find_adopted(plan, pool, disks, paths, err);
	return find_own(plan, pool, disks, paths, err);
}

static const struct disk_partition *find_partition(const struct disk *d, unsigned int number)
{
	for (size_t i = 0; i < d->n_partitions; i++)
		if (d->partitions[i].number == number)
			return &d->partitions[i];
	return NULL;
}

/* Whether nothing is on the partition but the file system of this type and UUID. */
static bool holds_only(const struct disk_partition *p, const char *type, const char *uuid)
{
	for (size_t i = 0; i < p->n_signatures; i++)
		if (!streq(p->signatures[i].type, type) || !p->signatures[i].uuid ||
		    strcasecmp(p->signatures[i].uuid, uuid) != 0)
			return false;
	return true;
}

static int refuse_content(const struct plan *plan, const struct plan_disk *pd, const struct disk *d,
			  struct err *err)
{
	_cleanup_(freep) char *holds = disk_holds(d);

	return err_set(err, ERR_REFUSED,
		       "disk %s: partition %u of this installation is somebody else's by now, the "
		       "disk holds %s; if it may be lost: provision reinstall %s --erase %s",
		       pd->id, layout_member_number(pd->pool), holds, plan->node, pd->id);
}

static int check_one(const struct plan *plan, const struct plan_pool *pool,
		     const struct plan_disk *pd, const struct disk_list *disks, bool finished,
		     struct err *err)
{
	const struct disk_partition *p;
	char uuid[UUID_TEXT_SIZE];
	const struct disk *d;

	if (disks_find(disks, pd->id, &d, err) < 0)
		return err_wrap(err, "pool %s", pool->spec.name);
	pool_fs_uuid(plan, pool, uuid);
	p = find_partition(d, layout_member_number(pool->spec.name));
	if (!p || !holds_only(p, "btrfs", uuid) ||
	    (finished && !is_member(p->signatures, p->n_signatures, uuid)))
		return refuse_content(plan, pd, d, err);
	return 0;
}

int members_check(const struct plan *plan, const struct disk_list *disks, bool finished,
		  struct err *err)
{
	for (size_t i = 0; i < plan->n_pools; i++) {
		const struct plan_pool *pool = &plan->pools[i];

		for (size_t k = 0; !pool->adopt && k < plan->n_disks; k++) {
			const struct plan_disk *pd = &plan->disks[k];

			if (pd->action == ACTION_ERASE && streq_null(pd->pool, pool->spec.name) &&
			    check_one(plan, pool, pd, disks, finished, err) < 0)
				return -1;
		}
	}
	return 0;
}
