/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "disk.h"
#include "limits.h"
#include "sha256.h"

static int read_disks(const char *text, struct disk_list *ret, struct err *err)
{
	_cleanup_json_ json_t *j = NULL;

	if (jsonx_parse(text, strlen(text), "the report", &j, err) < 0)
		return -1;
	return disk_list_from_json(j, "$.disks", ret, err);
}

#define TANK                                                                                       \
	"[{\"name\":\"sda\",\"serial\":\"WD-1\",\"model\":\"WDC WD40\",\"size\":4000787030016,"    \
	"\"rotational\":true,\"transport\":\"sata\",\"signatures\":[{\"type\":\"gpt\"}],"          \
	"\"partitions\":[{\"number\":1,\"start\":1048576,\"size\":1000000,\"uuid\":\"u\","         \
	"\"signatures\":[{\"type\":\"btrfs\",\"uuid\":\"f\",\"label\":\"tank\"}]}]}]"

static void specs_go_through_text(void **state)
{
	static const char *const same[] = {
		"serial=WD-1",
		"wwn=0x5000c500",
		"byId=ata-WDC_1",
		"all",
		"count=1",
		"count=3",
		"model=WDC*,transport=sata,count=all",
		"transport=nvme,rotational=false,size>=500G,size<=2T,count=2",
	};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		struct disk_spec s, t;
		json_t *j;
		char *text;

		assert_ok(disk_spec_parse(same[i], &s, &err), &err);
		text = disk_spec_format(&s);
		assert_string_equal(text, same[i]);
		free(text);
		j = disk_spec_to_json(&s);
		assert_ok(disk_spec_from_json(j, "$", &t, &err), &err);
		text = disk_spec_format(&t);
		assert_string_equal(text, same[i]);
		free(text);
		json_decref(j);
		disk_spec_release(&s);
		disk_spec_release(&t);
	}
}

static void refuses_wrong_specs(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {{"WD-1", "serial=WD-1"},
		    {"serail=1", "did you mean serial?"},
		    {"transport=sta", "did you mean sata?"},
		    {"/dev/sda", "lsblk -dno NAME,SERIAL"},
		    {"/dev/disk/by-id/ata-WDC_1", "byId=ata-WDC_1"},
		    {"serial=/dev/nvme0n1", "may be another disk"},
		    {"size=1T", "minSize or maxSize?"},
		    {"device=sda", "did you mean serial?"},
		    {"size>=5X", "no size"},
		    {"serial=", "no value"},
		    {"serial=A,serial=B", "serial= is said twice of one disk"},
		    {"size>=1T,size>=2T", "size>= is said twice"},
		    {"minSize=1T,size>=2T", "size>= is said twice"},
		    {"size>500G", "write it like size>=500G"},
		    {"model=*SSD", "only at the end"},
		    {"name=sda", "no property of a disk: serial, wwn"},
		    {"count=0", "at least 1"},
		    {"rotational=maybe", "true or false"},
		    {"", "is no disk"}};
	struct err err = ERR_INIT;
	struct disk_spec s;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_fails(disk_spec_parse(rows[i].text, &s, &err), &err, ERR_USAGE, rows[i].why);
}

static void tells_what_a_disk_holds(void **state)
{
	struct disk_list l = {0};
	struct err err = ERR_INIT;
	char *text;

	(void)state;
	assert_ok(read_disks(TANK, &l, &err), &err);
	if (!l.d)
		BUG("a list without disks");
	assert_false(disk_is_blank(&l.d[0]));
	text = disk_describe(&l.d[0]);
	assert_string_equal(text,
			    "WD-1 WDC WD40, 4.0 TB, sata, rotational, holds btrfs \"tank\", gpt");
	free(text);
	disk_list_release(&l);
	assert_ok(read_disks(
			  "[{\"serial\":\"\",\"wwn\":\"0x1\",\"size\":1000,\"transport\":\"nvme\"},"
			  "{\"serial\":\"B\\u001b\",\"size\":1000,\"transport\":\"usb\","
			  "\"unreadable\":\"I/O error\"}]",
			  &l, &err),
		  &err);
	if (!l.d)
		BUG("a list without disks");
	assert_true(disk_is_blank(&l.d[0]));
	assert_string_equal(disk_id(&l.d[0]), "0x1");
	assert_false(disk_is_blank(&l.d[1]));
	text = disk_describe(&l.d[1]);
	assert_non_null(strstr(text, "B\\x1b"));
	assert_non_null(strstr(text, "cannot be read"));
	free(text);
	disk_list_release(&l);
}

static void fingerprints_the_content_only(void **state)
{
	struct disk_list a = {0}, b = {0};
	struct sha256 fa, fb;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(read_disks(TANK, &a, &err), &err);
	assert_ok(read_disks(TANK, &b, &err), &err);
	if (!a.d || !b.d)
		BUG("a list without disks");
	memcpy(b.d[0].name, "sdb", 3); /* the kernel counted differently */
	disk_fingerprint(&a.d[0], &fa);
	disk_fingerprint(&b.d[0], &fb);
	assert_true(sha256_equal(&fa, &fb));
	b.d[0].partitions[0].signatures[0].uuid[0] = 'g';
	disk_fingerprint(&b.d[0], &fb);
	assert_false(sha256_equal(&fa, &fb));
	disk_list_release(&a);
	disk_list_release(&b);
}

static void bounds_the_report(void **state)
{
	struct err err = ERR_INIT;
	struct disk_list l = {0};
	json_t *list = json_array();

	(void)state;
	assert_fails(read_disks("[{\"size\":1,\"transport\":\"ide\"}]", &l, &err), &err,
		     ERR_PROTOCOL, "$.disks[0].transport");
	assert_fails(
		read_disks("[{\"size\":1,\"transport\":\"sata\",\"partitions\":[{}]}]", &l, &err),
		&err, ERR_PROTOCOL, "$.disks[0].partitions[0].number is missing");
	for (int i = 0; i <= LIMIT_DISKS; i++)
		json_array_append_new(list, json_object());
	assert_fails(disk_list_from_json(list, "$", &l, &err), &err, ERR_PROTOCOL, "more than");
	json_decref(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(specs_go_through_text),
		cmocka_unit_test(refuses_wrong_specs),
		cmocka_unit_test(tells_what_a_disk_holds),
		cmocka_unit_test(fingerprints_the_content_only),
		cmocka_unit_test(bounds_the_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
