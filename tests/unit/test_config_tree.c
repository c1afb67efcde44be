/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "config_tree.h"

static void keeps_what_json_says(void **state)
{
	static const char text[] = "{\"a\":[1,true,null,{\"b\":\"c\"}],\"d\":{}}";
	const struct origin at = {"f.yaml", 3, 4};
	_cleanup_(json_decrefp) json_t *j = json_loads(text, 0, NULL), *back = NULL, *copied = NULL;
	_cleanup_config_ struct config_item *item = config_item_from_json(j, at);
	_cleanup_config_ struct config_item *copy = config_item_copy(item);

	(void)state;
	back = config_item_to_json(item);
	copied = config_item_to_json(copy);
	assert_true(json_equal(j, back));
	assert_true(json_equal(j, copied));
	assert_int_equal(config_item_find(copy, "$.a[3].b")->at.line, 3);
	assert_true(config_item_is_null(config_item_find(item, "$.a[2]")));
}

static void sets_and_needs_members(void **state)
{
	const struct origin at = {"f.yaml", 1, 1}, later = {"g.yaml", 2, 2};
	_cleanup_config_ struct config_item *map = config_item_new(CONFIG_MAP, at);
	struct config_item *list;

	(void)state;
	config_item_set(map, "a", at, config_value_new(json_integer(1), at));
	config_item_set(map, "a", later, config_value_new(json_string("x"), later));
	assert_int_equal(map->n, 1);
	assert_string_equal(config_item_text(config_item_get(map, "a")), "x");
	assert_string_equal(config_item_get(map, "a")->key_at.file, "g.yaml");
	list = config_item_need(map, "b", CONFIG_LIST, at);
	assert_ptr_equal(config_item_need(map, "b", CONFIG_LIST, later), list);
	for (int i = 0; i < 9; i++)
		config_item_append(list, config_value_new(json_integer(i), at));
	assert_int_equal(json_integer_value(config_item_find(map, "$.b[8]: x")->value), 8);
	/* beyond its end: the list */
	assert_ptr_equal(config_item_find(map, "$.b[9]"), list);
	assert_null(config_item_get(list, "a"));
	assert_null(config_item_text(list));
	assert_null(config_item_text(NULL));
}

static void marks_all_below(void **state)
{
	const struct origin at = {"f.yaml", 1, 1};
	_cleanup_(json_decrefp) json_t *j = json_pack("[[s]]", "x");
	_cleanup_config_ struct config_item *item = config_item_from_json(j, at);
	_cleanup_config_ struct config_item *open = config_value_new(NULL, at);

	(void)state;
	config_item_mark(item, VIA_FILE, "files/x");
	assert_string_equal(config_item_find(item, "[0][0]")->source, "files/x");
	assert_int_equal(config_item_find(item, "[0]")->via, VIA_FILE);
	assert_true(config_item_is_open(open));
	assert_false(config_item_is_open(item));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_json_says),
		cmocka_unit_test(sets_and_needs_members),
		cmocka_unit_test(marks_all_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
