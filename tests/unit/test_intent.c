/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "intent.h"

static void names_go_both_ways(void **state)
{
	(void)state;
	for (int i = 0; i < INTENT_STATE_MAX; i++)
		assert_int_equal(intent_state_parse(intent_state_name((enum intent_state)i)), i);
	for (int i = 0; i < INTENT_KIND_MAX; i++)
		assert_int_equal(intent_kind_parse(intent_kind_name((enum intent_kind)i)), i);
	assert_int_equal(intent_state_parse("later"), INTENT_INVALID);
}

static void only_an_open_one_expires(void **state)
{
	struct intent in = {.state = INTENT_OPEN, .expires_ms = 100};

	(void)state;
	assert_true(intent_is_live(&in, 99));
	assert_false(intent_is_live(&in, 100));
	in.state = INTENT_CLAIMED;
	assert_true(intent_is_live(&in, 100));
	assert_true(intent_installs(&in, 100));
	in.state = INTENT_WRITTEN;
	assert_true(intent_is_live(&in, 100));
	assert_false(intent_installs(&in, 100));
	in.state = INTENT_DONE;
	assert_false(intent_is_live(&in, 0));
}

static struct hardware machine(char *uuid, char *serial, char **disks, size_t n)
{
	return (struct hardware){uuid, serial, {disks, n}};
}

static void hardware_is_compared_whole(void **state)
{
	char *one[] = {(char[]){"WD-1"}}, *two[] = {(char[]){"WD-1"}, (char[]){"WD-2"}};
	char uuid[] = "u", serial[] = "s", empty[] = "";
	struct hardware a = machine(uuid, serial, one, 1), b = machine(uuid, serial, one, 1);

	(void)state;
	assert_true(hardware_equal(&a, &b));
	b = machine(uuid, serial, two, 2);
	assert_false(hardware_equal(&a, &b));
	b = machine(uuid, empty, one, 1);
	assert_false(hardware_equal(&a, &b));
}

static void a_machine_without_any_name_equals_nobody(void **state)
{
	struct hardware a = {0}, b = {0};
	char *one[] = {(char[]){"WD-1"}};

	(void)state;
	assert_false(hardware_equal(&a, &b));
	a.disks = b.disks = (struct strv){one, 1};
	assert_true(hardware_equal(&a, &b));
}

static void hardware_survives_json(void **state)
{
	char *two[] = {(char[]){"WD-1"}, (char[]){"WD-2"}};
	char uuid[] = "u", serial[] = "s";
	struct hardware a = machine(uuid, serial, two, 2);
	_cleanup_(hardware_release) struct hardware b = {0};
	_cleanup_json_ json_t *j = hardware_to_json(&a);
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(hardware_from_json(j, "$", &b, &err), &err);
	assert_true(hardware_equal(&a, &b));
	json_object_set_new(j, "colour", json_string("red"));
	hardware_release(&b);
	assert_fails(hardware_from_json(j, "$", &b, &err), &err, ERR_PROTOCOL, "colour");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_go_both_ways),
		cmocka_unit_test(only_an_open_one_expires),
		cmocka_unit_test(hardware_is_compared_whole),
		cmocka_unit_test(a_machine_without_any_name_equals_nobody),
		cmocka_unit_test(hardware_survives_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
