/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "disk_match.h"
#include "limits.h"

static struct disk machine[] = {
	{.serial = (char *)"S1",
	 .model = (char *)"Samsung 980",
	 .size = 500000000000,
	 .transport = TRANSPORT_NVME},
	{.serial = (char *)"D1",
	 .model = (char *)"WDC WD40",
	 .size = 4000000000000,
	 .transport = TRANSPORT_SATA,
	 .rotational = true},
	{.serial = (char *)"D2",
	 .model = (char *)"WDC WD40",
	 .size = 4000000000000,
	 .transport = TRANSPORT_SATA,
	 .rotational = true},
	{.serial = (char *)"U1",
	 .size = 32000000000,
	 .transport = TRANSPORT_USB,
	 .removable = true},
	{.model = (char *)"nameless", .size = 8000000000, .transport = TRANSPORT_MMC},
};

static const struct disk_list list = {machine, ARRAY_SIZE(machine)};

/* Words of add-node, one a rule, up to NULL; the owners as digits, '-' for none. */
static int match(const char *const *words, const struct disk_list *l, char *ret, struct err *err)
{
	struct disk_spec specs[8] = {0};
	int owner[16];
	size_t n = 0;
	int r;

	for (; words[n]; n++)
		assert_ok(disk_spec_parse(words[n], &specs[n], err), err);
	r = disk_match(specs, n, l, owner, err);
	for (size_t i = 0; r == 0 && i < l->n; i++)
		ret[i] = owner[i] < 0 ? '-' : (char)('0' + owner[i]);
	ret[l->n] = '\0';
	for (size_t i = 0; i < n; i++)
		disk_spec_release(&specs[i]);
	return r;
}

static void chooses(void **state)
{
	static const struct {
		const char *words[4], *owners;
	} rows[] = {
		{{"serial=S1"}, "0----"},
		{{"transport=nvme", "rotational=true,count=2"}, "011--"},
		{{"size>=1T,count=all"}, "-00--"},
		/* an identity chooses before the rule that stands first */
		{{"rotational=true", "serial=D1"}, "-10--"},
		{{"model=WDC*,count=2"}, "-00--"},
		/* a stick only when it is asked for */
		{{"transport=usb"}, "---0-"},
		{{"serial=U1"}, "---0-"},
	};
	struct err err = ERR_INIT;
	char got[17];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_ok(match(rows[i].words, &list, got, &err), &err);
		assert_string_equal(got, rows[i].owners);
	}
}

static void refuses(void **state)
{
	static const struct {
		const char *words[4], *why;
	} rows[] = {
		{{"count=1"}, "4 match: name the serial"},
		{{"serial=S2"}, "no disk is serial=S2; this machine has S1 Samsung 980, 500.0 GB"},
		{{"rotational=true,count=3"}, "wants 3 disks and finds 2"},
		{{"rotational=true"}, "wants 1 disk and 2 match"},
		{{"serial=D1", "model=WDC*,count=2"}, "wants 2 disks and finds 1"},
		{{"serial=D1", "serial=D1"}, "are the same disk"},
		{{"transport=mmc"}, "neither serial nor WWN"},
		{{"serial=S1,size>=1T"}, "no disk is serial=S1"},
	};
	static const struct disk_list empty = {NULL, 0};
	struct err err = ERR_INIT;
	char got[17];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_fails(match(rows[i].words, &list, got, &err), &err, ERR_REFUSED,
			     rows[i].why);
	assert_fails(match((const char *const[]){"count=1", NULL}, &empty, got, &err), &err,
		     ERR_REFUSED, "no disks at all");
}

static void lists_a_handful_of_many(void **state)
{
	struct disk many[LIMIT_DISKS];
	struct disk_list l = {many, LIMIT_DISKS};
	struct err err = ERR_INIT;
	char got[LIMIT_DISKS + 1];

	(void)state;
	for (size_t i = 0; i < LIMIT_DISKS; i++)
		many[i] = machine[1];
	assert_fails(match((const char *const[]){"serial=none", NULL}, &l, got, &err), &err,
		     ERR_REFUSED, "; and 120 more");
}

static void refuses_what_no_plan_can_name(void **state)
{
	struct disk twins[] = {machine[1], machine[2]};
	struct disk_list l = {twins, 2};
	struct err err = ERR_INIT;
	char got[17];

	(void)state;
	twins[1].serial = twins[0].serial;
	assert_fails(match((const char *const[]){"all", NULL}, &l, got, &err), &err, ERR_REFUSED,
		     "the same serial as another");
	assert_fails(match((const char *const[]){"serial=D1", NULL}, &l, got, &err), &err,
		     ERR_REFUSED, "2 disks are serial=D1");
	twins[1] = machine[2];
	twins[1].read_only = true;
	assert_fails(match((const char *const[]){"all", NULL}, &l, got, &err), &err, ERR_REFUSED,
		     "read-only");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chooses),
		cmocka_unit_test(refuses),
		cmocka_unit_test(lists_a_handful_of_many),
		cmocka_unit_test(refuses_what_no_plan_can_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
