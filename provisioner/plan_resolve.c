/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_resolve.h"

#include "buf.h"
#include "disk_match.h"
#include "limits.h"
#include "parse.h"

#include <string.h>

int plan_history_add(struct plan_history *h, const struct sha256 *id, bool made_pools,
		     const char *json, struct err *err)
{
	_cleanup_(json_decrefp) json_t *j = NULL;
	struct plan *plan = NULL;

	if (jsonx_parse(json, strlen(json), "a recorded plan", &j, err) < 0)
		return -1;
	if (plan_from_json(j, &plan, err) < 0)
		return err_wrap(err, "a recorded plan");
	*ARRAY_APPEND(h->past, h->n) = (struct past_plan){*id, plan, made_pools};
	return 0;
}

void plan_history_release(struct plan_history *h)
{
	for (size_t i = 0; i < h->n; i++)
		plan_free(h->past[i].plan);
	free(h->past);
	*h = (struct plan_history){0};
}

/* What becomes of one disk, while it is being found out. */
struct fate {
	int pool; /* index, or -1: kept */
	bool adopt;
	bool consent_needed, consent;
};

struct resolver {
	const struct plan *plan;
	const struct disk_list *disks;
	const struct plan_history *history;
	const struct strv *consents;
	struct fate *fates;    /* one a disk */
	char **adopted_uuid;   /* one a pool: its file system's UUID, or NULL */
	unsigned int *devices; /* one a pool */
	struct err *err;
};

/* Those before it are the system's. */
static size_t first_data_pool(const struct plan *p)
{
	return p->in_memory ? 0 : 1;
}

static const struct plan_pool *past_pool(const struct past_plan *past, const char *name,
					 char uuid[UUID_TEXT_SIZE])
{
	for (size_t i = first_data_pool(past->plan); i < past->plan->n_pools; i++) {
		const struct plan_pool *pool = &past->plan->pools[i];

		if (!streq(pool->spec.name, name))
			continue;
		plan_pool_uuid(&past->id, pool, uuid);
		return pool;
	}
	return NULL;
}

/* found: how many disks of the machine hold the pool. Members that the plan of that time had and
 * the machine has no more are looked for elsewhere before anything is made in their place. */
static int refuse_missing(struct resolver *r, const struct past_plan *past, const char *name,
			  size_t found)
{
	struct buf b;
	_cleanup_(freep) char *missing = NULL;
	size_t members = 0;

	buf_init(&b, SIZE_MAX / 2);
	for (size_t i = 0; i < past->plan->n_disks; i++) {
		const struct plan_disk *was = &past->plan->disks[i];
		bool there = false;

		if (!streq_null(was->pool, name))
			continue;
		members++;
		for (size_t k = 0; k < r->disks->n; k++)
			there = there || streq_null(disk_id(&r->disks->d[k]), was->id);
		if (!there) {
			_cleanup_(freep) char *id = printable(was->id, strlen(was->id));

			buf_addf(&b, "%s%s", b.len ? ", " : "", id);
		}
	}
	missing = buf_take(&b);
	if (found >= members || (!found && !*missing))
		return 0;
	return err_set(
		r->err, ERR_REFUSED,
		"the pool %s has %zu of its %zu disks in this machine%s%s; connect what is "
		"missing, or take the pool out of the node file, or give it another name there "
		"to make a new one",
		name, found, members, *missing ? ", missing: " : "", missing);
}

/* Finds the pool's file system on the machine, newest record first. */
static int adopt_pool(struct resolver *r, size_t at)
{
	const char *name = r->plan->pools[at].spec.name;
	const struct past_plan *made = NULL;

	for (size_t i = 0; i < r->history->n; i++) {
		const struct past_plan *past = &r->history->past[i];
		char uuid[UUID_TEXT_SIZE];
		size_t found = 0;

		if (!past_pool(past, name, uuid))
			continue;
		for (size_t k = 0; k < r->disks->n; k++) {
			if (!disk_has_btrfs(&r->disks->d[k], uuid))
				continue;
			r->fates[k].pool = (int)at;
			r->fates[k].adopt = true;
			found++;
		}
		if (!made && past->made_pools)
			made = past;
		if (!found)
			continue;
		if (refuse_missing(r, past, name, found) < 0)
			return -1;
		r->adopted_uuid[at] = xstrdup(uuid);
		r->devices[at] = (unsigned int)found;
		return 0;
	}
	return made ? refuse_missing(r, made, name, 0) : 0;
}

/* The rules of all pools that are made, on the disks that no adopted pool has. */
static int match_rules(struct resolver *r)
{
	_cleanup_(freep) struct disk_spec *specs = NULL;
	_cleanup_(freep) size_t *pool_of = NULL;
	_cleanup_(freep) struct disk *free_disks = xcalloc(r->disks->n, sizeof(*free_disks));
	_cleanup_(freep) size_t *disk_of = xcalloc(r->disks->n, sizeof(*disk_of));
	_cleanup_(freep) int *owner = xcalloc(r->disks->n, sizeof(*owner));
	struct disk_list list = {free_disks, 0};
	size_t n = 0, total = 0;

	for (size_t i = 0; i < r->plan->n_pools; i++)
		total += r->plan->pools[i].spec.n_disks;
	specs = xcalloc(total, sizeof(*specs));
	pool_of = xcalloc(total, sizeof(*pool_of));
	for (size_t i = 0; i < r->plan->n_pools; i++) {
		const struct pool_spec *spec = &r->plan->pools[i].spec;

		for (size_t k = 0; !r->adopted_uuid[i] && k < spec->n_disks; k++) {
			specs[n] = spec->disks[k]; /* borrowed */
			pool_of[n++] = i;
		}
	}
	for (size_t i = 0; i < r->disks->n; i++) {
		if (r->fates[i].adopt)
			continue;
		free_disks[list.n] = r->disks->d[i]; /* borrowed */
		disk_of[list.n++] = i;
	}
	if (disk_match(specs, n, &list, owner, r->err) < 0)
		return -1;
	for (size_t i = 0; i < list.n; i++) {
		if (owner[i] < 0)
			continue;
		r->fates[disk_of[i]].pool = (int)pool_of[owner[i]];
		r->devices[pool_of[owner[i]]]++;
	}
	return 0;
}

static bool derived(const struct past_plan *past, const char *what, const char *id,
		    const char *uuid)
{
	_cleanup_(freep) char *thing = xasprintf("%s/%s", what, id);
	char text[UUID_TEXT_SIZE];

	return uuid && streq(plan_uuid(&past->id, thing, text), uuid);
}

/* Nothing is on the partition but what that plan's installation put there. */
static bool is_own_partition(const struct past_plan *past, const char *id,
			     const struct disk_partition *p)
{
	char system_uuid[UUID_TEXT_SIZE];

	if (!derived(past, "bios", id, p->uuid) && !derived(past, "esp", id, p->uuid) &&
	    !derived(past, "member", id, p->uuid))
		return false;
	plan_uuid(&past->id, "pool/" POOL_SYSTEM, system_uuid);
	for (size_t i = 0; i < p->n_signatures; i++) {
		const struct disk_signature *s = &p->signatures[i];

		if (!(streq(s->type, "vfat") && derived(past, "esp", id, p->uuid)) &&
		    !signature_is_btrfs(s, system_uuid))
			return false;
	}
	return true;
}

/* The disk carries the system that this plan of the past put on it, whole or half. */
static bool carries_system_of(const struct past_plan *past, const struct disk *d)
{
	const char *id = disk_id(d);
	bool was_member = false, table_is_ours = false;

	for (size_t i = 0; i < past->plan->n_disks; i++) {
		const struct plan_disk *was = &past->plan->disks[i];

		if (streq_null(was->id, id) && streq_null(was->pool, POOL_SYSTEM))
			was_member = true;
	}
	if (!was_member)
		return false;
	for (size_t i = 0; i < d->n_signatures; i++) {
		const struct disk_signature *s = &d->signatures[i];

		if (streq(s->type, "gpt") && derived(past, "disk", id, s->uuid))
			table_is_ours = true;
		else if (!streq(s->type, "gpt") && !streq(s->type, "PMBR") &&
			 !streq(s->type, "dos"))
			return false;
	}
	for (size_t i = 0; i < d->n_partitions; i++)
		if (!is_own_partition(past, id, &d->partitions[i]))
			return false;
	return d->n_partitions || table_is_ours;
}

static bool carries_own_system(const struct resolver *r, const struct disk *d)
{
	for (size_t i = 0; i < r->history->n; i++)
		if (carries_system_of(&r->history->past[i], d))
			return true;
	return false;
}

static int check_disk(struct resolver *r, size_t at)
{
	const struct disk *d = &r->disks->d[at];
	struct fate *f = &r->fates[at];
	bool is_system = f->pool >= 0 && (size_t)f->pool < first_data_pool(r->plan);
	_cleanup_(freep) char *shown = disk_describe(d);
	uint64_t least = is_system ? LIMIT_SYSTEM_DISK : LIMIT_DATA_DISK;

	if (f->pool < 0 || f->adopt)
		return 0;
	if (d->unreadable)
		return err_set(r->err, ERR_REFUSED,
			       "the chosen disk %s cannot be read; replace it, or choose another "
			       "in the node file",
			       shown);
	if (d->size < least) {
		_cleanup_(freep) char *wanted = format_size(least);

		return err_set(r->err, ERR_REFUSED,
			       "the chosen disk %s is too small, %s needs %s; choose another in "
			       "the node file",
			       shown, is_system ? "the system" : "a pool", wanted);
	}
	f->consent_needed = !disk_is_blank(d) && !carries_own_system(r, d);
	f->consent = f->consent_needed && strv_has(r->consents, disk_id(d));
	return 0;
}

/* One sentence for the disks that wait for a word, with the command that gives it. */
static int check_consents(struct resolver *r)
{
	struct buf disks, command;
	_cleanup_(freep) char *what = NULL, *how = NULL;
	size_t waiting = 0;

	buf_init(&disks, SIZE_MAX / 2);
	buf_init(&command, SIZE_MAX / 2);
	for (size_t i = 0; i < r->disks->n; i++) {
		const struct disk *d = &r->disks->d[i];
		_cleanup_(freep) char *holds = NULL, *id = NULL;

		if (!r->fates[i].consent_needed || r->fates[i].consent)
			continue;
		if (waiting++ >= LIMIT_DISKS_TOLD)
			continue;
		holds = disk_holds(d);
		id = printable(disk_id(d), strlen(disk_id(d)));
		buf_addf(&disks, "%sdisk %s: refusing to erase: holds %s", disks.len ? "; " : "",
			 id, holds);
		buf_addf(&command, " --erase %s", id);
	}
	if (!waiting)
		return 0;
	if (waiting > LIMIT_DISKS_TOLD)
		buf_addf(&disks, "; and %zu more after these", waiting - LIMIT_DISKS_TOLD);
	what = buf_take(&disks);
	how = buf_take(&command);
	return err_set(r->err, ERR_REFUSED, "%s (provision approve %s%s)", what, r->plan->node,
		       how);
}

/* A serial with a slip in it must not pass as consent for nothing. */
static int check_consent_names(struct resolver *r)
{
	for (size_t i = 0; i < r->consents->n; i++) {
		const char *wanted = r->consents->v[i];
		_cleanup_(freep) const char **ids = xcalloc(r->disks->n, sizeof(*ids));
		_cleanup_(freep) char *shown = printable(wanted, strnlen(wanted, 60)),
				      *nearest = NULL;
		bool found = false;
		const char *near;

		for (size_t k = 0; k < r->disks->n; k++) {
			ids[k] = disk_id(&r->disks->d[k]);
			found = found || streq_null(ids[k], wanted);
		}
		if (found)
			continue;
		near = nearest_name(wanted, ids, r->disks->n);
		nearest = near ? printable(near, strlen(near)) : NULL;
		return err_set(
			r->err, ERR_REFUSED,
			"--erase %s names no disk of this machine%s%s%s; provision reinstall "
			"%s with the right serial",
			shown, near ? " (did you mean " : "", near ? nearest : "", near ? "?)" : "",
			r->plan->node);
	}
	return 0;
}

static enum btrfs_profile profile_for(enum btrfs_profile said, unsigned int devices, bool metadata)
{
	return said != PROFILE_INVALID ? said : profile_default(devices, metadata);
}

static int check_profiles(struct resolver *r)
{
	for (size_t i = 0; i < r->plan->n_pools; i++) {
		const struct pool_spec *s = &r->plan->pools[i].spec;
		enum btrfs_profile both[] = {profile_for(s->data, r->devices[i], false),
					     profile_for(s->metadata, r->devices[i], true)};

		if (r->adopted_uuid[i])
			continue;
		for (size_t k = 0; k < ARRAY_SIZE(both); k++)
			if (r->devices[i] < profile_min_devices(both[k]))
				return err_set(
					r->err, ERR_REFUSED,
					"the pool %s is to be %s, which wants %u disks, and "
					"its rules choose %u; add a disk or change %s in the "
					"node file",
					s->name, profile_name(both[k]),
					profile_min_devices(both[k]), r->devices[i],
					k ? "metadata" : "data");
	}
	return 0;
}

/* Nothing can fail from here on: the plan takes what was found. */
static void commit(struct resolver *r, struct plan *p)
{
	plan_disks_release(p->disks, p->n_disks);
	p->disks = xcalloc(r->disks->n, sizeof(*p->disks));
	p->n_disks = r->disks->n;
	for (size_t i = 0; i < r->disks->n; i++) {
		const struct disk *d = &r->disks->d[i];
		const struct fate *f = &r->fates[i];
		struct plan_disk *to = &p->disks[i];

		to->id = xstrdup(disk_id(d));
		to->description = disk_describe(d);
		to->pool = f->pool < 0 ? NULL : xstrdup(p->pools[f->pool].spec.name);
		to->action = f->pool < 0 ? ACTION_KEEP : f->adopt ? ACTION_ADOPT : ACTION_ERASE;
		to->holds = disk_is_blank(d) ? NULL : disk_holds(d);
		disk_fingerprint(d, &to->fingerprint);
		to->consent_needed = f->consent_needed;
		to->consent = f->consent;
	}
	for (size_t i = 0; i < p->n_pools; i++) {
		struct plan_pool *pool = &p->pools[i];

		pool->adopt = r->adopted_uuid[i] != NULL;
		free(pool->fs_uuid);
		pool->fs_uuid = TAKE_PTR(r->adopted_uuid[i]);
		pool->spec.data = profile_for(pool->spec.data, r->devices[i], false);
		pool->spec.metadata = profile_for(pool->spec.metadata, r->devices[i], true);
	}
	p->resolved = true;
}

static int resolve(struct resolver *r)
{
	for (size_t i = first_data_pool(r->plan); i < r->plan->n_pools; i++)
		if (adopt_pool(r, i) < 0)
			return -1;
	if (match_rules(r) < 0)
		return -1;
	for (size_t i = 0; i < r->disks->n; i++)
		if (check_disk(r, i) < 0)
			return -1;
	if (check_profiles(r) < 0 || check_consent_names(r) < 0)
		return -1;
	return check_consents(r);
}

int plan_resolve(struct plan *p, const struct disk_list *disks, const struct plan_history *history,
		 const struct strv *consents, struct err *err)
{
	_cleanup_(freep) struct fate *fates = xcalloc(disks->n, sizeof(*fates));
	_cleanup_(freep) char **adopted_uuid = xcalloc(p->n_pools, sizeof(*adopted_uuid));
	_cleanup_(freep) unsigned int *devices = xcalloc(p->n_pools, sizeof(*devices));
	struct resolver r = {p, disks, history, consents, fates, adopted_uuid, devices, err};
	int result;

	if (p->resolved || (!p->n_pools && !p->in_memory))
		BUG("a plan that cannot be resolved");
	for (size_t i = 0; i < disks->n; i++)
		fates[i].pool = -1;
	result = resolve(&r);
	if (result < 0)
		err_wrap(err, "node %s", p->node);
	else
		commit(&r, p);
	for (size_t i = 0; i < p->n_pools; i++)
		free(adopted_uuid[i]);
	return result;
}
