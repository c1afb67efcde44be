/* SPDX-License-Identifier: Apache-2.0 */
#include "pool.h"

#include "buf.h"
#include "limits.h"
#include "parse.h"

#include <string.h>

static const struct {
	const char *name;
	unsigned int min_devices; /* mkfs.btrfs(8), table PROFILES */
} profiles[PROFILE_MAX] = {
	[PROFILE_SINGLE] = {"single", 1},   [PROFILE_DUP] = {"dup", 1},
	[PROFILE_RAID0] = {"raid0", 1},     [PROFILE_RAID1] = {"raid1", 2},
	[PROFILE_RAID1C3] = {"raid1c3", 3}, [PROFILE_RAID1C4] = {"raid1c4", 4},
	[PROFILE_RAID10] = {"raid10", 2},
};

const char *profile_name(enum btrfs_profile p)
{
	if ((unsigned int)p >= PROFILE_MAX)
		BUG("profile out of range");
	return profiles[p].name;
}

int profile_parse(const char *word, enum btrfs_profile *ret, struct err *err)
{
	struct buf words;
	_cleanup_(freep) char *list = NULL, *shown = NULL;

	buf_init(&words, SIZE_MAX / 2);
	for (int i = 0; i < PROFILE_MAX; i++) {
		if (streq(profiles[i].name, word)) {
			buf_release(&words);
			*ret = (enum btrfs_profile)i;
			return 0;
		}
		buf_addf(&words, "%s%s", i ? ", " : "", profiles[i].name);
	}
	list = buf_take(&words);
	shown = printable(word, strnlen(word, 40));
	if (streq(word, "raid5") || streq(word, "raid6"))
		return err_set(err, ERR_USAGE,
			       "btrfs's %s is not offered, for a power cut can cost data with it; "
			       "write raid1, or raid1c3 to outlive two disks",
			       word);
	return err_set(err, ERR_USAGE, "\"%s\" is not one of %s", shown, list);
}

enum btrfs_profile profile_default(unsigned int devices, bool metadata)
{
	if (devices > 1)
		return PROFILE_RAID1;
	return metadata ? PROFILE_DUP : PROFILE_SINGLE;
}

unsigned int profile_min_devices(enum btrfs_profile p)
{
	if ((unsigned int)p >= PROFILE_MAX)
		BUG("profile out of range");
	return profiles[p].min_devices;
}

unsigned int pool_spec_devices(const struct pool_spec *p)
{
	unsigned int n = 0;

	for (size_t i = 0; i < p->n_disks; i++) {
		if (!p->disks[i].count)
			return 0;
		n += p->disks[i].count;
	}
	return n;
}

void pool_spec_release(struct pool_spec *p)
{
	for (size_t i = 0; i < p->n_disks; i++)
		disk_spec_release(&p->disks[i]);
	for (size_t i = 0; i < p->n_subvolumes; i++) {
		free(p->subvolumes[i].name);
		free(p->subvolumes[i].mount);
	}
	free(p->disks);
	free(p->subvolumes);
	free(p->name);
	free(p->compression);
	free(p->mount);
	*p = (struct pool_spec){0};
}

void pool_spec_copy(struct pool_spec *dst, const struct pool_spec *src)
{
	*dst = *src;
	dst->name = xstrdup(src->name);
	dst->compression = xstrdup(src->compression);
	dst->mount = xstrdup(src->mount);
	dst->disks = xcalloc(src->n_disks, sizeof(*dst->disks));
	for (size_t i = 0; i < src->n_disks; i++)
		disk_spec_copy(&dst->disks[i], &src->disks[i]);
	dst->subvolumes = xcalloc(src->n_subvolumes, sizeof(*dst->subvolumes));
	for (size_t i = 0; i < src->n_subvolumes; i++)
		dst->subvolumes[i] = (struct subvolume){xstrdup(src->subvolumes[i].name),
							xstrdup(src->subvolumes[i].mount)};
}

json_t *pool_spec_to_json(const struct pool_spec *p)
{
	json_t *j = json_object(), *disks = json_array(), *subvolumes = json_array();

	jsonx_put_string(j, "name", p->name);
	for (size_t i = 0; i < p->n_disks; i++)
		json_array_append_new(disks, disk_spec_to_json(&p->disks[i]));
	json_object_set_new(j, "disks", disks);
	if (p->data != PROFILE_INVALID)
		jsonx_put_string(j, "data", profile_name(p->data));
	if (p->metadata != PROFILE_INVALID)
		jsonx_put_string(j, "metadata", profile_name(p->metadata));
	jsonx_put_string(j, "compression", p->compression);
	jsonx_put_string(j, "mount", p->mount);
	for (size_t i = 0; i < p->n_subvolumes; i++) {
		json_t *js = json_object();

		jsonx_put_string(js, "name", p->subvolumes[i].name);
		jsonx_put_string(js, "mount", p->subvolumes[i].mount);
		json_array_append_new(subvolumes, js);
	}
	json_object_set_new(j, "subvolumes", subvolumes);
	return j;
}

bool pool_path_is_clean(const char *path)
{
	for (const char *p = path; *p;) {
		size_t len = strcspn(p, "/");

		if (!len || (len <= 2 && strncmp(p, "..", len) == 0))
			return false;
		for (size_t i = 0; i < len; i++)
			if ((unsigned char)p[i] <= ' ' || p[i] == 0x7f || p[i] == '\\' ||
			    p[i] == ',')
				return false;
		p += len;
		if (*p == '/' && !*++p)
			return false;
	}
	return *path;
}

/* "/" or an absolute path with clean parts. */
bool pool_mount_is_clean(const char *path)
{
	return path[0] == '/' && (!path[1] || pool_path_is_clean(path + 1));
}

bool pool_mount_is_free(const char *path, bool is_system)
{
	static const char *const taken[] = {"/bin",   "/boot",  "/dev",    "/etc",   "/lib",
					    "/lib32", "/lib64", "/libx32", "/proc",  "/run",
					    "/sbin",  "/sys",   "/usr",    AGENT_DIR};
	static const char *const kept[] = {"/", "/var", "/var/lib"};

	for (size_t i = 0; i < ARRAY_SIZE(taken); i++) {
		size_t len = strlen(taken[i]);

		if (startswith(path, taken[i]) && (!path[len] || path[len] == '/'))
			return false;
	}
	for (size_t i = 0; !is_system && i < ARRAY_SIZE(kept); i++)
		if (streq(path, kept[i]))
			return false;
	return true;
}

bool pool_compression_is_valid(const char *word)
{
	static const char *const plain[] = {"zstd", "lzo", "zlib", "none"};
	static const struct {
		const char *prefix;
		uint64_t max;
	} leveled[] = {{"zstd:", 15}, {"zlib:", 9}};
	struct err err = ERR_INIT;
	uint64_t level = 0;

	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		if (streq(plain[i], word))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(leveled); i++) {
		size_t len = strlen(leveled[i].prefix);

		if (!startswith(word, leveled[i].prefix))
			continue;
		if (parse_u64(word + len, leveled[i].max, &level, &err) == 0)
			return level > 0;
		err_release(&err);
	}
	return false;
}

static void check_mount(struct jsonx_reader *r, const char *mount, const struct pool_spec *p)
{
	if (mount && !pool_mount_is_clean(mount))
		jsonx_fail(r, "mount", "is no absolute path");
	else if (mount && p->name && !pool_mount_is_free(mount, streq(p->name, POOL_SYSTEM)))
		jsonx_fail(r, "mount", "belongs to the system itself");
}

static int subvolumes_from_json(const json_t *list, const char *path, struct pool_spec *p,
				struct err *err)
{
	json_t *j;
	size_t i;

	json_array_foreach ((json_t *)list, i, j) {
		_cleanup_(freep) char *at = xasprintf("%s.subvolumes[%zu]", path, i);
		struct subvolume *s = ARRAY_APPEND(p->subvolumes, p->n_subvolumes);
		struct jsonx_reader r;

		jsonx_begin(&r, j, at, err);
		jsonx_string(&r, "name", &s->name);
		jsonx_opt_string(&r, "mount", &s->mount);
		if (s->name && !pool_path_is_clean(s->name))
			jsonx_fail(&r, "name", "is no path below a pool");
		check_mount(&r, s->mount, p);
		if (jsonx_done(&r) < 0)
			return -1;
	}
	return 0;
}

int pool_spec_from_json(const json_t *j, const char *path, struct pool_spec *ret_pool,
			struct err *err)
{
	_cleanup_(pool_spec_release) struct pool_spec p = {0};
	int data = PROFILE_INVALID, metadata = PROFILE_INVALID;
	const char *names[PROFILE_MAX];
	const json_t *disks, *subvolumes;
	struct err why = ERR_INIT;
	struct jsonx_reader r;
	json_t *jd;
	size_t i;

	for (int k = 0; k < PROFILE_MAX; k++)
		names[k] = profiles[k].name;
	jsonx_begin(&r, j, path, err);
	jsonx_string(&r, "name", &p.name);
	disks = jsonx_opt_array(&r, "disks", LIMIT_DISKS);
	jsonx_opt_enum(&r, "data", names, PROFILE_MAX, &data);
	jsonx_opt_enum(&r, "metadata", names, PROFILE_MAX, &metadata);
	jsonx_opt_string(&r, "compression", &p.compression);
	jsonx_opt_string(&r, "mount", &p.mount);
	subvolumes = jsonx_opt_array(&r, "subvolumes", LIMIT_POOLS);
	if (p.name && parse_name(p.name, &why) < 0)
		jsonx_fail(&r, "name", "is wrong: %s", err_text(&why));
	if (p.compression && !pool_compression_is_valid(p.compression))
		jsonx_fail(&r, "compression", "is not known here");
	check_mount(&r, p.mount, &p);
	err_release(&why);
	p.data = (enum btrfs_profile)data;
	p.metadata = (enum btrfs_profile)metadata;
	if (jsonx_done(&r) < 0 || subvolumes_from_json(subvolumes, path, &p, err) < 0)
		return -1;
	json_array_foreach ((json_t *)disks, i, jd) {
		_cleanup_(freep) char *at = xasprintf("%s.disks[%zu]", path, i);
		struct disk_spec *s = ARRAY_APPEND(p.disks, p.n_disks);

		disk_spec_init(s);
		if (disk_spec_from_json(jd, at, s, err) < 0)
			return -1;
	}
	*ret_pool = p;
	p = (struct pool_spec){0};
	return 0;
}
