/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "live_work.h"

/* A machine in memory with one pool over two disks, and a third one that is kept. */
struct scene {
	struct plan *plan;
	struct disk disks[3];
	struct disk_list list;
	struct sha256 id;
	struct live_progress progress;
	char uuid[UUID_TEXT_SIZE];
	struct disk_signature ours, other;
};

static char serials[3][8] = {"A", "B", "C"}, names[3][8] = {"sda", "sdb", "sdc"}, btrfs[] = "btrfs",
	    ext4[] = "ext4", foreign[] = "0000";

static void add_plan_disk(struct plan *p, size_t i)
{
	struct plan_disk *d = ARRAY_APPEND(p->disks, p->n_disks);

	d->id = xstrdup(serials[i]);
	d->pool = i < 2 ? xstrdup("tank") : NULL;
	d->action = i < 2 ? ACTION_ERASE : ACTION_KEEP;
}

static void set_scene(struct scene *s)
{
	struct plan *p = plan_new();
	struct pool_spec *spec;

	*s = (struct scene){.plan = p, .progress.next_seq = 7};
	p->in_memory = p->resolved = true;
	p->node = xstrdup("mem1");
	p->macs = xcalloc(1, sizeof(*p->macs));
	p->n_macs = 1;
	p->assets_url = xstrdup("http://h/assets");
	p->kube.flavour = FLAVOUR_KUBEADM;
	spec = &ARRAY_APPEND(p->pools, p->n_pools)->spec;
	spec->name = xstrdup("tank");
	spec->data = spec->metadata = PROFILE_RAID1;
	spec->mount = xstrdup("/srv/tank");
	*ARRAY_APPEND(spec->subvolumes, spec->n_subvolumes) =
		(struct subvolume){xstrdup("@a"), xstrdup("/srv")};
	for (size_t i = 0; i < 3; i++) {
		add_plan_disk(p, i);
		s->disks[i] = (struct disk){.name = names[i], .serial = serials[i], .size = 1000};
	}
	s->list = (struct disk_list){s->disks, 3};
	s->id = plan_id(p);
	plan_uuid(&s->id, "pool/tank", s->uuid);
	s->ours = (struct disk_signature){.type = btrfs, .uuid = s->uuid, .offset = 0x10040};
	s->other = (struct disk_signature){.type = ext4, .uuid = foreign, .offset = 0x438};
}

static void holds(struct scene *s, size_t disk, struct disk_signature *what)
{
	s->disks[disk].signatures = what;
	s->disks[disk].n_signatures = what ? 1 : 0;
}

static char *work(struct scene *s)
{
	struct err err = ERR_INIT;
	char *text = NULL;

	assert_ok(live_work(s->plan, &s->id, &s->progress, &s->list, &text, &err), &err);
	return text;
}

static void assert_refused(struct scene *s, const char *why)
{
	struct err err = ERR_INIT;
	char *text = NULL;

	assert_fails(live_work(s->plan, &s->id, &s->progress, &s->list, &text, &err), &err,
		     ERR_REFUSED, why);
}

static void blank_disks_become_the_pool(void **state)
{
	_cleanup_(freep) char *text = NULL, *make = NULL, *mounts = NULL;
	struct scene s;

	(void)state;
	set_scene(&s);
	holds(&s, 2, &s.other);
	text = work(&s);
	make = xasprintf("make\ttank\t%s\traid1\traid1\nmember\ttank\tsda\tblank\tA\n"
			 "member\ttank\tsdb\tblank\tB\nsubvolume\ttank\t@a\n",
			 s.uuid);
	/* parents first */
	mounts = xasprintf("mount\t%s\tsubvol=@a,compress=zstd:1\t/srv\n"
			   "mount\t%s\tsubvolid=5,compress=zstd:1\t/srv/tank\n",
			   s.uuid, s.uuid);
	assert_non_null(strstr(text, make));
	assert_non_null(strstr(text, mounts));
	assert_non_null(strstr(text, "seq\t7\n"));
	assert_null(strstr(text, "sdc"));
	plan_free(s.plan);
}

static void what_is_there_is_written_over_only_as_it_was(void **state)
{
	_cleanup_(freep) char *half = NULL, *permitted = NULL;
	struct scene s;

	(void)state;
	set_scene(&s);
	/* cut short while it was made */
	holds(&s, 0, &s.ours);
	half = work(&s);
	assert_non_null(strstr(half, "member\ttank\tsda\tours\tA\n"));
	/* a disk that got something since the plan was made */
	holds(&s, 0, &s.other);
	assert_refused(&s, "is not as it was when the plan was made");
	/* permitted, and still the same */
	s.plan->disks[0].consent = s.plan->disks[0].consent_needed = true;
	assert_refused(&s, "provision reinstall mem1 --erase A");
	disk_fingerprint(&s.disks[0], &s.plan->disks[0].fingerprint);
	permitted = work(&s);
	assert_non_null(strstr(permitted, "member\ttank\tsda\terase\tA\n"));
	s.plan->disks[0].consent = false;
	assert_refused(&s, "is not as it was");
	s.plan->disks[0].consent = true;
	s.disks[0].unreadable = ext4;
	assert_refused(&s, "disk A");
	s.disks[0].unreadable = NULL;
	s.disks[0].read_only = true;
	assert_refused(&s, "cannot be written to");
	plan_free(s.plan);
}

static void members_are_told_by_their_serial_alone(void **state)
{
	struct scene s;

	(void)state;
	set_scene(&s);
	s.disks[2].serial = serials[0];
	assert_refused(&s, "disk A is not in this machine, or another says that it is");
	s.disks[2].serial = serials[2];
	s.list.n = 1;
	assert_refused(&s, "disk B is not in this machine");
	plan_free(s.plan);
}

static void a_pool_that_was_made_is_adopted_whole_or_not_at_all(void **state)
{
	_cleanup_(freep) char *text = NULL, *wanted = NULL;
	struct scene s;

	(void)state;
	set_scene(&s);
	s.progress.pools_made = true;
	/* blank disks by now: never made again */
	assert_refused(&s, "has 0 of its 2 disks in this machine");
	holds(&s, 0, &s.ours);
	assert_refused(&s, "has 1 of its 2 disks in this machine");
	holds(&s, 1, &s.ours);
	text = work(&s);
	/* one may be new in the record */
	wanted = xasprintf("adopt\ttank\t%s\t2\nsubvolume\ttank\t@a\n", s.uuid);
	assert_non_null(strstr(text, wanted));
	assert_null(strstr(text, "make\t"));
	assert_null(strstr(text, "member\t"));
	plan_free(s.plan);
}

static void a_machine_that_is_ready_is_told_so(void **state)
{
	_cleanup_(freep) char *before = NULL, *after = NULL;
	struct scene s;

	(void)state;
	set_scene(&s);
	before = work(&s);
	assert_null(strstr(before, "state\t"));
	s.progress.ready = s.progress.pools_made = true;
	holds(&s, 0, &s.ours);
	holds(&s, 1, &s.ours);
	after = work(&s);
	assert_non_null(strstr(after, "\nstate\tdone\n"));
	plan_free(s.plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blank_disks_become_the_pool),
		cmocka_unit_test(what_is_there_is_written_over_only_as_it_was),
		cmocka_unit_test(members_are_told_by_their_serial_alone),
		cmocka_unit_test(a_pool_that_was_made_is_adopted_whole_or_not_at_all),
		cmocka_unit_test(a_machine_that_is_ready_is_told_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
