/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ignition/ign_filesystem.h"

static json_t *json_of(const char *text)
{
	struct err err = ERR_INIT;
	json_t *j = NULL;

	assert_ok(jsonx_parse(text, strlen(text), "row", &j, &err), &err);
	return j;
}

/* What is there ("type label uuid", "-" for none; nothing: blank), what is wanted, what becomes. */
static const struct {
	const char *is[3], *want;
	enum ign_reuse reuse;
} rows[] = {
	{{0}, "{\"format\":\"ext4\"}", IGN_FORMAT},
	{{0}, "{\"format\":\"ext4\",\"label\":\"a\",\"uuid\":\"1\"}", IGN_FORMAT},
	{{0}, "{\"format\":\"none\"}", IGN_REUSE},
	{{0}, "{\"format\":\"none\",\"wipeFilesystem\":true}", IGN_FORMAT},
	{{"ext4", "a", "AA-BB"}, "{\"format\":\"ext4\"}", IGN_REUSE},
	{{"ext4", "a", "AA-BB"}, "{\"format\":\"ext4\",\"wipeFilesystem\":false}", IGN_REUSE},
	{{"ext4", "a", "AA-BB"}, "{\"format\":\"ext4\",\"label\":\"a\"}", IGN_REUSE},
	{{"ext4", "a", "AA-BB"}, "{\"format\":\"ext4\",\"label\":\"b\"}", IGN_REJECT},
	{{"ext4", "a", "AA-BB"}, "{\"format\":\"ext4\",\"label\":\"\"}", IGN_REJECT},
	{{"ext4", NULL, "AA-BB"}, "{\"format\":\"ext4\",\"label\":\"\"}", IGN_REUSE},
	{{"ext4", "a", "AA-BB"}, "{\"format\":\"ext4\",\"uuid\":\"aa-bb\"}", IGN_REUSE},
	{{"ext4", "a", "AA-BB"}, "{\"format\":\"ext4\",\"uuid\":\"aa-bc\"}", IGN_REJECT},
	{{"ext4", "a", NULL}, "{\"format\":\"ext4\",\"uuid\":\"aa-bc\"}", IGN_REJECT},
	{{"ext4", "a", "AA-BB"},
	 "{\"format\":\"ext4\",\"label\":\"a\",\"wipeFilesystem\":true}",
	 IGN_FORMAT},
	{{"ext4", "a", "AA-BB"}, "{\"format\":\"xfs\"}", IGN_REJECT},
	{{"ext4", "a", "AA-BB"}, "{\"format\":\"none\"}", IGN_REJECT},
	{{"ext3", "a", "AA-BB"}, "{\"format\":\"ext4\"}", IGN_REJECT},
	{{"gpt", NULL, "AA-BB"}, "{\"format\":\"ext4\"}", IGN_REJECT},
	{{"crypto_LUKS", NULL, "AA-BB"}, "{\"format\":\"btrfs\"}", IGN_REJECT},
	/* the dash in the volume id of vfat does not count, in other formats it does */
	{{"vfat", "ESP", "1A2B-3C4D"}, "{\"format\":\"vfat\",\"uuid\":\"1a2b3c4d\"}", IGN_REUSE},
	{{"vfat", "ESP", "1A2B-3C4D"}, "{\"format\":\"vfat\",\"uuid\":\"1A2B-3C4D\"}", IGN_REUSE},
	{{"xfs", "ESP", "1A2B-3C4D"}, "{\"format\":\"xfs\",\"uuid\":\"1a2b3c4d\"}", IGN_REJECT},
};

static void reuse_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_json_ json_t *j = json_of(rows[i].want);
		struct disk_signature s = {.type = (char *)rows[i].is[0],
					   .label = (char *)rows[i].is[1],
					   .uuid = (char *)rows[i].is[2]};
		enum ign_reuse got = ign_filesystem_judge(j, &s, s.type ? 1 : 0);

		if (got != rows[i].reuse)
			fail_msg("%s on %s: %d", rows[i].want, s.type ? s.type : "nothing",
				 (int)got);
	}
}

/* Two signatures: a file system of ours is seen behind something else's trace. */
static void any_of_several(void **state)
{
	_cleanup_json_ json_t *ext4 = json_of("{\"format\":\"ext4\"}");
	_cleanup_json_ json_t *xfs = json_of("{\"format\":\"xfs\"}");
	char zfs[] = "zfs_member", ext4_type[] = "ext4";
	char gpt[] = "gpt";
	const struct disk_signature list[] = {{.type = zfs}, {.type = ext4_type}};
	const struct disk_signature partitioned[] = {{.type = gpt}, {.type = ext4_type}};

	(void)state;
	assert_int_equal(ign_filesystem_judge(ext4, list, 2), IGN_REUSE);
	assert_int_equal(ign_filesystem_judge(ext4, partitioned, 2), IGN_REJECT);
	assert_int_equal(ign_filesystem_judge(xfs, list, 2), IGN_REJECT);
}

static const struct {
	const char *want, *command;
} commands[] = {
	{"{\"format\":\"btrfs\",\"options\":[\"-d\",\"dup\"],\"label\":\"l\",\"uuid\":\"AB\"}",
	 "mkfs.btrfs -d dup --force -U ab -L l /dev/x"},
	{"{\"format\":\"ext4\",\"options\":[\"-m\",\"0\"],\"label\":\"l\",\"uuid\":\"AB\"}",
	 "mkfs.ext4 -m 0 -F -U ab -L l /dev/x"},
	{"{\"format\":\"xfs\",\"label\":\"l\",\"uuid\":\"AB\"}",
	 "mkfs.xfs -f -m uuid=ab -L l /dev/x"},
	{"{\"format\":\"swap\",\"label\":\"l\",\"uuid\":\"AB\"}", "mkswap -f -U ab -L l /dev/x"},
	{"{\"format\":\"vfat\",\"label\":\"L\",\"uuid\":\"1A2B-3C4D\"}",
	 "mkfs.vfat -i 1a2b3c4d -n L /dev/x"},
	{"{\"format\":\"vfat\"}", "mkfs.vfat /dev/x"},
	{"{\"format\":\"ext4\",\"label\":\"\"}", "mkfs.ext4 -F -L  /dev/x"},
	{"{\"format\":\"none\"}", ""},
};

static void mkfs_commands(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		_cleanup_json_ json_t *j = json_of(commands[i].want);
		_cleanup_(ign_command_release) struct ign_command c = {0};
		_cleanup_(freep) char *text = NULL;

		ign_filesystem_command(j, "/dev/x", &c);
		text = ign_command_text(&c);
		assert_string_equal(text, commands[i].command);
	}
}

static void programs_are_looked_for(void **state)
{
	_cleanup_(ign_command_release) struct ign_command there = {0}, missing = {0};
	_cleanup_(freep) char *path = xstrdup(getenv("PATH"));
	struct err err = ERR_INIT;

	(void)state;
	ign_command_add(&there, "sh", NULL);
	ign_command_add(&missing, "mkfs.xfs", NULL);
	assert_ok(ign_command_check(&there, "$.a", &err), &err);
	assert_int_equal(setenv("PATH", "/nowhere:/nowhere-either", 1), 0);
	assert_fails(ign_command_check(&missing, "$.a", &err), &err, ERR_REFUSED,
		     "$.a: wants the program mkfs.xfs; install the package xfsprogs");
	assert_int_equal(setenv("PATH", path, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reuse_rules),
		cmocka_unit_test(any_of_several),
		cmocka_unit_test(mkfs_commands),
		cmocka_unit_test(programs_are_looked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
