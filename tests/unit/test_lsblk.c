/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "limits.h"
#include "lsblk.h"

/* As util-linux 2.38 prints it, in an array. */
static const char one_disk[] =
	"[{\"blockdevices\":[{\"name\":\"sda\",\"type\":\"disk\",\"size\":500107862016,"
	"\"serial\":\" WD-1 \",\"wwn\":\"0x5000ABCD\",\"model\":\"WDC WD5000\",\"tran\":\"sata\","
	"\"rota\":true,\"rm\":false,\"ro\":false,\"log-sec\":512,\"partuuid\":null,"
	"\"parttype\":null,\"partlabel\":null,\"start\":null,\"children\":[{\"name\":\"sda12\","
	"\"type\":\"part\",\"size\":1048576,\"partuuid\":\"ABCD-12\",\"parttype\":\"0FC63DAF\","
	"\"partlabel\":\"data\",\"start\":2048}]}]}]";
static const char its_signatures[] =
	"{\"sda\":{\"signatures\":[{\"device\":\"sda\",\"offset\":\"0x200\",\"type\":\"gpt\","
	"\"uuid\":null,\"label\":null}]},"
	"\"sda12\":{\"signatures\":[{\"device\":\"sda12\",\"offset\":\"0x10040\","
	"\"type\":\"btrfs\",\"uuid\":\"3E7B488D\",\"label\":\"tank\"}]}}";

static int read_report(const char *lsblk, const char *wipefs, struct disk_list *ret,
		       struct err *err)
{
	_cleanup_json_ json_t *l = NULL, *w = NULL;

	if (jsonx_parse(lsblk, strlen(lsblk), "lsblk", &l, err) < 0 ||
	    jsonx_parse(wipefs, strlen(wipefs), "wipefs", &w, err) < 0)
		fail_msg("%s", err_text(err));
	return lsblk_read(l, w, ret, err);
}

static void assert_refused(const char *lsblk, const char *wipefs, const char *text)
{
	struct disk_list l = {0};
	struct err err = ERR_INIT;

	assert_fails(read_report(lsblk, wipefs, &l, &err), &err, ERR_PROTOCOL, text);
	assert_int_equal(l.n, 0);
}

static void a_disk_is_what_the_tools_say(void **state)
{
	_cleanup_(disk_list_release) struct disk_list l = {0};
	struct err err = ERR_INIT;
	const struct disk *d;

	(void)state;
	assert_ok(read_report(one_disk, its_signatures, &l, &err), &err);
	assert_int_equal(l.n, 1);
	d = &l.d[0];
	assert_string_equal(d->serial, "WD-1");
	assert_string_equal(d->wwn, "0x5000abcd");
	assert_int_equal(d->transport, TRANSPORT_SATA);
	assert_true(d->rotational && !d->removable && !d->read_only && !d->unreadable);
	assert_int_equal(d->size, 500107862016);
	assert_int_equal(d->n_signatures, 1);
	assert_int_equal(d->n_partitions, 1);
	assert_int_equal(d->partitions[0].number, 12);
	assert_int_equal(d->partitions[0].start, 1048576);
	assert_string_equal(d->partitions[0].uuid, "abcd-12");
	assert_string_equal(d->partitions[0].signatures[0].uuid, "3e7b488d");
	assert_int_equal(d->partitions[0].signatures[0].offset, 0x10040);
	assert_false(disk_is_blank(d));
}

static void numbers_of_older_versions_are_texts(void **state)
{
	_cleanup_(disk_list_release) struct disk_list l = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(
		read_report(
			"[{\"blockdevices\":[{\"name\":\"vdb\",\"type\":\"disk\",\"size\":\"1000\","
			"\"rota\":\"1\",\"rm\":\"0\",\"ro\":1,\"log-sec\":\"4096\"}]}]",
			"{\"vdb\":{\"signatures\":[]}}", &l, &err),
		&err);
	assert_int_equal(l.d[0].size, 1000);
	assert_int_equal(l.d[0].sector, 4096);
	assert_true(l.d[0].rotational && !l.d[0].removable && l.d[0].read_only);
	assert_int_equal(l.d[0].transport, TRANSPORT_VIRTIO);
	assert_true(disk_is_blank(&l.d[0]));
}

static void what_is_not_known_to_be_blank_is_not(void **state)
{
	static const char blank[] = "[{\"blockdevices\":[{\"name\":\"sdb\",\"type\":\"disk\","
				    "\"size\":1000,\"log-sec\":512%s}]}]";
	static const char *const children[] = {
		"", "", "",
		/* an array's member, and a partition that wipefs could not read */
		",\"children\":[{\"name\":\"md0\",\"type\":\"raid1\",\"size\":1}]",
		",\"children\":[{\"name\":\"sdb1\",\"type\":\"part\",\"size\":1,\"start\":1}]"};
	static const char *const said[] = {"{}", "{\"sdb\":null}", "{\"sdb\":{\"signatures\":1}}",
					   "{\"sdb\":{\"signatures\":[]}}",
					   "{\"sdb\":{\"signatures\":[]}}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(said); i++) {
		_cleanup_(disk_list_release) struct disk_list l = {0};
		char text[256];
		struct err err = ERR_INIT;

		snprintf(text, sizeof(text), blank, children[i]);
		assert_ok(read_report(text, said[i], &l, &err), &err);
		assert_non_null(l.d[0].unreadable);
		assert_false(disk_is_blank(&l.d[0]));
	}
}

static void what_is_no_disk_is_left_out_and_odd_texts_too(void **state)
{
	_cleanup_(disk_list_release) struct disk_list l = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(read_report("[{\"blockdevices\":[{\"name\":\"sr0\",\"type\":\"rom\"},"
			      "{\"name\":\"sdc\",\"type\":\"disk\",\"size\":1,\"log-sec\":512,"
			      "\"serial\":\"a\\tb\",\"model\":7}]}]",
			      "{\"sdc\":{\"signatures\":[]}}", &l, &err),
		  &err);
	assert_int_equal(l.n, 1);
	assert_null(l.d[0].serial);
	assert_null(l.d[0].model);
}

static void what_is_wrong_is_named_by_its_path(void **state)
{
	(void)state;
	assert_refused("{}", "{}", "$.lsblk");
	assert_refused("[]", "[]", "$.wipefs");
	assert_refused("[{}]", "{}", "$.lsblk[0].blockdevices");
	assert_refused("[{\"blockdevices\":[{\"type\":\"disk\",\"name\":\"../sda\"}]}]", "{}",
		       "$.lsblk[0].blockdevices[0].name");
	assert_refused("[{\"blockdevices\":[{\"type\":\"disk\",\"name\":\"sda\",\"size\":-1}]}]",
		       "{}", "size is no number");
	assert_refused(one_disk, "{\"sda\":{\"signatures\":[{\"offset\":\"0x1\"}]}}",
		       "$.wipefs.sda.signatures[0].type");
	assert_refused(one_disk,
		       "{\"sda\":{\"signatures\":[{\"type\":\"gpt\",\"offset\":\"0xg\"}]}}",
		       "signatures[0].offset");
	assert_refused("[{\"blockdevices\":[{\"type\":\"disk\",\"name\":\"sda\",\"size\":1,"
		       "\"log-sec\":512},{\"type\":\"disk\",\"name\":\"sda\",\"size\":1,"
		       "\"log-sec\":512}]}]",
		       "{}", "is another's");
	/* or one long list of signatures would be copied for each */
	assert_refused(
		"[{\"blockdevices\":[{\"type\":\"disk\",\"name\":\"sda\",\"size\":1,"
		"\"log-sec\":512,\"children\":[{\"type\":\"part\",\"name\":\"p\",\"size\":1},"
		"{\"type\":\"part\",\"name\":\"p\",\"size\":1}]}]}]",
		"{}", "children[1].name is another's");
}

static void it_has_an_end(void **state)
{
	_cleanup_json_ json_t *lsblk = json_array(), *wipefs = json_object();
	struct disk_list l = {0};
	struct err err = ERR_INIT;

	(void)state;
	for (int i = 0; i <= LIMIT_DISKS; i++)
		json_array_append_new(lsblk, json_object());
	assert_fails(lsblk_read(lsblk, wipefs, &l, &err), &err, ERR_PROTOCOL, "at most 128");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_disk_is_what_the_tools_say),
		cmocka_unit_test(numbers_of_older_versions_are_texts),
		cmocka_unit_test(what_is_not_known_to_be_blank_is_not),
		cmocka_unit_test(what_is_no_disk_is_left_out_and_odd_texts_too),
		cmocka_unit_test(what_is_wrong_is_named_by_its_path),
		cmocka_unit_test(it_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
