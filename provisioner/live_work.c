/* SPDX-License-Identifier: Apache-2.0 */
#include "live_work.h"

#include <string.h>

#include "buf.h"
#include "limits.h"
#include "parse.h"

struct work {
	const struct plan *plan;
	const struct sha256 *id;
	const struct disk_list *disks;
	struct buf out;
	struct err *err;
};

/* The whole disk is a member of this file system and nothing else. */
static bool holds_only(const struct disk *d, const char *uuid)
{
	for (size_t i = 0; i < d->n_signatures; i++)
		if (!signature_is_btrfs(&d->signatures[i], uuid))
			return false;
	return d->n_signatures && !d->n_partitions && !d->unreadable;
}

static int adopt(struct work *w, const struct plan_pool *pool)
{
	size_t found = 0, members = 0;
	char uuid[UUID_TEXT_SIZE];

	plan_pool_uuid(w->id, pool, uuid);
	for (size_t i = 0; i < w->plan->n_disks; i++)
		if (streq_null(w->plan->disks[i].pool, pool->spec.name))
			members++;
	for (size_t i = 0; i < w->disks->n; i++)
		if (disk_has_btrfs(&w->disks->d[i], uuid))
			found++;
	if (found != members || !found)
		return err_set(w->err, ERR_REFUSED,
			       "the pool %s (btrfs %s) has %zu of its %zu disks in this machine; "
			       "connect what is missing, or take the pool out of the node file and "
			       "provision reinstall %s",
			       pool->spec.name, uuid, found, members, w->plan->node);
	buf_addf(&w->out, "adopt\t%s\t%s\t%zu\n", pool->spec.name, uuid, found);
	return 0;
}

/* The one disk of this name. */
static const struct disk *find_disk(const struct work *w, const char *id)
{
	const struct disk *found = NULL;

	for (size_t i = 0; i < w->disks->n; i++) {
		if (!streq_null(disk_id(&w->disks->d[i]), id))
			continue;
		if (found)
			return NULL;
		found = &w->disks->d[i];
	}
	return found;
}

/* What may be written over, and why; NULL when nothing may. */
static const char *content_of(const struct plan_disk *pd, const struct disk *d, const char *uuid)
{
	struct sha256 now;

	if (disk_is_blank(d))
		return "blank";
	if (holds_only(d, uuid))
		return "ours";
	disk_fingerprint(d, &now);
	if (!d->unreadable && sha256_equal(&now, &pd->fingerprint) &&
	    (pd->consent || !pd->consent_needed))
		return "erase";
	return NULL;
}

static int add_member(struct work *w, const struct plan_pool *pool, const struct plan_disk *pd,
		      const char *uuid)
{
	const struct disk *d = find_disk(w, pd->id);
	_cleanup_(freep) char *id = printable(pd->id, strlen(pd->id)), *holds = NULL;
	const char *content;

	if (!d)
		return err_set(
			w->err, ERR_REFUSED,
			"pool %s: disk %s is not in this machine, or another says that it is "
			"that one; connect the right one, or provision reinstall %s",
			pool->spec.name, id, w->plan->node);
	content = d->read_only ? NULL : content_of(pd, d, uuid);
	if (content) {
		buf_addf(&w->out, "member\t%s\t%s\t%s\t%s\n", pool->spec.name, d->name, content,
			 id);
		return 0;
	}
	holds = disk_holds(d);
	return err_set(w->err, ERR_REFUSED,
		       "disk %s %s, and holds %s; if that may be lost: provision reinstall %s "
		       "--erase %s",
		       id,
		       d->read_only ? "cannot be written to"
				    : "is not as it was when the plan was made",
		       holds, w->plan->node, id);
}

static int make(struct work *w, const struct plan_pool *pool)
{
	const struct pool_spec *s = &pool->spec;
	char uuid[UUID_TEXT_SIZE];

	plan_pool_uuid(w->id, pool, uuid);
	buf_addf(&w->out, "make\t%s\t%s\t%s\t%s\n", s->name, uuid, profile_name(s->data),
		 profile_name(s->metadata));
	for (size_t i = 0; i < w->plan->n_disks; i++) {
		const struct plan_disk *pd = &w->plan->disks[i];

		if (pd->action == ACTION_ERASE && streq_null(pd->pool, s->name) &&
		    add_member(w, pool, pd, uuid) < 0)
			return -1;
	}
	return 0;
}

static void add_subvolumes(struct work *w, const struct pool_spec *s)
{
	for (size_t i = 0; i < s->n_subvolumes; i++)
		buf_addf(&w->out, "subvolume\t%s\t%s\n", s->name, s->subvolumes[i].name);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(strrchr(*(char *const *)a, '\t'), strrchr(*(char *const *)b, '\t'));
}

static char *mount_line(const char *uuid, const struct pool_spec *s, const char *subvolume,
			const char *path)
{
	const char *compression = s->compression ? s->compression : COMPRESSION_DEFAULT;
	const bool plain = streq(compression, "none");

	return xasprintf("mount\t%s\t%s%s%s%s\t%s", uuid, subvolume ? "subvol=" : "subvolid=5",
			 subvolume ? subvolume : "",
			 plain ? "" : ",compress=", plain ? "" : compression, path);
}

static void add_mounts(struct work *w)
{
	_cleanup_(strv_release) struct strv lines = {0};
	char uuid[UUID_TEXT_SIZE];

	for (size_t i = 0; i < w->plan->n_pools; i++) {
		const struct pool_spec *s = &w->plan->pools[i].spec;

		plan_pool_uuid(w->id, &w->plan->pools[i], uuid);
		if (s->mount)
			strv_take(&lines, mount_line(uuid, s, NULL, s->mount));
		for (size_t k = 0; k < s->n_subvolumes; k++)
			if (s->subvolumes[k].mount)
				strv_take(&lines, mount_line(uuid, s, s->subvolumes[k].name,
							     s->subvolumes[k].mount));
	}
	if (lines.n)
		qsort(lines.v, lines.n, sizeof(*lines.v), by_path);
	for (size_t i = 0; i < lines.n; i++)
		buf_addf(&w->out, "%s\n", lines.v[i]);
}

static void add_assets(struct work *w, const char *word, const struct asset *a, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *slash = strrchr(a[i].path, '/');
		char digest[SHA256_TEXT_SIZE];

		buf_addf(&w->out, "%s\t%s\t%s/%s\t%s\n", word, sha256_format(&a[i].digest, digest),
			 w->plan->assets_url, a[i].path, slash ? slash + 1 : a[i].path);
	}
}

static int add_all(struct work *w, const struct live_progress *progress)
{
	const struct plan *p = w->plan;
	char id[SHA256_TEXT_SIZE], mac[MAC_TEXT_SIZE];

	buf_addf(&w->out, "plan\t%s\nnode\t%s\nmac\t%s\nseq\t%ju\n", sha256_format(w->id, id),
		 p->node, mac_format(&p->macs[0], mac), (uintmax_t)progress->next_seq);
	if (progress->ready)
		buf_adds(&w->out, "state\tdone\n");
	for (size_t i = 0; i < p->n_pools; i++) {
		const struct plan_pool *pool = &p->pools[i];

		if ((pool->adopt || progress->pools_made ? adopt(w, pool) : make(w, pool)) < 0)
			return -1;
		add_subvolumes(w, &pool->spec);
	}
	add_mounts(w);
	buf_addf(&w->out, "kubernetes\t%s\n", flavour_name(p->kube.flavour));
	add_assets(w, "binary", p->kube.binaries, p->kube.n_binaries);
	add_assets(w, "image", p->kube.archives, p->kube.n_archives);
	return 0;
}

int live_work(const struct plan *p, const struct sha256 *id, const struct live_progress *progress,
	      const struct disk_list *disks, char **ret, struct err *err)
{
	struct work w = {.plan = p, .id = id, .disks = disks, .err = err};

	if (!p->in_memory || !p->resolved)
		BUG("a plan that a machine in memory cannot do");
	buf_init(&w.out, LIMIT_PLAN_BYTES);
	if (add_all(&w, progress) < 0) {
		buf_release(&w.out);
		return err_wrap(err, "node %s", p->node);
	}
	*ret = buf_take(&w.out);
	return 0;
}
