/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_disks.h"

#include "ign_filesystem.h"
#include "ign_lock.h"
#include "ign_luks.h"
#include "ign_raid.h"
#include "runcmd.h"

#include <unistd.h>

/* udev's own limit for one event is three minutes; what it has of ours takes it less than one. */
#define UDEV_SECONDS "60"

/* What a config comes to on this machine. */
struct stage {
	struct ign_locks locks;
	struct ign_scene scene;
	struct ign_raid *raids;
	size_t n_raids;
	struct ign_luks *volumes;
	size_t n_volumes;
	struct ign_filesystem *filesystems;
	size_t n_filesystems;
};

static void stage_release(struct stage *s)
{
	for (size_t i = 0; i < s->n_raids; i++)
		ign_raid_release(&s->raids[i]);
	for (size_t i = 0; i < s->n_volumes; i++)
		ign_luks_release(&s->volumes[i]);
	for (size_t i = 0; i < s->n_filesystems; i++)
		ign_filesystem_release(&s->filesystems[i]);
	free(s->raids);
	free(s->volumes);
	free(s->filesystems);
	ign_scene_release(&s->scene);
	ign_locks_release(&s->locks);
}

static int plan_disks(struct ign_scene *s, struct err *err)
{
	const json_t *j;
	size_t i;

	json_array_foreach (json_object_get(s->storage, "disks"), i, j) {
		struct ign_disk d;

		if (ign_disk_plan(j, i, &d, err) < 0)
			return -1;
		for (size_t k = 0; k < s->n_disks; k++)
			if (streq(s->disks[k].node, d.node)) {
				err_set(err, ERR_REFUSED, "%s.device: is the same disk as %s",
					d.path, s->disks[k].path);
				ign_disk_release(&d);
				return -1;
			}
		*ARRAY_APPEND(s->disks, s->n_disks) = d;
	}
	return 0;
}

/* Of every entry of the section. */
static int check_options(const json_t *storage, const char *section, const char *key,
			 struct err *err)
{
	const json_t *j;
	size_t i;

	json_array_foreach (json_object_get(storage, section), i, j) {
		_cleanup_(freep) char *path = xasprintf("$.storage.%s[%zu].%s", section, i, key);

		if (ign_command_check_options(json_object_get(j, key), path, err) < 0)
			return -1;
	}
	return 0;
}

static int check_all_options(const json_t *storage, struct err *err)
{
	if (check_options(storage, "raid", "options", err) < 0 ||
	    check_options(storage, "luks", "options", err) < 0 ||
	    check_options(storage, "luks", "openOptions", err) < 0)
		return -1;
	return check_options(storage, "filesystems", "options", err);
}

static int plan_rest(struct stage *s, struct ign_fetch *f, struct err *err)
{
	const json_t *storage = s->scene.storage, *j;
	size_t i;

	json_array_foreach (json_object_get(storage, "raid"), i, j) {
		struct ign_raid r;

		if (ign_raid_plan(&s->scene, j, i, &r, err) < 0)
			return -1;
		*ARRAY_APPEND(s->raids, s->n_raids) = r;
	}
	json_array_foreach (json_object_get(storage, "luks"), i, j) {
		struct ign_luks l;

		if (ign_luks_plan(&s->scene, j, i, f, &l, err) < 0)
			return -1;
		*ARRAY_APPEND(s->volumes, s->n_volumes) = l;
	}
	json_array_foreach (json_object_get(storage, "filesystems"), i, j) {
		struct ign_filesystem fs;

		if (ign_filesystem_plan(&s->scene, j, i, &fs, err) < 0)
			return -1;
		*ARRAY_APPEND(s->filesystems, s->n_filesystems) = fs;
	}
	return 0;
}

/* Once more at what programs will be run on. */
static int look_at_places(const struct stage *s, struct err *err)
{
	for (size_t i = 0; i < s->n_raids; i++)
		for (size_t k = 0; k < s->raids[i].n; k++)
			if (ign_location_writable(&s->raids[i].members[k], err) < 0)
				return err_wrap(err, "%s.devices[%zu]", s->raids[i].path, k);
	for (size_t i = 0; i < s->n_volumes; i++)
		if (ign_location_writable(&s->volumes[i].place, err) < 0)
			return err_wrap(err, "%s", s->volumes[i].path);
	for (size_t i = 0; i < s->n_filesystems; i++)
		if (ign_filesystem_look_again(&s->filesystems[i], err) < 0)
			return -1;
	return 0;
}

/* Once more at all: keys were fetched since, servers asked, programs tried. */
static int look_again(const struct stage *s, struct err *err)
{
	for (size_t i = 0; i < s->scene.n_disks; i++)
		if (ign_disk_look_again(&s->scene.disks[i], err) < 0)
			return -1;
	return look_at_places(s, err);
}

/* Before the partitions are there, and with them what udev makes of their contents. */
static int stage_clear(const struct stage *s, struct err *err)
{
	for (size_t i = 0; i < s->n_raids; i++)
		if (ign_raid_clear(&s->raids[i], err) < 0)
			return -1;
	for (size_t i = 0; i < s->n_volumes; i++)
		if (ign_luks_clear(&s->volumes[i], err) < 0)
			return -1;
	for (size_t i = 0; i < s->n_filesystems; i++)
		if (ign_filesystem_clear(&s->filesystems[i], err) < 0)
			return -1;
	return 0;
}

static int write_tables(const struct stage *s, struct err *err)
{
	if (stage_clear(s, err) < 0)
		return -1;
	for (size_t i = 0; i < s->scene.n_disks; i++)
		if (ign_disk_write(&s->scene.disks[i], err) < 0)
			return -1;
	return 0;
}

/* Some programs lock the disk themselves (newer mkfs.btrfs), and would wait for us for
 * ever. And udev, which waits for the lock as well, has partitions to forget: later it would take
 * the new ones of the same names for those, and their arrays apart. */
static int unlock(struct stage *s, struct err *err)
{
	static const char *const settle[] = {"udevadm", "settle", "--timeout=" UDEV_SECONDS, NULL};

	ign_locks_release(&s->locks);
	if (access("/run/udev/control", F_OK) == 0 && runcmd_argv(settle, err) < 0)
		return err_wrap(err, "waiting for udev to read the new tables");
	return look_at_places(s, err);
}

static int make_all(const struct stage *s, struct err *err)
{
	for (size_t i = 0; i < s->n_raids; i++)
		if (ign_raid_run(&s->raids[i], err) < 0)
			return -1;
	for (size_t i = 0; i < s->n_volumes; i++)
		if (ign_luks_run(&s->volumes[i], err) < 0)
			return -1;
	for (size_t i = 0; i < s->n_filesystems; i++)
		if (ign_filesystem_run(&s->filesystems[i], err) < 0)
			return -1;
	return 0;
}

int ign_stage_disks(const json_t *config, struct ign_fetch *f, struct err *err)
{
	_cleanup_(stage_release) struct stage s = {.scene.storage =
							   json_object_get(config, "storage")};

	if (check_all_options(s.scene.storage, err) < 0 ||
	    ign_lock_storage(&s.locks, s.scene.storage, err) < 0 || plan_disks(&s.scene, err) < 0 ||
	    plan_rest(&s, f, err) < 0 || look_again(&s, err) < 0 || write_tables(&s, err) < 0 ||
	    unlock(&s, err) < 0)
		return -1;
	return make_all(&s, err);
}
