/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "status.h"

static const struct sha256 plan1 = {{1}}, plan2 = {{2}}, none;

static struct node_status declared(void)
{
	char name[] = "web1";
	struct mac mac = {{2, 0, 0, 0, 0, 1}};
	struct node n = {.name = name, .macs = &mac, .n_macs = 1, .role = ROLE_WORKER};
	struct node_status s;

	status_init(&s, &n);
	return s;
}

static struct node_status with_intent(enum intent_state state)
{
	struct node_status s = declared();
	char name[] = "web1";
	struct intent in = {.node = name,
			    .state = state,
			    .created_ms = 1000,
			    .claimed_ms = 2000,
			    .done_ms = 9000,
			    .expires_ms = 5000};

	if (state != INTENT_OPEN)
		in.plan_id = plan1;
	status_apply_intent(&s, &in, 1500);
	return s;
}

static void apply(struct node_status *s, const struct sha256 *plan, enum phase_name phase,
		  enum event_state state, unsigned int percent, int64_t at, char *message)
{
	struct event e = {.plan_id = *plan,
			  .phase = phase,
			  .state = state,
			  .percent = (uint8_t)percent,
			  .received_ms = at,
			  .message = message};

	status_apply_event(s, &e);
}

static void a_record_alone_is_declared(void **state)
{
	_cleanup_(status_release) struct node_status s = declared();

	(void)state;
	assert_int_equal(s.state, STATUS_DECLARED);
	assert_false(s.has_intent);
	/* events without an intent are another life's */
	apply(&s, &plan1, PHASE_UNPACK, EVENT_FAILED, 0, 3000, NULL);
	assert_int_equal(s.state, STATUS_DECLARED);
}

static void an_open_intent_waits_for_the_machine(void **state)
{
	_cleanup_(status_release) struct node_status s = with_intent(INTENT_OPEN);
	char why[] = "disk WD-1 holds btrfs";

	(void)state;
	assert_int_equal(s.state, STATUS_OPEN);
	assert_int_equal(s.since_ms, 1000);
	apply(&s, &none, PHASE_CLAIM, EVENT_WAITING, 0, 900, why);
	assert_int_equal(s.state, STATUS_OPEN);
	apply(&s, &none, PHASE_CLAIM, EVENT_WAITING, 0, 1100, why);
	assert_int_equal(s.state, STATUS_WAITING);
	assert_string_equal(s.message, why);
}

static void a_claim_ends_the_waiting(void **state)
{
	_cleanup_(status_release) struct node_status s = with_intent(INTENT_CLAIMED);
	char why[] = "disk WD-1 holds btrfs";

	(void)state;
	apply(&s, &none, PHASE_CLAIM, EVENT_WAITING, 0, 1100, why);
	assert_int_equal(s.state, STATUS_INSTALLING);
	assert_null(s.message);
}

static void a_new_key_that_waits_for_its_code_shows(void **state)
{
	_cleanup_(status_release) struct node_status s = with_intent(INTENT_CLAIMED);
	char why[] = "compare the code";

	(void)state;
	apply(&s, &plan1, PHASE_UNPACK, EVENT_PROGRESS, 50, 2300, NULL);
	apply(&s, &none, PHASE_CLAIM, EVENT_WAITING, 0, 2400, why);
	assert_int_equal(s.state, STATUS_WAITING);
	assert_string_equal(s.message, why);
	apply(&s, &plan1, PHASE_UNPACK, EVENT_STARTED, 0, 2500, NULL);
	assert_int_equal(s.state, STATUS_INSTALLING);
	assert_null(s.message);
}

/* One in memory, at a boot after the one that it was Ready at. */
static void a_boot_that_waits_for_its_code_shows(void **state)
{
	_cleanup_(status_release) struct node_status s = with_intent(INTENT_DONE);
	char why[] = "compare the code";

	(void)state;
	apply(&s, &none, PHASE_CLAIM, EVENT_WAITING, 0, 8999, why);
	assert_int_equal(s.state, STATUS_READY);
	apply(&s, &none, PHASE_CLAIM, EVENT_WAITING, 0, 9001, why);
	assert_int_equal(s.state, STATUS_WAITING);
	assert_string_equal(s.message, why);
}

static void progress_adds_up(void **state)
{
	_cleanup_(status_release) struct node_status s = with_intent(INTENT_CLAIMED);
	unsigned int before;

	(void)state;
	apply(&s, &plan1, PHASE_CLAIM, EVENT_DONE, 100, 2100, NULL);
	apply(&s, &plan1, PHASE_UNPACK, EVENT_STARTED, 0, 2200, NULL);
	before = s.total;
	apply(&s, &plan1, PHASE_UNPACK, EVENT_PROGRESS, 50, 2300, NULL);
	assert_int_equal(s.phase, PHASE_UNPACK);
	assert_int_equal(s.percent, 50);
	assert_int_equal(s.since_ms, 2200);
	assert_true(s.total > before);
	assert_true(s.total < 100);
}

static void a_failure_keeps_its_sentence_until_work_goes_on(void **state)
{
	_cleanup_(status_release) struct node_status s = with_intent(INTENT_CLAIMED);
	char why[] = "digest differs";

	(void)state;
	apply(&s, &plan1, PHASE_UNPACK, EVENT_FAILED, 0, 2300, why);
	assert_int_equal(s.state, STATUS_FAILED);
	assert_string_equal(s.message, why);
	apply(&s, &plan1, PHASE_UNPACK, EVENT_NOTE, 0, 2350, NULL);
	assert_int_equal(s.state, STATUS_FAILED);
	apply(&s, &plan1, PHASE_UNPACK, EVENT_STARTED, 0, 2400, NULL);
	assert_int_equal(s.state, STATUS_INSTALLING);
	assert_null(s.message);
}

/* A worker whose cluster is not there yet: nobody has to do anything, and it is no failure. */
static void a_phase_waits_and_goes_on(void **state)
{
	_cleanup_(status_release) struct node_status s = with_intent(INTENT_WRITTEN);
	char why[] = "waits for cp1, which makes the cluster";

	(void)state;
	apply(&s, &plan1, PHASE_JOIN, EVENT_STARTED, 0, 2300, NULL);
	apply(&s, &plan1, PHASE_JOIN, EVENT_WAITING, 0, 2400, why);
	assert_int_equal(s.state, STATUS_WAITING);
	assert_int_equal(s.phase, PHASE_JOIN);
	assert_string_equal(s.message, why);
	apply(&s, &plan1, PHASE_JOIN, EVENT_PROGRESS, 10, 9000, NULL);
	assert_int_equal(s.state, STATUS_INSTALLING);
	assert_null(s.message);
}

static void another_plans_events_are_passed_over(void **state)
{
	_cleanup_(status_release) struct node_status s = with_intent(INTENT_CLAIMED);

	(void)state;
	apply(&s, &plan2, PHASE_READY, EVENT_DONE, 100, 2300, NULL);
	assert_int_equal(s.state, STATUS_INSTALLING);
	assert_int_equal(s.phase, PHASE_CLAIM);
}

static void ready_ends_it(void **state)
{
	_cleanup_(status_release) struct node_status s = with_intent(INTENT_WRITTEN);
	_cleanup_json_ json_t *j = NULL;

	(void)state;
	apply(&s, &plan1, PHASE_READY, EVENT_DONE, 100, 9000, NULL);
	assert_int_equal(s.state, STATUS_READY);
	assert_int_equal(s.total, 100);
	j = status_to_json(&s);
	assert_string_equal(json_string_value(json_object_get(j, "state")), "ready");
	assert_string_equal(json_string_value(json_object_get(j, "phase")), "ready");
}

static void weights_make_a_hundred(void **state)
{
	unsigned int sum = 0;

	(void)state;
	for (int i = 0; i < PHASE_MAX; i++)
		sum += phase_weight((enum phase_name)i);
	assert_int_equal(sum, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_alone_is_declared),
		cmocka_unit_test(an_open_intent_waits_for_the_machine),
		cmocka_unit_test(a_claim_ends_the_waiting),
		cmocka_unit_test(a_new_key_that_waits_for_its_code_shows),
		cmocka_unit_test(a_boot_that_waits_for_its_code_shows),
		cmocka_unit_test(progress_adds_up),
		cmocka_unit_test(a_failure_keeps_its_sentence_until_work_goes_on),
		cmocka_unit_test(a_phase_waits_and_goes_on),
		cmocka_unit_test(another_plans_events_are_passed_over),
		cmocka_unit_test(ready_ends_it),
		cmocka_unit_test(weights_make_a_hundred),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
