/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "plan_config.h"

static void shows_no_secret(void **state)
{
	_cleanup_(json_decrefp) json_t *config = json_loads(
		"{\"passwd\":{\"groups\":[{\"passwordHash\":\"secret1\"}],\"users\":[{"
		"\"passwordHash\":\"secret2\"},{\"passwordHash\":\"secret3\"}]},\"provision\":{}}",
		0, NULL);
	_cleanup_(json_decrefp) json_t *shown = plan_config_redacted(config), *tree = NULL;
	_cleanup_config_ struct config_item *item =
		config_item_from_json(config, (struct origin){"t.yaml", 1, 1});
	_cleanup_(freep) char *text = jsonx_canonical(shown), *before = jsonx_canonical(config);
	_cleanup_(freep) char *of_tree = NULL;

	(void)state;
	assert_null(strstr(text, "secret"));
	assert_non_null(strstr(before, "secret2"));
	plan_config_redact(item);
	tree = config_item_to_json(item);
	of_tree = jsonx_canonical(tree);
	assert_string_equal(of_tree, text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_no_secret),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
