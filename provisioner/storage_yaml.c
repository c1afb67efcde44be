/* SPDX-License-Identifier: Apache-2.0 */
/* The key `storage` of a node's file. */
#include "node_yaml.h"

#include "limits.h"
#include "parse.h"

#include <string.h>

static void add_subvolume(struct pool_spec *p, const char *name, const char *mount)
{
	*ARRAY_APPEND(p->subvolumes, p->n_subvolumes) =
		(struct subvolume){xstrdup(name), xstrdup(mount)};
}

/* One fixed disk, whichever it is: unambiguous in a machine that has only one. */
static void default_disk(struct pool_spec *p)
{
	disk_spec_init(ARRAY_APPEND(p->disks, p->n_disks));
}

static void read_disk(const struct settings *s, const struct yaml_entry *e, struct pool_spec *p)
{
	struct disk_spec *spec = ARRAY_APPEND(p->disks, p->n_disks);
	struct err err = ERR_INIT;

	disk_spec_init(spec);
	if (e->value->kind == YAML_TEXT) {
		if (disk_spec_parse(e->value->text, spec, &err) < 0) {
			settings_problem(s, e, "%s", err_text(&err));
			err_release(&err);
		}
		return;
	}
	if (e->value->kind == YAML_LIST || !e->value->n) {
		settings_problem(s, e, "a disk is written like {serial: WD-1234}");
		return;
	}
	for (size_t i = 0; i < e->value->n; i++) {
		struct yaml_entry *property = &e->value->entries[i];
		const char *text = settings_text(s, property);

		if (text && disk_spec_set(spec, property->key, text, &err) < 0) {
			problems_add(s->problems, s->file, property->line, property->column, "%s",
				     err_text(&err));
			err_release(&err);
		}
	}
	if (spec->size_max && spec->size_min > spec->size_max)
		settings_problem(s, e, "minSize is above maxSize, so no disk matches");
	if (disk_spec_is_identity(spec) && spec->count != 1)
		settings_problem(s, e, "a disk named by serial, wwn or byId is one; remove count");
}

static void read_profiles(const struct settings *s, struct yaml_item *map, struct pool_spec *p)
{
	static const char *const keys[] = {"data", "metadata"};
	enum btrfs_profile *const fields[] = {&p->data, &p->metadata};
	unsigned int devices = pool_spec_devices(p);

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct yaml_entry *e = yaml_take(map, keys[i]);
		const char *text = e ? settings_text(s, e) : NULL;
		struct err err = ERR_INIT;

		*fields[i] = PROFILE_INVALID;
		if (!text)
			continue;
		if (profile_parse(text, fields[i], &err) < 0) {
			settings_problem(s, e, "%s", err_text(&err));
			err_release(&err);
		} else if (devices && devices < profile_min_devices(*fields[i])) {
			settings_problem(s, e, "%s wants at least %u disks and the pool has %u",
					 text, profile_min_devices(*fields[i]), devices);
		}
	}
}

static void read_subvolume(const struct settings *s, const struct yaml_entry *e,
			   struct pool_spec *p)
{
	struct subvolume v = {0};
	struct yaml_entry *name, *mount;

	if (e->value->kind != YAML_MAP) {
		settings_problem(s, e,
				 "a subvolume is written like {name: photos, mount: "
				 "/srv/photos}");
		return;
	}
	name = settings_string(s, e->value, "name", &v.name);
	mount = settings_string(s, e->value, "mount", &v.mount);
	yaml_leftover(e->value, s->file, s->problems);
	if (!name)
		settings_problem(s, e, "the subvolume has no name");
	else if (!pool_path_is_clean(v.name))
		settings_problem(s, name, "\"%.60s\" is no path below a pool, like photos", v.name);
	if (mount && !pool_mount_is_clean(v.mount))
		settings_problem(s, mount, "\"%.60s\" is no absolute path, like /srv/photos",
				 v.mount);
	if (!v.name) {
		free(v.mount);
		return;
	}
	*ARRAY_APPEND(p->subvolumes, p->n_subvolumes) = v;
}

static void read_pool(const struct settings *s, struct yaml_item *map, bool is_system,
		      struct pool_spec *p)
{
	struct yaml_entry *disks = yaml_take(map, "disks"), *e;
	struct yaml_item *subvolumes;

	if (disks && disks->value->kind == YAML_LIST)
		for (size_t i = 0; i < disks->value->n; i++)
			read_disk(s, &disks->value->entries[i], p);
	else if (disks)
		read_disk(s, disks, p); /* `disks: all` */
	if (!p->n_disks && is_system)
		default_disk(p);
	else if (!p->n_disks)
		problems_add(s->problems, s->file, map->line, map->column,
			     "the pool has no disks; add disks: [{serial: ...}], or disks: all");
	read_profiles(s, map, p);
	e = settings_string(s, map, "compression", &p->compression);
	if (e && !pool_compression_is_valid(p->compression))
		settings_problem(
			s, e,
			"write none, lzo, zlib, zstd, zlib:1 to zlib:9, or zstd:1 to zstd:15");
	if (!is_system) {
		e = settings_string(s, map, "mount", &p->mount);
		if (e && !pool_mount_is_clean(p->mount))
			settings_problem(s, e, "\"%.60s\" is no absolute path, like /srv/tank",
					 p->mount);
	}
	subvolumes = settings_list(s, map, "subvolumes");
	for (size_t i = 0; subvolumes && i < subvolumes->n && i < LIMIT_POOLS; i++)
		read_subvolume(s, &subvolumes->entries[i], p);
	yaml_leftover(map, s->file, s->problems);
}

static void read_system(const struct settings *s, struct yaml_item *map, struct node *n)
{
	struct pool_spec *p = ARRAY_APPEND(n->pools, n->n_pools);
	bool has_root = false;

	p->name = xstrdup(POOL_SYSTEM);
	read_pool(s, map, true, p);
	if (!p->n_subvolumes) {
		add_subvolume(p, "@", "/");
		add_subvolume(p, "@home", "/home");
	}
	for (size_t i = 0; i < p->n_subvolumes; i++)
		if (streq(p->subvolumes[i].name, "@") && streq_null(p->subvolumes[i].mount, "/"))
			has_root = true;
	if (!has_root)
		problems_add(s->problems, s->file, map->line, map->column,
			     "the system pool needs the subvolume {name: \"@\", mount: /}");
}

static void read_data_pool(const struct settings *s, const struct yaml_entry *e, struct node *n)
{
	struct pool_spec *p;
	struct yaml_entry *name;
	struct err err = ERR_INIT;

	if (e->value->kind != YAML_MAP) {
		settings_problem(s, e,
				 "a pool is written like {name: tank, disks: all, mount: "
				 "/srv/tank}");
		return;
	}
	p = ARRAY_APPEND(n->pools, n->n_pools);
	name = settings_string(s, e->value, "name", &p->name);
	if (!name)
		settings_problem(s, e, "the pool has no name; add name: tank");
	else if (parse_name(p->name, &err) < 0)
		settings_problem(s, name, "%s", err_text(&err));
	err_release(&err);
	for (size_t i = 0; name && i + 1 < n->n_pools; i++)
		if (streq_null(n->pools[i].name, p->name))
			settings_problem(s, name, "another pool is called \"%.40s\" already",
					 p->name);
	if (!p->name)
		p->name = xstrdup("");
	read_pool(s, e->value, false, p);
}

/* What a data pool would be asked for is known under `pools`, also when there is none. */
static void note_pool_keys(struct yaml_item *map)
{
	_cleanup_(problems_release) struct problems ignored = {0};
	_cleanup_(yaml_item_freep) struct yaml_item *none = yaml_map_new();
	_cleanup_(pool_spec_release) struct pool_spec p = {0};
	const struct settings s = {"", &ignored};

	read_pool(&s, none, false, &p);
	yaml_note_below(map, "a pool of storage.pools", none);
}

/* Where each of the node's pools stands. */
struct pool_places {
	struct place at[LIMIT_POOLS];
};

/* Every mount point once, and the root's own folders stay with the system. */
static void check_mounts(const struct settings *s, const struct node *n,
			 const struct pool_places *places)
{
	_cleanup_(strv_release) struct strv taken = {0};

	for (size_t i = 0; i < n->n_pools; i++) {
		const struct pool_spec *p = &n->pools[i];
		const struct place *at = &places->at[i];

		for (size_t k = 0; k <= p->n_subvolumes; k++) {
			const char *mount = k < p->n_subvolumes ? p->subvolumes[k].mount : p->mount;

			if (!mount)
				continue;
			if (!pool_mount_is_free(mount, i == 0))
				problems_add(s->problems, s->file, at->line, at->column,
					     "%.80s belongs to the system itself; mount %.63s "
					     "elsewhere, as at /srv/%.63s",
					     mount, p->name, p->name);
			else if (strv_has(&taken, mount))
				problems_add(s->problems, s->file, at->line, at->column,
					     "two things are mounted at %.80s", mount);
			strv_add(&taken, mount);
		}
	}
}

static void check_identities(const struct settings *s, const struct node *n,
			     const struct pool_places *places)
{
	_cleanup_(strv_release) struct strv taken = {0}, told = {0};

	for (size_t i = 0; i < n->n_pools; i++) {
		for (size_t k = 0; k < n->pools[i].n_disks; k++) {
			const struct disk_spec *d = &n->pools[i].disks[k];
			const char *id = d->serial ? d->serial : d->wwn ? d->wwn : d->by_id;

			if (!id)
				continue;
			if (strv_has(&taken, id) && !strv_has(&told, id)) {
				problems_add(s->problems, s->file, places->at[i].line,
					     places->at[i].column, "the disk %.80s is named twice",
					     id);
				strv_add(&told, id);
			}
			strv_add(&taken, id);
		}
	}
}

void storage_read(const struct settings *s, struct yaml_item *map, struct node *n)
{
	_cleanup_(yaml_item_freep) struct yaml_item *none = yaml_map_new();
	struct yaml_item *system = settings_map(s, map, "system"), *pools;
	struct pool_places places = {0};

	system = system ? system : none;
	places.at[0] = (struct place){s->file, system->line, system->column};
	read_system(s, system, n);
	pools = settings_list(s, map, "pools");
	if (pools && pools->n >= LIMIT_POOLS)
		problems_add(s->problems, s->file, pools->line, pools->column, "at most %d pools",
			     LIMIT_POOLS - 1);
	for (size_t i = 0; pools && i < pools->n && i + 1 < LIMIT_POOLS; i++) {
		places.at[n->n_pools] = settings_place(s, &pools->entries[i]);
		read_data_pool(s, &pools->entries[i], n);
	}
	yaml_note_below(map, "storage.system", system);
	note_pool_keys(map);
	yaml_leftover(map, s->file, s->problems);
	check_mounts(s, n, &places);
	check_identities(s, n, &places);
}
