/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "event.h"
#include "limits.h"

#define PLAN "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static int read_event(const char *text, struct event *ret, struct err *err)
{
	_cleanup_json_ json_t *j = NULL;

	if (jsonx_parse(text, strlen(text), "the event", &j, err) < 0)
		return -1;
	return event_from_json(j, "$", ret, err);
}

static void comes_back_the_same(void **state)
{
	static const char text[] =
		"{\"mac\":\"52:54:00:12:34:56\",\"message\":\"half\",\"node\":\"web1\",\"percent\":"
		"50,"
		"\"phase\":\"unpack\",\"planId\":\"" PLAN "\",\"seq\":4,\"state\":\"progress\","
		"\"time\":1700000000123}";
	struct err err = ERR_INIT;
	struct event e = {0};
	json_t *j;
	char *again;

	(void)state;
	assert_ok(read_event(text, &e, &err), &err);
	assert_int_equal(e.phase, PHASE_UNPACK);
	assert_int_equal(e.state, EVENT_PROGRESS);
	assert_int_equal(e.percent, 50);
	j = event_to_json(&e);
	again = jsonx_canonical(j);
	assert_string_equal(again, text);
	free(again);
	json_decref(j);
	event_release(&e);
}

static void refuses_nonsense(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"[]", "not an object"},
		{"{}", "$.node is missing"},
		{"{\"node\":\"a\",\"mac\":\"x\",\"planId\":\"" PLAN
		 "\",\"seq\":1,\"state\":\"done\",\"time\":1}",
		 "$.mac is wrong"},
		{"{\"node\":\"a\",\"mac\":\"52:54:00:12:34:56\",\"planId\":\"" PLAN
		 "\",\"seq\":1,\"state\":\"dune\",\"time\":1}",
		 "\"dune\""},
		{"{\"node\":\"a\",\"mac\":\"52:54:00:12:34:56\",\"planId\":\"" PLAN
		 "\",\"seq\":1,\"state\":\"done\",\"time\":1,\"percent\":101}",
		 "$.percent"},
		{"{\"node\":\"a\",\"mac\":\"52:54:00:12:34:56\",\"planId\":\"" PLAN
		 "\",\"seq\":1,\"state\":\"done\",\"time\":1,\"more\":1}",
		 "$.more is not known"},
	};
	struct err err = ERR_INIT;
	struct event e = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_fails(read_event(rows[i].text, &e, &err), &err, ERR_PROTOCOL, rows[i].why);
}

static void cuts_and_cleans_a_message(void **state)
{
	struct event e = {.node = (char *)"a",
			  .mac = {{0x52, 0x54, 0, 0, 0, 1}},
			  .phase = PHASE_CLAIM},
		     back = {0};
	char message[LIMIT_MESSAGE + 3];
	struct err err = ERR_INIT;
	json_t *j;

	(void)state;
	/* a two-byte letter lies across the limit */
	memset(message, 'a', sizeof(message));
	message[0] = '\n';
	message[1] = '\x1b';
	memcpy(message + LIMIT_MESSAGE - 1, "\xc3\xa9", 3);
	e.message = message;
	j = event_to_json(&e);
	assert_ok(event_from_json(j, "$", &back, &err), &err);
	assert_int_equal(strlen(back.message), LIMIT_MESSAGE - 1);
	assert_memory_equal(back.message, " ?aaa", 5);
	json_decref(j);
	event_release(&back);
}

static void knows_phases_by_name(void **state)
{
	unsigned int sum = 0;

	(void)state;
	for (int i = 0; i < PHASE_MAX; i++) {
		assert_int_equal(phase_parse(phase_name((enum phase_name)i)), i);
		sum += phase_weight((enum phase_name)i);
	}
	assert_int_equal(sum, 100);
	assert_int_equal(phase_parse("unpak"), PHASE_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back_the_same),
		cmocka_unit_test(refuses_nonsense),
		cmocka_unit_test(cuts_and_cleans_a_message),
		cmocka_unit_test(knows_phases_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
