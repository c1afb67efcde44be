/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "layout.h"
#include "limits.h"

#define MIB (1024ULL * 1024)

static const struct sha256 id = {{1, 2, 3}};

static void system_disk(void **state)
{
	struct err err = ERR_INIT;
	struct layout l;

	(void)state;
	assert_ok(layout_build(&id, "system", "S1", 10000 * MIB, &l, &err), &err);
	assert_int_equal(l.n, 3);
	assert_int_equal(l.p[0].start, 1 * MIB);
	assert_int_equal(l.p[0].size, 1 * MIB);
	assert_int_equal(l.p[1].start, 2 * MIB);
	assert_int_equal(l.p[1].size, 512 * MIB);
	assert_int_equal(l.p[2].start, 514 * MIB);
	/* the last MiB is the backup table's */
	assert_int_equal(l.p[2].start + l.p[2].size, 9999 * MIB);
	assert_int_equal(layout_member_number("system"), l.p[2].number);
	layout_release(&l);
}

static void data_disk_of_odd_size(void **state)
{
	struct err err = ERR_INIT;
	struct layout l;

	(void)state;
	assert_ok(layout_build(&id, "a-name-that-is-longer-than-gpt-takes-it", "S1",
			       500107862016ULL, &l, &err),
		  &err);
	assert_int_equal(l.n, 1);
	assert_int_equal(l.p[0].start, MIB);
	assert_int_equal(l.p[0].size % MIB, 0);
	assert_true(l.p[0].start + l.p[0].size <= 500107862016ULL - 33 * 512);
	assert_int_equal(strlen(l.p[0].name), 36);
	assert_int_equal(layout_member_number("tank"), 1);
	layout_release(&l);
}

static void guids_are_the_plans(void **state)
{
	const struct sha256 other = {{9}};
	struct err err = ERR_INIT;
	struct layout a, b, c;

	(void)state;
	assert_ok(layout_build(&id, "tank", "S1", 1000 * MIB, &a, &err), &err);
	assert_ok(layout_build(&id, "tank", "S2", 1000 * MIB, &b, &err), &err);
	assert_ok(layout_build(&other, "tank", "S1", 1000 * MIB, &c, &err), &err);
	assert_string_not_equal(a.disk_uuid, b.disk_uuid);
	assert_string_not_equal(a.disk_uuid, c.disk_uuid);
	assert_string_not_equal(a.disk_uuid, a.p[0].uuid);
	layout_release(&a);
	layout_release(&b);
	layout_release(&c);
}

static void too_small(void **state)
{
	struct err err = ERR_INIT;
	struct layout l;

	(void)state;
	assert_fails(layout_build(&id, "system", "S1", 770 * MIB, &l, &err), &err, ERR_REFUSED,
		     "disk S1: has");
	assert_fails(layout_build(&id, "tank", "S1", 0, &l, &err), &err, ERR_REFUSED, "pool tank");
	/* what the provisioner lets pass fits */
	assert_int_equal(layout_build(&id, "tank", "S1", LIMIT_DATA_DISK, &l, &err), 0);
	layout_release(&l);
}

/* A disk as it would be read with the layout on it. */
static void fill(const struct layout *l, struct disk_signature *gpt, struct disk_partition *p,
		 struct disk *ret)
{
	*gpt = (struct disk_signature){(char *)"gpt", (char *)l->disk_uuid, NULL, 512};
	for (size_t i = 0; i < l->n; i++)
		p[i] = (struct disk_partition){.number = l->p[i].number,
					       .start = l->p[i].start,
					       .size = l->p[i].size,
					       .uuid = (char *)l->p[i].uuid,
					       .type = (char *)l->p[i].type};
	*ret = (struct disk){
		.signatures = gpt, .n_signatures = 1, .partitions = p, .n_partitions = l->n};
}

static void recognised_only_when_all_fits(void **state)
{
	struct disk_signature gpt;
	struct disk_partition p[LAYOUT_PARTITIONS];
	struct err err = ERR_INIT;
	struct layout l;
	struct disk d;

	(void)state;
	assert_ok(layout_build(&id, "system", "S1", 10000 * MIB, &l, &err), &err);
	fill(&l, &gpt, p, &d);
	assert_true(layout_is_on(&l, &d));
	p[1].size -= MIB;
	assert_false(layout_is_on(&l, &d));
	fill(&l, &gpt, p, &d);
	p[2].uuid = p[1].uuid;
	assert_false(layout_is_on(&l, &d));
	fill(&l, &gpt, p, &d);
	d.n_partitions = 2;
	assert_false(layout_is_on(&l, &d));
	fill(&l, &gpt, p, &d);
	gpt.uuid = p[0].uuid;
	assert_false(layout_is_on(&l, &d));
	fill(&l, &gpt, p, &d);
	p[0].uuid = NULL;
	assert_false(layout_is_on(&l, &d));
	layout_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(system_disk),
		cmocka_unit_test(data_disk_of_odd_size),
		cmocka_unit_test(guids_are_the_plans),
		cmocka_unit_test(too_small),
		cmocka_unit_test(recognised_only_when_all_fits),
	};

	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
