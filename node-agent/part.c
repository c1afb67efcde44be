/* SPDX-License-Identifier: Apache-2.0 */
#include "part.h"

#include "blkpg.h"
#include "disks.h"
#include "gpt.h"
#include "mark.h"
#include "signature.h"
#include "wipe.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* The first two MiB: in front of the partitions, and the BIOS boot partition. */
#define CLEARED (2u * 1024 * 1024)

/* What a disk that the plan wants erased is now. */
enum part_state {
	STATE_OTHER,  /* holds something that nobody agreed to lose */
	STATE_AGREED, /* blank, or what it held when the plan was made */
	STATE_MARKED, /* its erasure for this plan was cut short */
	STATE_READY,  /* this plan's table */
};

/* One disk of the plan on its way. */
struct target {
	const struct plan *plan;
	const struct plan_disk *want;
	const struct disk *disk;
	struct layout layout;
};

static void target_release(struct target *t)
{
	layout_release(&t->layout);
}

static int target_find(const struct plan *plan, const struct plan_disk *want,
		       const struct disk_list *disks, struct target *ret, struct err *err)
{
	struct sha256 id = plan_id(plan);
	struct target t = {.plan = plan, .want = want};

	if (!want->pool)
		return err_set(err, ERR_PROTOCOL,
			       "disk %s: is to be erased, and no pool of the plan takes it",
			       want->id);
	if (disks_find(disks, want->id, &t.disk, err) < 0)
		return -1;
	if (t.disk->read_only)
		return err_set(err, ERR_REFUSED,
			       "disk %s: is read-only; lift its write protection, or name another "
			       "disk in the node's file",
			       want->id);
	if (layout_build(&id, want->pool, want->id, t.disk->size, &t.layout, err) < 0)
		return -1;
	*ret = t;
	return 0;
}

static int target_state(const struct target *t, int fd, const struct disk *now,
			enum part_state *ret, struct err *err)
{
	struct sha256 print;
	bool marked, whole;

	if (layout_is_on(&t->layout, now)) {
		if (gpt_is_whole(fd, now->size, now->sector, t->layout.disk_uuid, &whole, err) < 0)
			return -1;
		if (whole) {
			*ret = STATE_READY;
			return 0;
		}
	}
	if (mark_is_on(fd, now, &t->layout, &marked, err) < 0)
		return -1;
	disk_fingerprint(now, &print);
	if (marked)
		*ret = STATE_MARKED;
	else if (disk_is_blank(now))
		*ret = STATE_AGREED;
	else if (sha256_equal(&print, &t->want->fingerprint) &&
		 (!t->want->consent_needed || t->want->consent))
		*ret = STATE_AGREED;
	else
		*ret = STATE_OTHER;
	return 0;
}

static int refuse(const struct target *t, const struct disk *now, struct err *err)
{
	_cleanup_(freep) char *holds = disk_holds(now);
	const char *then = t->want->holds ? t->want->holds : "nothing";

	return err_set(err, ERR_REFUSED,
		       "disk %s: refusing to erase: holds %s, and held %s when the plan was made; "
		       "if it may be lost: provision reinstall %s --erase %s",
		       t->want->id, holds, then, t->plan->node, t->want->id);
}

/* Opens the disk, reads it again and judges it. The caller closes *ret_fd, also on failure. */
static int target_open(const struct target *t, int flags, int *ret_fd, enum part_state *ret_state,
		       struct err *err)
{
	_cleanup_(freep) char *path = disk_path(t->disk);
	_cleanup_(disk_release) struct disk now = {0};

	*ret_state = STATE_OTHER;
	*ret_fd = open(path, flags | O_CLOEXEC);
	if (*ret_fd < 0)
		return err_errno(err, errno == EBUSY ? ERR_BUSY : ERR_IO, errno,
				 "disk %s: cannot open %s", t->want->id, path);
	if (disk_read_again(*ret_fd, t->disk, &now, err) < 0 ||
	    target_state(t, *ret_fd, &now, ret_state, err) < 0)
		return err_wrap(err, "disk %s", t->want->id);
	return *ret_state == STATE_OTHER ? refuse(t, &now, err) : 0;
}

static int check_one(const struct plan *plan, const struct plan_disk *want,
		     const struct disk_list *disks, struct err *err)
{
	_cleanup_(target_release) struct target t = {0};
	_cleanup_(closep) int fd = -1;
	enum part_state state;

	if (target_find(plan, want, disks, &t, err) < 0)
		return -1;
	if (!t.disk)
		BUG("a target without its disk");
	return target_open(&t, O_RDONLY, &fd, &state, err);
}

int part_check(const struct plan *plan, const struct disk_list *disks, struct err *err)
{
	if (!plan->resolved)
		return err_set(err, ERR_PROTOCOL, "the plan does not say which disks it is about");
	for (size_t i = 0; i < plan->n_disks; i++)
		if (plan->disks[i].action == ACTION_ERASE &&
		    check_one(plan, &plan->disks[i], disks, err) < 0)
			return -1;
	return 0;
}

/* The boot code of an earlier system lies in the first sector and where the BIOS boot partition
 * comes to be; a half-installed disk must not start it. */
static int clear_start(int fd, const struct disk *d, struct err *err)
{
	size_t n = CLEARED;
	_cleanup_(freep) char *zeros = xcalloc(1, n);

	if (pwrite(fd, zeros, n, 0) != (ssize_t)n)
		return err_errno(err, ERR_IO, errno ? errno : EIO, "cannot clear the start of %s",
				 d->name);
	return 0;
}

/* From whatever it is, which was agreed to, to the table that the plan wants. */
static int target_write(const struct target *t, int fd, struct err *err)
{
	const struct disk *d = t->disk;
	_cleanup_(freep) char *path = disk_path(d);
	_cleanup_(disk_release) struct disk now = {0};

	if (disk_read_again(fd, d, &now, err) < 0)
		return -1;
	if (mark_write(fd, &now, &t->layout, err) < 0)
		return -1;
	if (wipe_disk(fd, &now, err) < 0)
		return -1;
	/* what an older table had where the new partitions come to lie */
	for (size_t i = 0; i < t->layout.n; i++)
		if (signatures_wipe(fd, t->layout.p[i].start, t->layout.p[i].size, err) < 0)
			return -1;
	if (clear_start(fd, d, err) < 0)
		return -1;
	return gpt_write(fd, path, d->sector, &t->layout, err);
}

static int kernel_sync(const struct target *t, int fd, struct err *err)
{
	struct blkpg_range ranges[LAYOUT_PARTITIONS];

	for (size_t i = 0; i < t->layout.n; i++)
		ranges[i] = (struct blkpg_range){t->layout.p[i].number, t->layout.p[i].start,
						 t->layout.p[i].size};
	return blkpg_sync(fd, t->disk->name, ranges, t->layout.n, err);
}

static int run_one(const struct plan *plan, const struct plan_disk *want,
		   const struct disk_list *disks, struct err *err)
{
	_cleanup_(target_release) struct target t = {0};
	_cleanup_(closep) int fd = -1, exclusive = -1;
	enum part_state state;

	if (target_find(plan, want, disks, &t, err) < 0)
		return -1;
	if (!t.disk)
		BUG("a target without its disk");
	if (target_open(&t, O_RDONLY, &fd, &state, err) < 0)
		return -1;
	if (state != STATE_READY) {
		/* O_EXCL: not while a partition of it is mounted or held by md or LVM */
		if (target_open(&t, O_RDWR | O_EXCL, &exclusive, &state, err) < 0)
			return -1;
		if (target_write(&t, exclusive, err) < 0)
			return err_wrap(err, "disk %s", want->id);
	}
	if (kernel_sync(&t, fd, err) < 0)
		return err_wrap(err, "disk %s", want->id);
	return 0;
}

static int check_ready(const struct plan *plan, const struct plan_disk *want,
		       const struct disk_list *disks, struct err *err)
{
	_cleanup_(target_release) struct target t = {0};
	_cleanup_(freep) char *holds = NULL;

	if (target_find(plan, want, disks, &t, err) < 0)
		return -1;
	if (!t.disk)
		BUG("a target without its disk");
	if (layout_is_on(&t.layout, t.disk))
		return 0;
	holds = disk_holds(t.disk);
	return err_set(err, ERR_REFUSED,
		       "disk %s: was partitioned by this installation and somebody changed that "
		       "since: holds %s; if it may be lost: provision reinstall %s --erase %s",
		       want->id, holds, plan->node, want->id);
}

int part_check_ready(const struct plan *plan, const struct disk_list *disks, struct err *err)
{
	for (size_t i = 0; i < plan->n_disks; i++)
		if (plan->disks[i].action == ACTION_ERASE &&
		    check_ready(plan, &plan->disks[i], disks, err) < 0)
			return -1;
	return 0;
}

int part_run(const struct plan *plan, const struct disk_list *disks,
	     const struct progress *progress, struct err *err)
{
	size_t total = 0, done = 0;

	/* all are judged before the first is written */
	if (part_check(plan, disks, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->n_disks; i++)
		total += plan->disks[i].action == ACTION_ERASE;
	for (size_t i = 0; i < plan->n_disks; i++) {
		if (plan->disks[i].action != ACTION_ERASE)
			continue;
		progress_tell(progress, done++, total, plan->disks[i].id);
		if (run_one(plan, &plan->disks[i], disks, err) < 0)
			return -1;
	}
	progress_tell(progress, total, total, NULL);
	return 0;
}
