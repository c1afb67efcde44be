/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "buf.h"
#include "ignition/ign_table.h"

#include <stdio.h>

#define ESP      "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
#define LINUX    "0FC63DAF-8483-4772-8E79-3D69D8477DE4"
#define GUID     "11111111-2222-3333-4444-55555555555"
#define NAMED(n) "\"number\":" #n

/* A disk of 100 MiB, 204800 sectors: sgdisk 1.0.9 gives the same numbers. "N:START+SIZE:LABEL" are
 * its partitions; each has the type LINUX and the GUID that ends in its number. */
struct row {
	const char *now, *partitions, *want;
};

static const struct row rows[] = {
	/* nothing there: sizes and starts that are chosen */
	{"", NAMED(1), "1 create 2048+202719"},
	{"", NAMED(1) ",\"startMiB\":0,\"sizeMiB\":0", "1 create 2048+202719"},
	{"", NAMED(1) ",\"sizeMiB\":10", "1 create 2048+20480"},
	{"", NAMED(1) ",\"startMiB\":5,\"sizeMiB\":10", "1 create 10240+20480"},
	{"", NAMED(1) ",\"sizeMiB\":10},{" NAMED(2), "1 create 2048+20480, 2 create 22528+182239"},
	{"", NAMED(2) ",\"sizeMiB\":10},{" NAMED(1), "2 create 2048+20480, 1 create 22528+182239"},
	/* a start outside of the largest block cannot have size 0 */
	{"1:40960+4096:", NAMED(2) ",\"startMiB\":10,\"sizeMiB\":0", "refused sectors 20480"},
	{"1:40960+4096:", NAMED(2) ",\"startMiB\":30,\"sizeMiB\":0",
	 "1 keep 40960+4096, 2 create 61440+143327"},
	/* the largest block is not the first */
	{"1:40960+4096:", NAMED(2) ",\"sizeMiB\":5", "1 keep 40960+4096, 2 create 45056+10240"},
	{"1:163840+4096:", NAMED(2) ",\"sizeMiB\":5", "1 keep 163840+4096, 2 create 2048+10240"},
	/* the alignment is that of the partitions which are there */
	{"1:34+100:", NAMED(2) ",\"sizeMiB\":1", "1 keep 34+100, 2 create 134+2048"},
	{"1:40+100:", NAMED(2) ",\"sizeMiB\":1", "1 keep 40+100, 2 create 144+2048"},
	/* number 0 takes the next that is free, after the others */
	{"1:2048+2048:", "\"label\":\"a\"},{" NAMED(2) ",\"sizeMiB\":1",
	 "1 keep 2048+2048, 2 create 4096+2048, 3 create 6144+198623"},
	{"1:2048+2048:a,3:4096+2048:",
	 "\"label\":\"b\",\"sizeMiB\":1},{\"label\":\"c\",\"sizeMiB\":1",
	 "1 keep 2048+2048, 3 keep 4096+2048, 2 create 6144+2048, 4 create 8192+2048"},
	/* too large, overlapping, beyond the table */
	{"", NAMED(1) ",\"sizeMiB\":100", "refused largest free block is 2048 to 204766"},
	{"", NAMED(1) ",\"sizeMiB\":9000000000000000", "refused no room"},
	{"", NAMED(1) ",\"startMiB\":200,\"sizeMiB\":1", "refused no room"},
	{"1:2048+20480:", NAMED(2) ",\"startMiB\":5,\"sizeMiB\":1", "refused no room"},
	{"1:2048+20480:", NAMED(2) ",\"startMiB\":1,\"sizeMiB\":1", "refused no room"},
	{"", NAMED(129) ",\"sizeMiB\":1", "refused holds 128"},
	/* even what the alignment leaves in front */
	{"1:2048+202719:", NAMED(2), "1 keep 2048+202719, 2 create 34+2014"},
	/* the matrix of the operator notes: not there */
	{"", NAMED(1) ",\"shouldExist\":false", ""},
	{"", NAMED(1) ",\"shouldExist\":false,\"wipePartitionEntry\":true", ""},
	{"", NAMED(1) ",\"sizeMiB\":1,\"wipePartitionEntry\":true", "1 create 2048+2048"},
	/* there, and shall not be */
	{"1:2048+2048:", NAMED(1) ",\"shouldExist\":false", "refused wipePartitionEntry"},
	{"1:2048+2048:", NAMED(1) ",\"shouldExist\":false,\"wipePartitionEntry\":true",
	 "1 delete 2048+2048"},
	/* there, and shall be: every attribute that is given is compared */
	{"1:2048+2048:a", NAMED(1), "1 keep 2048+2048"},
	{"1:2048+2048:a", NAMED(1) ",\"label\":\"a\",\"startMiB\":1,\"sizeMiB\":1",
	 "1 keep 2048+2048"},
	{"1:2048+2048:a", NAMED(1) ",\"label\":\"b\"", "refused partitions[0].label"},
	{"1:2048+2048:a", NAMED(1) ",\"label\":\"\"", "refused label"},
	{"1:2048+2048:", NAMED(1) ",\"label\":\"\"", "1 keep 2048+2048"},
	{"1:2048+2048:a", NAMED(1) ",\"label\":\"a\",\"typeGuid\":\"" ESP "\"", "refused typeGuid"},
	{"1:2048+2048:a", NAMED(1) ",\"typeGuid\":\"0fc63daf-8483-4772-8e79-3d69d8477de4\"",
	 "1 keep 2048+2048"},
	{"1:2048+2048:a", NAMED(1) ",\"typeGuid\":\"\",\"guid\":\"\"", "1 keep 2048+2048"},
	{"1:2048+2048:a", NAMED(1) ",\"guid\":\"" GUID "1\"", "1 keep 2048+2048"},
	{"1:2048+2048:a", NAMED(1) ",\"guid\":\"" GUID "2\"", "refused guid"},
	{"1:2048+2048:a", NAMED(1) ",\"startMiB\":2", "refused startMiB"},
	{"1:2048+2048:a", NAMED(1) ",\"sizeMiB\":2", "refused sizeMiB"},
	/* 0 is compared with what it would come to */
	{"1:2048+202719:a", NAMED(1) ",\"startMiB\":0,\"sizeMiB\":0", "1 keep 2048+202719"},
	{"1:2048+2048:a", NAMED(1) ",\"startMiB\":0,\"sizeMiB\":0", "refused sizeMiB"},
	{"1:4096+2048:a", NAMED(1) ",\"startMiB\":0", "refused startMiB"},
	/* where it may go */
	{"1:2048+2048:a", NAMED(1) ",\"label\":\"b\",\"wipePartitionEntry\":true",
	 "1 replace 2048+202719"},
	{"1:2048+2048:a", NAMED(1) ",\"label\":\"a\",\"wipePartitionEntry\":true",
	 "1 keep 2048+2048"},
	{"1:2048+2048:a", NAMED(1) ",\"sizeMiB\":2,\"wipePartitionEntry\":true",
	 "1 replace 2048+4096"},
	{"1:2048+2048:a,2:4096+2048:b",
	 NAMED(1) ",\"sizeMiB\":2,\"wipePartitionEntry\":true},{" NAMED(2), "refused no room"},
	/* a resize keeps the start and all the rest */
	{"1:2048+2048:a", NAMED(1) ",\"label\":\"a\",\"sizeMiB\":4,\"resize\":true",
	 "1 resize 2048+8192"},
	{"1:2048+2048:a", NAMED(1) ",\"sizeMiB\":0,\"resize\":true", "1 resize 2048+202719"},
	{"1:2048+2048:a", NAMED(1) ",\"sizeMiB\":1,\"resize\":true", "1 keep 2048+2048"},
	{"1:2048+2048:a", NAMED(1) ",\"resize\":true", "1 keep 2048+2048"},
	{"1:2048+2048:a", NAMED(1) ",\"label\":\"b\",\"sizeMiB\":4,\"resize\":true",
	 "refused label"},
	{"1:2048+2048:a,2:4096+2048:b", NAMED(1) ",\"sizeMiB\":4,\"resize\":true",
	 "refused no room"},
	/* resize and wipe: wiping has the word, as in the reference */
	{"1:2048+2048:a", NAMED(1) ",\"sizeMiB\":4,\"resize\":true,\"wipePartitionEntry\":true",
	 "1 replace 2048+8192"},
	/* what nobody names stays */
	{"1:2048+2048:a,2:4096+2048:b",
	 NAMED(1) ",\"shouldExist\":false,\"wipePartitionEntry\":true",
	 "2 keep 4096+2048, 1 delete 2048+2048"},
	/* a number that became free is taken again */
	{"1:2048+2048:a",
	 NAMED(1) ",\"shouldExist\":false,\"wipePartitionEntry\":true},"
		  "{\"label\":\"n\",\"sizeMiB\":3",
	 "1 create 2048+6144"},
};

static struct ign_table table_of(const char *text)
{
	_cleanup_(freep) char *copy = xstrdup(text);
	char *rest = copy, *word;
	struct ign_table t;

	ign_table_init(&t, 512, 204800);
	while ((word = strsep(&rest, ",")) && *word) {
		struct ign_entry *e = ARRAY_APPEND(t.e, t.n);
		unsigned long start, size;
		int at = 0;

		assert_int_equal(sscanf(word, "%u:%lu+%lu:%n", &e->number, &start, &size, &at), 3);
		e->start = start;
		e->size = size;
		e->label = xstrdup(word + at);
		e->type = xstrdup(LINUX);
		e->guid = xasprintf(GUID "%u", e->number);
	}
	return t;
}

static char *text_of(const struct ign_table *t)
{
	static const char *const actions[IGN_ACTION_MAX] = {"keep", "create", "replace", "resize",
							    "delete"};
	struct buf b;

	buf_init(&b, 4096);
	for (size_t i = 0; i < t->n; i++)
		buf_addf(&b, "%s%u %s %llu+%llu", i ? ", " : "", t->e[i].number,
			 actions[t->e[i].action], (unsigned long long)t->e[i].start,
			 (unsigned long long)t->e[i].size);
	return buf_take(&b);
}

static void check_row(const struct row *r)
{
	_cleanup_(freep) char *text = xasprintf("{\"partitions\":[{%s}]}", r->partitions),
			      *got = NULL;
	_cleanup_(ign_table_release) struct ign_table now = table_of(r->now), after = {0};
	_cleanup_json_ json_t *disk = NULL;
	struct err err = ERR_INIT;
	bool changes = false;

	assert_ok(jsonx_parse(text, strlen(text), "row", &disk, &err), &err);
	if (ign_table_plan(&now, disk, "$.storage.disks[0]", &after, &err) < 0) {
		if (!startswith(r->want, "refused ") || err.kind != ERR_REFUSED ||
		    !startswith(err_text(&err), "$.storage.disks[0].partitions[") ||
		    !strstr(err_text(&err), r->want + strlen("refused ")))
			fail_msg("%s | %s: %s", r->now, r->partitions, err_text(&err));
		err_release(&err);
		return;
	}
	got = text_of(&after);
	if (!streq(got, r->want))
		fail_msg("%s | %s: %s, not %s", r->now, r->partitions, got, r->want);
	for (size_t i = 0; i < after.n; i++)
		changes = changes || after.e[i].action != IGN_KEEP;
	assert_int_equal(ign_table_changes(&after), changes);
}

static void reuse_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		check_row(&rows[i]);
}

static void sectors_of_4096_bytes(void **state)
{
	static const char text[] =
		"{\"partitions\":[{\"number\":1,\"sizeMiB\":10},{\"number\":2}]}";
	_cleanup_(ign_table_release) struct ign_table now, after = {0};
	_cleanup_json_ json_t *disk = NULL;
	_cleanup_(freep) char *got = NULL;
	struct err err = ERR_INIT;

	(void)state;
	ign_table_init(&now, 4096, 25600);
	assert_int_equal(now.first, 6);
	assert_int_equal(now.last, 25594);
	assert_ok(jsonx_parse(text, strlen(text), "row", &disk, &err), &err);
	assert_ok(ign_table_plan(&now, disk, "$", &after, &err), &err);
	got = text_of(&after);
	assert_string_equal(got, "1 create 256+2560, 2 create 2816+22779");
}

/* What is made has the attributes that were asked for, what is resized keeps its own. */
static void attributes(void **state)
{
	static const char text[] =
		"{\"partitions\":[{\"number\":1,\"sizeMiB\":3,\"resize\":true},"
		"{\"number\":2,\"sizeMiB\":3,\"label\":\"new\",\"guid\":\"" GUID "9\","
		"\"typeGuid\":\"" ESP "\"}]}";
	_cleanup_(ign_table_release) struct ign_table now = table_of("1:2048+2048:old"),
						      after = {0};
	_cleanup_json_ json_t *disk = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(jsonx_parse(text, strlen(text), "row", &disk, &err), &err);
	assert_ok(ign_table_plan(&now, disk, "$", &after, &err), &err);
	assert_string_equal(ign_table_find(&after, 1)->label, "old");
	assert_string_equal(ign_table_find(&after, 1)->guid, GUID "1");
	assert_string_equal(ign_table_find(&after, 1)->type, LINUX);
	assert_string_equal(ign_table_find(&after, 2)->label, "new");
	assert_string_equal(ign_table_find(&after, 2)->guid, GUID "9");
	assert_string_equal(ign_table_find(&after, 2)->type, ESP);
	assert_null(ign_table_find(&after, 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reuse_rules),
		cmocka_unit_test(sectors_of_4096_bytes),
		cmocka_unit_test(attributes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
