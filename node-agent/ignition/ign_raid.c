/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_raid.h"

#include "ign_device.h"

void ign_raid_command(const json_t *j, const struct strv *devices, struct ign_command *ret)
{
	size_t spares = (size_t)json_integer_value(json_object_get(j, "spares"));
	size_t active = devices->n > spares ? devices->n - spares : 0;
	_cleanup_(freep) char *n = xasprintf("%zu", active), *n_spares = xasprintf("%zu", spares);

	ign_command_add(ret, "mdadm", "--create", json_string_value(json_object_get(j, "name")),
			"--force", "--run", "--homehost", "any", "--level",
			json_string_value(json_object_get(j, "level")), "--raid-devices", n);
	if (spares > 0)
		ign_command_add(ret, "--spare-devices", n_spares);
	ign_command_add_list(ret, json_object_get(j, "options"));
	for (size_t i = 0; i < devices->n; i++)
		ign_command_add(ret, devices->v[i]);
}

void ign_raid_release(struct ign_raid *r)
{
	for (size_t i = 0; i < r->n; i++)
		ign_location_release(&r->members[i]);
	free(r->members);
	free(r->path);
	ign_command_release(&r->make);
	*r = (struct ign_raid){0};
}

static int check_blank(const struct ign_location *p, const char *path, struct err *err)
{
	struct disk_signature *list = NULL;
	_cleanup_(freep) char *holds = NULL;
	size_t n = 0;

	if (ign_location_signatures(p, false, &list, &n, err) < 0)
		return err_wrap(err, "%s", path);
	if (n > 0) {
		holds = ign_signatures_text(list, n);
		err_set(err, ERR_REFUSED,
			"%s: %s holds %s, and an array would write over it; if that may be lost: "
			"wipefs --all %s",
			path, p->node, holds, p->node);
	}
	ign_signatures_free(list, n);
	return holds ? -1 : 0;
}

static int add_member(struct ign_scene *s, struct ign_raid *r, const char *device, size_t index,
		      struct err *err)
{
	_cleanup_(freep) char *path = xasprintf("%s.devices[%zu]", r->path, index);
	struct ign_location *p = ARRAY_APPEND(r->members, r->n);

	if (ign_location_find(s, device, path, p, err) < 0 ||
	    ign_location_take(s, p, path, err) < 0)
		return -1;
	if (!ign_location_is_known(p))
		return err_set(err, ERR_REFUSED,
			       "%s: %s is an array or an encrypted volume itself; name disks or "
			       "partitions",
			       path, device);
	if (!ign_location_is_new(p) && check_blank(p, path, err) < 0)
		return -1;
	if (ign_location_writable(p, err) < 0)
		return err_wrap(err, "%s", path);
	return 0;
}

/* Fewer than mdadm takes of a level. */
static int check_count(const json_t *j, size_t n, const char *path, struct err *err)
{
	static const struct {
		const char *level;
		size_t least;
	} levels[] = {{"raid4", 2}, {"4", 2}, {"raid5", 2},  {"5", 2},
		      {"raid6", 4}, {"6", 4}, {"raid10", 2}, {"10", 2}};
	const char *level = json_string_value(json_object_get(j, "level"));
	json_int_t spares = json_integer_value(json_object_get(j, "spares"));

	if (spares < 0 || (size_t)spares >= n)
		return err_set(err, ERR_REFUSED, "%s.spares: leaves no device for the array itself",
			       path);
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (streq(levels[i].level, level) && n - (size_t)spares < levels[i].least)
			return err_set(
				err, ERR_REFUSED,
				"%s.devices: level %s takes %zu at least, without the spares", path,
				level, levels[i].least);
	return 0;
}

int ign_raid_clear(const struct ign_raid *r, struct err *err)
{
	for (size_t i = 0; i < r->n; i++)
		if (ign_location_clear(&r->members[i], err) < 0)
			return err_wrap(err, "%s.devices[%zu]", r->path, i);
	return 0;
}

int ign_raid_plan(struct ign_scene *s, const json_t *j, size_t index, struct ign_raid *ret,
		  struct err *err)
{
	_cleanup_(ign_raid_release) struct ign_raid r = {0};
	_cleanup_(strv_release) struct strv nodes = {0};
	_cleanup_(freep) char *array = NULL;
	const json_t *device;
	size_t i;

	r.path = xasprintf("$.storage.raid[%zu]", index);
	json_array_foreach (json_object_get(j, "devices"), i, device) {
		if (add_member(s, &r, json_string_value(device), i, err) < 0)
			return -1;
		strv_add(&nodes, r.members[i].node);
	}
	if (check_count(j, r.n, r.path, err) < 0)
		return -1;
	array = ign_location_array(json_string_value(json_object_get(j, "name")));
	if (access(array, F_OK) == 0)
		return err_set(err, ERR_REFUSED,
			       "%s.name: %s is there already; if nothing needs it: mdadm --stop %s",
			       r.path, array, array);
	ign_raid_command(j, &nodes, &r.make);
	if (ign_command_check(&r.make, r.path, err) < 0 ||
	    ign_device_driver("/proc/mdstat", "md_mod", r.path, err) < 0)
		return -1;
	*ret = r;
	r = (struct ign_raid){0};
	return 0;
}

int ign_raid_run(const struct ign_raid *r, struct err *err)
{
	if (ign_command_run(&r->make, err) < 0)
		return err_wrap(err, "%s", r->path);
	return 0;
}
