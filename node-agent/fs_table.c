/* SPDX-License-Identifier: Apache-2.0 */
#include "fs_table.h"

#include "btrfs.h"
#include "buf.h"
#include "member.h"

#include <ctype.h>
#include <string.h>

#define ESP_PATH "/boot/efi"

static void add(struct fs_table *t, struct fs_mount m)
{
	*ARRAY_APPEND(t->m, t->n) = m;
}

static void add_pool(struct fs_table *t, const struct plan *plan, const struct plan_pool *pool)
{
	const struct pool_spec *spec = &pool->spec;
	bool needed = streq(spec->name, POOL_SYSTEM);
	char uuid[UUID_TEXT_SIZE];

	pool_fs_uuid(plan, pool, uuid);
	if (spec->mount)
		add(t, (struct fs_mount){xstrdup(uuid), xstrdup(spec->mount), "btrfs",
					 btrfs_mount_options(spec, NULL), needed, pool, NULL});
	for (size_t i = 0; i < spec->n_subvolumes; i++) {
		const struct subvolume *v = &spec->subvolumes[i];

		if (v->mount)
			add(t, (struct fs_mount){xstrdup(uuid), xstrdup(v->mount), "btrfs",
						 btrfs_mount_options(spec, v->name), needed, pool,
						 NULL});
	}
}

static void add_esp(struct fs_table *t, const struct plan *plan)
{
	struct sha256 id = plan_id(plan);

	for (size_t i = 0; i < plan->n_disks; i++) {
		const struct plan_disk *d = &plan->disks[i];
		_cleanup_(freep) char *key = NULL;
		char uuid[UUID_TEXT_SIZE];

		if (d->action != ACTION_ERASE || !streq_null(d->pool, POOL_SYSTEM))
			continue;
		key = xasprintf("esp-fs/%s", d->id);
		plan_uuid(&id, key, uuid);
		for (char *c = uuid; *c; c++)
			*c = (char)toupper((unsigned char)*c);
		add(t, (struct fs_mount){xasprintf("%.4s-%.4s", uuid, uuid + 4), xstrdup(ESP_PATH),
					 "vfat", xstrdup("umask=0077"), false, NULL, d});
		return;
	}
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct fs_mount *)a)->path, ((const struct fs_mount *)b)->path);
}

int fs_table_build(const struct plan *plan, struct fs_table *ret, struct err *err)
{
	_cleanup_(fs_table_release) struct fs_table t = {0};

	for (size_t i = 0; i < plan->n_pools; i++)
		add_pool(&t, plan, &plan->pools[i]);
	add_esp(&t, plan);
	/* a path comes after every path that it begins with */
	if (t.n > 0)
		qsort(t.m, t.n, sizeof(*t.m), by_path);
	if (t.n == 0 || !streq(t.m[0].path, "/"))
		return err_set(err, ERR_CONFIG,
			       "no subvolume of pool %s is mounted at /; give one `mount: /` in "
			       "the node's file",
			       POOL_SYSTEM);
	for (size_t i = 1; i < t.n; i++)
		if (streq(t.m[i - 1].path, t.m[i].path))
			return err_set(err, ERR_CONFIG,
				       "two file systems are to be mounted at %s; change one of "
				       "them in the node's file",
				       t.m[i].path);
	*ret = t;
	t = (struct fs_table){0};
	return 0;
}

void fs_table_release(struct fs_table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		free(t->m[i].uuid);
		free(t->m[i].path);
		free(t->m[i].options);
	}
	free(t->m);
	*t = (struct fs_table){0};
}

/* fstab(5): blanks in a field are written in octal. */
static void add_field(struct buf *b, const char *text)
{
	for (const char *c = text; *c; c++) {
		if (*c == ' ' || *c == '\t' || *c == '\n' || *c == '\\')
			buf_addf(b, "\\%03o", (unsigned char)*c);
		else
			buf_addc(b, *c);
	}
	buf_addc(b, ' ');
}

/* A shelf of disks that start one by one outlasts systemd's 90 s (systemd.mount(5)). After those
 * the machine would stand in an emergency mode to which nobody has the password, or run without a
 * pool; with nofail nothing waits for it. */
#define PATIENCE "x-systemd.device-timeout=10min"

char *fs_table_format(const struct fs_table *t)
{
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	buf_adds(&b, "# file system, mount point, type, options, dump, pass\n");
	for (size_t i = 0; i < t->n; i++) {
		const struct fs_mount *m = &t->m[i];
		_cleanup_(freep) char *options =
			xasprintf("%s," PATIENCE "%s", m->options, m->needed ? "" : ",nofail");

		buf_addf(&b, "UUID=%s ", m->uuid);
		add_field(&b, m->path);
		buf_addf(&b, "%s ", m->type);
		add_field(&b, options);
		buf_adds(&b, "0 0\n");
	}
	return buf_take(&b);
}
