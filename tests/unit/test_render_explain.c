/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "render/render_explain.h"

static const struct origin at = {"templates/base.yaml", 5, 9};

static struct config_item *value(json_t *j, enum config_via via, const char *source)
{
	struct config_item *item = config_value_new(j, at);

	item->via = via;
	item->source = xstrdup(source);
	return item;
}

static struct config_item *make_config(void)
{
	struct config_item *root = config_item_new(CONFIG_MAP, at);
	struct config_item *list = config_item_new(CONFIG_LIST, at);

	config_item_append(list, value(json_string("x"), VIA_TEXT, NULL));
	config_item_append(list, value(json_string("y"), VIA_REFERENCE, "version, nothing"));
	config_item_append(list, value(json_integer(420), VIA_FILE, "files/a"));
	config_item_set(root, "list", at, list);
	config_item_set(root, "made", at, value(json_true(), VIA_DEFAULT, NULL));
	config_item_set(root, "none", at, config_item_new(CONFIG_LIST, at));
	return root;
}

static void explains_every_value(void **state)
{
	_cleanup_(value_sources_release) struct value_sources s = {0};
	_cleanup_config_ struct config_item *config = make_config();
	_cleanup_(freep) char *text = NULL, *canonical = NULL;
	_cleanup_(json_decrefp) json_t *j = NULL;

	(void)state;
	assert_int_equal(value_sources_parse("cluster: {version: 1.2.3}", "", "nodes/a.yaml", &s),
			 0);
	text = render_explain(config, &s);
	assert_string_equal(text,
			    "templates/base.yaml:5:9: $.list[0] = \"x\"\n"
			    "templates/base.yaml:5:9: $.list[1] = \"y\"  ({{ version, nothing }}: "
			    "cluster.yaml:1:20)\n"
			    "templates/base.yaml:5:9: $.list[2] = 420  (files/a)\n"
			    "templates/base.yaml:5:9: $.made = true  (default)\n"
			    "templates/base.yaml:5:9: $.none = []\n");
	j = render_explain_json(config, &s);
	assert_int_equal(json_array_size(j), 5);
	canonical = jsonx_canonical(json_array_get(j, 1));
	assert_string_equal(
		canonical,
		"{\"column\":9,\"file\":\"templates/base.yaml\",\"line\":5,\"path\":\"$."
		"list[1]\",\"reference\":\"version, nothing\",\"source\":\"cluster.yaml:1:"
		"20\",\"value\":\"y\"}");
}

static void cuts_long_values_between_characters(void **state)
{
	_cleanup_(value_sources_release) struct value_sources s = {0};
	_cleanup_config_ struct config_item *config = config_item_new(CONFIG_MAP, at);
	_cleanup_(freep) char *text = NULL;
	char lang[201] = "";

	(void)state;
	for (size_t i = 0; i < 100; i++)
		memcpy(lang + 2 * i, "\xc3\xbc", 2);
	config_item_set(config, "a", at, value(json_string(lang), VIA_TEXT, NULL));
	text = render_explain(config, &s);
	assert_non_null(strstr(text, "\xc3\xbc... 103 more bytes\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(explains_every_value),
		cmocka_unit_test(cuts_long_values_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
