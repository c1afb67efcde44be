/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "plan_resolve.h"

/* A plan with the pools that each word names: "system:serial=A" or "tank:all". */
static struct plan *make_plan(const char *const *pools)
{
	struct plan *p = plan_new();
	struct err err = ERR_INIT;

	p->node = xstrdup("web1");
	p->url = xstrdup("https://10.0.0.1:8443");
	p->assets_url = xstrdup("http://10.0.0.1:8080/assets");
	*ARRAY_APPEND(p->macs, p->n_macs) = (struct mac){{0x52, 0x54, 0, 0, 0, 1}};
	p->rootfs.path = xstrdup("images/debian-13-amd64.tar.zst");
	p->kube.version = xstrdup("1.34.2");
	p->kube.cluster_name = xstrdup("home");
	for (; *pools; pools++) {
		const char *colon = strchr(*pools, ':');
		struct plan_pool *pool = ARRAY_APPEND(p->pools, p->n_pools);

		pool->spec.name = xstrndup(*pools, (size_t)(colon - *pools));
		pool->spec.data = pool->spec.metadata = PROFILE_INVALID;
		assert_ok(disk_spec_parse(colon + 1,
					  ARRAY_APPEND(pool->spec.disks, pool->spec.n_disks), &err),
			  &err);
	}
	return p;
}

#define POOLS(...) make_plan((const char *const[]){__VA_ARGS__, NULL})

static void add_disk(struct disk_list *l, const char *serial, uint64_t size)
{
	struct disk *d = ARRAY_APPEND(l->d, l->n);

	d->serial = xstrdup(serial);
	d->size = size;
	d->transport = TRANSPORT_SATA;
}

#define GB 1000000000ull

static void add_partition(struct disk *d, const char *uuid, const char *type, const char *fs_uuid)
{
	struct disk_partition *p = ARRAY_APPEND(d->partitions, d->n_partitions);

	p->number = (unsigned int)d->n_partitions;
	p->uuid = xstrdup(uuid);
	*ARRAY_APPEND(p->signatures, p->n_signatures) =
		(struct disk_signature){.type = xstrdup(type), .uuid = xstrdup(fs_uuid)};
}

/* The disk as an installation of this plan leaves it: member of the system or of a pool. */
static void install_on(struct disk *d, const struct sha256 *id, const char *pool)
{
	char esp[UUID_TEXT_SIZE], member[UUID_TEXT_SIZE], fs[UUID_TEXT_SIZE];
	char *name;

	*ARRAY_APPEND(d->signatures, d->n_signatures) =
		(struct disk_signature){.type = xstrdup("gpt")};
	name = xasprintf("esp/%s", d->serial);
	plan_uuid(id, name, esp);
	free(name);
	name = xasprintf("member/%s", d->serial);
	plan_uuid(id, name, member);
	free(name);
	name = xasprintf("pool/%s", pool);
	plan_uuid(id, name, fs);
	free(name);
	if (streq(pool, POOL_SYSTEM))
		add_partition(d, esp, "vfat", "ABCD");
	add_partition(d, member, "btrfs", fs);
}

static const struct strv nothing;

static int resolve(struct plan *p, const struct disk_list *l, const struct plan_history *h,
		   struct err *err)
{
	static const struct plan_history none;

	return plan_resolve(p, l, h ? h : &none, &nothing, err);
}

static const struct plan_disk *disk_of(const struct plan *p, const char *id)
{
	for (size_t i = 0; i < p->n_disks; i++)
		if (streq_null(p->disks[i].id, id))
			return &p->disks[i];
	fail_msg("no disk %s in the plan", id);
	return NULL;
}

static void takes_blank_disks_and_keeps_the_rest(void **state)
{
	struct plan *p = POOLS("system:serial=A", "tank:size>=50G,count=2");
	struct disk_list l = {0};
	struct err err = ERR_INIT;
	struct plan *back = NULL;
	json_t *j;

	(void)state;
	add_disk(&l, "A", 20 * GB);
	add_disk(&l, "B", 100 * GB);
	add_disk(&l, "C", 100 * GB);
	add_disk(&l, "D", 1 * GB);
	assert_ok(resolve(p, &l, NULL, &err), &err);
	assert_true(p->resolved);
	assert_int_equal(disk_of(p, "A")->action, ACTION_ERASE);
	assert_string_equal(disk_of(p, "B")->pool, "tank");
	assert_int_equal(disk_of(p, "D")->action, ACTION_KEEP);
	assert_false(disk_of(p, "A")->consent_needed);
	assert_int_equal(p->pools[0].spec.data, PROFILE_SINGLE);
	assert_int_equal(p->pools[0].spec.metadata, PROFILE_DUP);
	assert_int_equal(p->pools[1].spec.data, PROFILE_RAID1);
	/* what is frozen reads back as the same */
	j = plan_to_json(p);
	assert_ok(plan_from_json(j, &back, &err), &err);
	{
		struct sha256 a = plan_id(p), b = plan_id(back);

		assert_true(sha256_equal(&a, &b));
	}
	json_decref(j);
	plan_free(back);
	plan_free(p);
	disk_list_release(&l);
}

static void asks_before_it_erases(void **state)
{
	struct plan *p = POOLS("system:serial=A", "tank:serial=B");
	struct disk_list l = {0};
	struct err err = ERR_INIT;
	static const struct plan_history none;
	struct strv consents = {0};

	(void)state;
	add_disk(&l, "A", 20 * GB);
	add_disk(&l, "B", 20 * GB);
	add_partition(&l.d[0], "x", "LVM2_member", "u");
	add_partition(&l.d[1], "x", "ext4", "u");
	assert_fails(resolve(p, &l, NULL, &err), &err, ERR_REFUSED,
		     "node web1: disk A: refusing to erase: holds LVM2_member; disk B: refusing to "
		     "erase: holds ext4 (provision approve web1 --erase A --erase B)");
	assert_false(p->resolved);
	strv_add(&consents, "A");
	assert_fails(plan_resolve(p, &l, &none, &consents, &err), &err, ERR_REFUSED,
		     "(provision approve web1 --erase B)");
	strv_add(&consents, "b");
	assert_fails(plan_resolve(p, &l, &none, &consents, &err), &err, ERR_REFUSED,
		     "--erase b names no disk of this machine");
	consents.v[1][0] = 'B';
	assert_ok(plan_resolve(p, &l, &none, &consents, &err), &err);
	assert_true(disk_of(p, "B")->consent);
	assert_string_equal(disk_of(p, "A")->holds, "LVM2_member");
	strv_release(&consents);
	plan_free(p);
	disk_list_release(&l);
}

static void asks_for_a_handful_at_once(void **state)
{
	struct plan *p = POOLS("system:all");
	struct disk_list l = {0};
	struct err err = ERR_INIT;

	(void)state;
	for (int i = 0; i < 12; i++) {
		_cleanup_(freep) char *serial = xasprintf("S%d", i);

		add_disk(&l, serial, 20 * GB);
		add_partition(&l.d[i], "x", "ext4", "u");
	}
	assert_fails(resolve(p, &l, NULL, &err), &err, ERR_REFUSED,
		     "holds ext4; and 4 more after these (provision approve web1 --erase S0 ");
	assert_fails(resolve(p, &l, NULL, &err), &err, ERR_REFUSED, "--erase S7)");
	plan_free(p);
	disk_list_release(&l);
}

/* A history of one installation of these pools on l, and l as that left it. */
static struct sha256 install(struct plan_history *h, struct plan *p, struct disk_list *l)
{
	struct err err = ERR_INIT;
	struct sha256 id;

	assert_ok(resolve(p, l, h, &err), &err);
	id = plan_id(p);
	for (size_t i = 0; i < l->n; i++)
		if (p->disks[i].action == ACTION_ERASE)
			install_on(&l->d[i], &id, p->disks[i].pool);
	*ARRAY_APPEND(h->past, h->n) = (struct past_plan){id, p, true};
	return id;
}

static void shows_no_control_characters(void **state)
{
	struct plan *p = POOLS("system:serial=A");
	struct plan_history h = {0};
	static const struct plan_history none;
	struct disk_list l = {0};
	struct err err = ERR_INIT;
	struct strv consents = {0};

	(void)state;
	add_disk(&l, "A", 20 * GB);
	add_disk(&l, "WD-1\033[", 20 * GB);
	strv_add(&consents, "WD-1");
	assert_fails(plan_resolve(p, &l, &none, &consents, &err), &err, ERR_REFUSED,
		     "did you mean WD-1\\x1b\\x5b?");
	strv_release(&consents);
	plan_free(p);
	/* a member that is missing */
	install(&h, POOLS("system:serial=A", "tank:all"), &l);
	l.n--;
	p = POOLS("system:serial=A", "tank:all");
	assert_fails(resolve(p, &l, &h, &err), &err, ERR_REFUSED, "missing: WD-1\\x1b\\x5b;");
	plan_free(p);
	plan_history_release(&h);
	l.n++;
	disk_list_release(&l);
}

static void a_reinstall_keeps_the_pool(void **state)
{
	struct plan_history h = {0};
	struct disk_list l = {0};
	struct err err = ERR_INIT;
	char uuid[UUID_TEXT_SIZE];
	struct sha256 id;
	struct plan *p;

	(void)state;
	add_disk(&l, "A", 20 * GB);
	add_disk(&l, "B", 20 * GB);
	add_disk(&l, "C", 20 * GB);
	id = install(&h, POOLS("system:serial=A", "tank:all"), &l);
	/* the rule for the system now matches the tank's disks too; they are not its to take */
	p = POOLS("system:count=1", "tank:all");
	assert_ok(resolve(p, &l, &h, &err), &err);
	assert_int_equal(disk_of(p, "A")->action, ACTION_ERASE);
	assert_false(disk_of(p, "A")->consent_needed); /* its own system */
	assert_int_equal(disk_of(p, "B")->action, ACTION_ADOPT);
	assert_int_equal(disk_of(p, "C")->action, ACTION_ADOPT);
	assert_true(p->pools[1].adopt);
	assert_string_equal(p->pools[1].fs_uuid, plan_uuid(&id, "pool/tank", uuid));
	/* and once more: an adopted pool is adopted again by the same UUID */
	*ARRAY_APPEND(h.past, h.n) = (struct past_plan){plan_id(p), p, true};
	p = POOLS("system:serial=A", "tank:serial=B");
	assert_ok(resolve(p, &l, &h, &err), &err);
	assert_string_equal(p->pools[1].fs_uuid, uuid);
	plan_free(p);
	/* a record that gives a disk of the pool to the system is refused, not obeyed */
	p = POOLS("system:serial=B", "tank:serial=C");
	assert_fails(resolve(p, &l, &h, &err), &err, ERR_REFUSED, "no disk is serial=B");
	plan_free(p);
	/* out of the record it is nobody's to erase without a word */
	p = POOLS("system:serial=B");
	assert_fails(resolve(p, &l, &h, &err), &err, ERR_REFUSED,
		     "provision approve web1 --erase B");
	plan_free(p);
	plan_history_release(&h);
	disk_list_release(&l);
}

static void refuses_a_pool_that_misses_a_member(void **state)
{
	struct plan_history h = {0};
	struct disk_list l = {0};
	struct err err = ERR_INIT;
	struct plan *p;

	(void)state;
	add_disk(&l, "A", 20 * GB);
	add_disk(&l, "B", 20 * GB);
	add_disk(&l, "C", 20 * GB);
	install(&h, POOLS("system:serial=A", "tank:all"), &l);
	disk_release(&l.d[2]);
	l.n = 2;
	p = POOLS("system:serial=A", "tank:all");
	assert_fails(resolve(p, &l, &h, &err), &err, ERR_REFUSED,
		     "the pool tank has 1 of its 2 disks in this machine, missing: C");
	plan_free(p);
	/* all of them on the other side of a loose cable: a spare disk does not take their place */
	disk_release(&l.d[1]);
	l.n = 1;
	add_disk(&l, "D", 20 * GB);
	p = POOLS("system:serial=A", "tank:all");
	assert_fails(resolve(p, &l, &h, &err), &err, ERR_REFUSED,
		     "the pool tank has 0 of its 2 disks in this machine, missing: B, C");
	plan_free(p);
	/* another name is another pool */
	p = POOLS("system:serial=A", "tank2:all");
	assert_ok(resolve(p, &l, &h, &err), &err);
	assert_int_equal(disk_of(p, "D")->action, ACTION_ERASE);
	plan_free(p);
	/* an installation that never made them does not bind anybody */
	h.past[0].made_pools = false;
	p = POOLS("system:serial=A", "tank:all");
	assert_ok(resolve(p, &l, &h, &err), &err);
	plan_free(p);
	plan_history_release(&h);
	disk_list_release(&l);
}

static void makes_a_pool_anew_on_disks_that_hold_it_no_more(void **state)
{
	struct plan_history h = {0};
	struct disk_list l = {0};
	struct err err = ERR_INIT;
	struct plan *p;

	(void)state;
	add_disk(&l, "A", 20 * GB);
	add_disk(&l, "B", 20 * GB);
	install(&h, POOLS("system:serial=A", "tank:all"), &l);
	disk_release(&l.d[1]);
	l.n = 1;
	add_disk(&l, "B", 20 * GB);
	p = POOLS("system:serial=A", "tank:all");
	assert_ok(resolve(p, &l, &h, &err), &err);
	assert_int_equal(disk_of(p, "B")->action, ACTION_ERASE);
	assert_false(p->pools[1].adopt);
	plan_free(p);
	plan_history_release(&h);
	disk_list_release(&l);
}

static void a_system_is_own_only_as_a_whole(void **state)
{
	struct plan_history h = {0};
	struct disk_list l = {0};
	struct err err = ERR_INIT;
	struct plan *p = POOLS("system:serial=A");

	(void)state;
	add_disk(&l, "A", 20 * GB);
	install(&h, POOLS("system:serial=A"), &l);
	/* somebody put a partition of his own beside ours */
	add_partition(&l.d[0], "aaaaaaaa-0000-0000-0000-000000000000", "ext4", "u");
	assert_fails(resolve(p, &l, &h, &err), &err, ERR_REFUSED, "refusing to erase");
	/* or another file system into our partition */
	l.d[0].n_partitions = 2;
	free(l.d[0].partitions[1].signatures[0].uuid);
	l.d[0].partitions[1].signatures[0].uuid = xstrdup("another");
	assert_fails(resolve(p, &l, &h, &err), &err, ERR_REFUSED, "refusing to erase");
	/* a table of ours that the power cut left empty is ours */
	l.d[0].n_partitions = 0;
	assert_fails(resolve(p, &l, &h, &err), &err, ERR_REFUSED, "refusing to erase");
	{
		char uuid[UUID_TEXT_SIZE];

		l.d[0].signatures[0].uuid = xstrdup(plan_uuid(&h.past[0].id, "disk/A", uuid));
	}
	assert_ok(resolve(p, &l, &h, &err), &err);
	l.d[0].n_partitions = 3;
	plan_free(p);
	plan_history_release(&h);
	disk_list_release(&l);
}

static void refuses_disks_that_cannot_serve(void **state)
{
	struct plan *p = POOLS("system:serial=A");
	struct disk_list l = {0};
	struct err err = ERR_INIT;

	(void)state;
	add_disk(&l, "A", 20 * GB);
	l.d[0].unreadable = xstrdup("I/O error at 0");
	assert_fails(resolve(p, &l, NULL, &err), &err, ERR_REFUSED, "cannot be read");
	free(l.d[0].unreadable);
	l.d[0].unreadable = NULL;
	l.d[0].size = 2 * GB;
	assert_fails(resolve(p, &l, NULL, &err), &err, ERR_REFUSED,
		     "is too small, the system needs 4.0 GB");
	l.d[0].size = 20 * GB;
	p->pools[0].spec.data = PROFILE_RAID1;
	assert_fails(resolve(p, &l, NULL, &err), &err, ERR_REFUSED,
		     "the pool system is to be raid1, which wants 2 disks, and its rules choose 1");
	plan_free(p);
	p = POOLS("system:serial=B");
	assert_fails(resolve(p, &l, NULL, &err), &err, ERR_REFUSED,
		     "node web1: no disk is serial=B; this machine has A, 20.0 GB");
	plan_free(p);
	disk_list_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_blank_disks_and_keeps_the_rest),
		cmocka_unit_test(asks_before_it_erases),
		cmocka_unit_test(asks_for_a_handful_at_once),
		cmocka_unit_test(shows_no_control_characters),
		cmocka_unit_test(a_reinstall_keeps_the_pool),
		cmocka_unit_test(refuses_a_pool_that_misses_a_member),
		cmocka_unit_test(makes_a_pool_anew_on_disks_that_hold_it_no_more),
		cmocka_unit_test(a_system_is_own_only_as_a_whole),
		cmocka_unit_test(refuses_disks_that_cannot_serve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
