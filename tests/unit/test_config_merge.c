/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "config_merge.h"

static const struct origin first = {"base.yaml", 1, 1}, second = {"over.yaml", 2, 2};

static struct config_item *read_tree(const char *text, struct origin at)
{
	json_error_t e;
	json_t *j = json_loads(text, JSON_ALLOW_NUL, &e);
	struct config_item *item;

	if (!j)
		fail_msg("%s: %s", text, e.text);
	item = config_item_from_json(j, at);
	json_decref(j);
	return item;
}

static void merges_by_the_rules(void **state)
{
	static const struct {
		const char *base, *over, *wanted;
	} rows[] = {
		{"{\"a\":1,\"b\":2}", "{\"b\":3,\"c\":4}", "{\"a\":1,\"b\":3,\"c\":4}"},
		/* by path or name, where elements have one */
		{"{\"files\":[{\"path\":\"/a\",\"mode\":1},{\"path\":\"/b\"}]}",
		 "{\"files\":[{\"path\":\"/a\",\"mode\":2},{\"path\":\"/c\"}]}",
		 "{\"files\":[{\"mode\":2,\"path\":\"/a\"},{\"path\":\"/b\"},{\"path\":\"/c\"}]}"},
		{"{\"units\":[{\"name\":\"a.service\",\"dropins\":[{\"name\":\"x.conf\","
		 "\"contents\":\"1\"}]}]}",
		 "{\"units\":[{\"name\":\"a.service\",\"enabled\":true,\"dropins\":[{\"name\":"
		 "\"x.conf\",\"contents\":\"2\"}]}]}",
		 "{\"units\":[{\"dropins\":[{\"contents\":\"2\",\"name\":\"x.conf\"}],\"enabled\":"
		 "true,\"name\":\"a.service\"}]}"},
		/* a user's groups are words, passwd's are maps */
		{"{\"groups\":[\"adm\"]}", "{\"groups\":[\"adm\",\"sudo\"]}",
		 "{\"groups\":[\"adm\",\"sudo\"]}"},
		{"{\"groups\":[{\"name\":\"g\"}]}", "{\"groups\":[{\"name\":\"g\",\"gid\":5}]}",
		 "{\"groups\":[{\"gid\":5,\"name\":\"g\"}]}"},
		/* two trees may go to one place */
		{"{\"trees\":[{\"local\":\"a\",\"path\":\"/\"}]}",
		 "{\"trees\":[{\"local\":\"b\",\"path\":\"/\"}]}",
		 "{\"trees\":[{\"local\":\"a\",\"path\":\"/\"},{\"local\":\"b\",\"path\":\"/\"}]}"},
		/* the kind changes: replaced */
		{"{\"a\":[1]}", "{\"a\":{\"b\":1}}", "{\"a\":{\"b\":1}}"},
		/* a null takes away */
		{"{\"a\":[1],\"b\":1}", "{\"a\":null}", "{\"b\":1}"},
		/* contents have one origin */
		{"{\"contents\":{\"source\":\"http://x\",\"verification\":{\"hash\":\"h\"}}}",
		 "{\"contents\":{\"inline\":\"x\"}}", "{\"contents\":{\"inline\":\"x\"}}"},
		{"{\"contents\":{\"source\":\"http://x\"}}",
		 "{\"contents\":{\"compression\":\"gzip\"}}",
		 "{\"contents\":{\"compression\":\"gzip\",\"source\":\"http://x\"}}"},
		{"{\"contents_local\":\"x\"}", "{\"contents\":\"[Unit]\"}",
		 "{\"contents\":\"[Unit]\"}"},
		{"{\"contents\":\"[Unit]\"}", "{\"contents_local\":\"x\"}",
		 "{\"contents_local\":\"x\"}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_config_ struct config_item *base = read_tree(rows[i].base, first);
		_cleanup_(json_decrefp) json_t *j = NULL;
		_cleanup_(freep) char *text = NULL;

		config_merge(base, read_tree(rows[i].over, second));
		j = config_item_to_json(base);
		text = jsonx_canonical(j);
		assert_string_equal(text, rows[i].wanted);
	}
}

static void keeps_the_places(void **state)
{
	_cleanup_config_ struct config_item *base = read_tree(
		"{\"files\":[{\"path\":\"/a\",\"mode\":1,\"user\":{\"name\":\"x\"}}]}", first);

	(void)state;
	config_merge(base, read_tree("{\"files\":[{\"path\":\"/a\",\"mode\":2},{\"path\":\"/b\"}]}",
				     second));
	assert_string_equal(config_item_find(base, "$.files[0].mode")->at.file, "over.yaml");
	assert_string_equal(config_item_find(base, "$.files[0].user.name")->at.file, "base.yaml");
	assert_string_equal(config_item_find(base, "$.files[1].path")->at.file, "over.yaml");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merges_by_the_rules),
		cmocka_unit_test(keeps_the_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
