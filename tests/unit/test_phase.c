/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "buf.h"
#include "phase.h"

/* What the fake phases did, one letter a call, and what the provisioner was told. */
struct fake {
	struct buf calls, events;
	char *message; /* of the last event */
	int failures;  /* of `run` of pools, before it works */
	enum err_kind kind;
	unsigned int waits;
	int refused; /* posts, before the provisioner takes one */
};

static int post(void *arg, const json_t *events, uint64_t *ret_acked, struct err *err)
{
	struct fake *f = arg;
	const json_t *item;
	size_t i;

	if (f->refused-- > 0) {
		buf_addc(&f->calls, '!');
		return err_set(err, ERR_REFUSED, "the installation was cancelled");
	}
	json_array_foreach (events, i, item) {
		buf_addf(&f->events, "%s:%s ", json_string_value(json_object_get(item, "phase")),
			 json_string_value(json_object_get(item, "state")));
		free(f->message);
		f->message = xstrdup(json_string_value(json_object_get(item, "message")));
		*ret_acked = (uint64_t)json_integer_value(json_object_get(item, "seq"));
	}
	return 0;
}

static int check(void *arg, struct err *err)
{
	struct fake *f = arg;

	(void)err;
	buf_addc(&f->calls, 'c');
	return 0;
}

static int run(void *arg, struct err *err)
{
	struct fake *f = arg;

	(void)err;
	buf_addc(&f->calls, 'r');
	return 0;
}

static int run_pools(void *arg, struct err *err)
{
	struct fake *f = arg;

	buf_addc(&f->calls, 'p');
	if (f->failures-- > 0)
		return err_set(err, f->kind, "no luck");
	return 0;
}

static int again(void *arg, struct err *err)
{
	struct fake *f = arg;

	buf_addc(&f->calls, 'a');
	if (f->failures-- > 0)
		return err_set(err, f->kind, "no luck");
	return 0;
}

static void undo(void *arg)
{
	buf_addc(&((struct fake *)arg)->calls, 'u');
}

static void no_wait(void *arg, int ms)
{
	assert_true(ms >= 5000);
	((struct fake *)arg)->waits++;
}

static const struct phase table[] = {
	{.name = PHASE_PARTITION, .check = check, .run = run, .announced = true},
	{.name = PHASE_POOLS, .run = run_pools, .again = again, .undo = undo},
	{.name = PHASE_REBOOT, .run = run, .acknowledged = true},
};

static int go(struct fake *f, struct resume *resume, struct err *err)
{
	struct report_options o = {.node = "n1", .next_seq = 1, .post = post, .arg = f};
	_cleanup_(report_freep) struct report *r = report_new(&o);
	struct phase_loop loop = {.table = table,
				  .n = ARRAY_SIZE(table),
				  .arg = f,
				  .resume = resume,
				  .report = r,
				  .wait = no_wait,
				  .after_failure = "held"};

	buf_init(&f->calls, 1024);
	buf_init(&f->events, 4096);
	return phase_run(&loop, err);
}

static void release(struct fake *f)
{
	buf_release(&f->calls);
	buf_release(&f->events);
	free(f->message);
}

static void test_straight(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(release) struct fake f = {0};
	struct resume resume = {0};

	(void)state;
	assert_ok(go(&f, &resume, &err), &err);
	assert_string_equal(f.calls.data, "crpr");
	assert_string_equal(f.events.data, "partition:started partition:done pools:started "
					   "pools:done reboot:started reboot:done ");
	assert_true(resume.done[PHASE_REBOOT]);
}

static void test_announced(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(release) struct fake f = {.refused = 1};
	struct resume resume = {0};

	(void)state;
	assert_ok(go(&f, &resume, &err), &err);
	assert_string_equal(f.calls.data, "!crpr");
}

static void test_resumed(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(release) struct fake f = {0};
	struct resume resume = {.done = {[PHASE_PARTITION] = true, [PHASE_POOLS] = true}};

	(void)state;
	assert_ok(go(&f, &resume, &err), &err);
	assert_string_equal(f.calls.data, "ar");
	assert_string_equal(f.events.data, "reboot:started reboot:done ");
}

/* Something else has to come first: the phase waits, and that is no failure. */
static void test_retried(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(release) struct fake f = {.failures = 3, .kind = ERR_BUSY};
	struct resume resume = {0};

	(void)state;
	assert_ok(go(&f, &resume, &err), &err);
	assert_string_equal(f.calls.data, "crpupupupr");
	assert_int_equal(f.waits, 3);
	assert_string_equal(f.events.data,
			    "partition:started partition:done pools:started pools:waiting "
			    "pools:done reboot:started reboot:done ");
}

/* What does not outlive a restart may have to wait as well. */
static void test_resumed_retried(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(release) struct fake f = {.failures = 1, .kind = ERR_NETWORK};
	struct resume resume = {.done = {[PHASE_PARTITION] = true, [PHASE_POOLS] = true}};

	(void)state;
	assert_ok(go(&f, &resume, &err), &err);
	assert_string_equal(f.calls.data, "aar");
	assert_string_equal(f.events.data, "pools:waiting reboot:started reboot:done ");
}

static void test_held(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(release) struct fake f = {.failures = 1, .kind = ERR_REFUSED};
	struct resume resume = {0};

	(void)state;
	assert_fails(go(&f, &resume, &err), &err, ERR_REFUSED, "pools: no luck");
	assert_string_equal(f.calls.data, "crpu");
	assert_int_equal(f.waits, 0);
	assert_true(endswith(f.events.data, "pools:failed "));
	assert_string_equal(f.message, "no luck; held");
}

/* The power was cut, or a time-out ended the process, in the middle of a phase. */
static void test_cut_short(void **state)
{
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_(release) struct fake f = {0};
	char trace[] = "/tmp/test-phase-XXXXXX";
	int fd = mkstemp(trace);
	struct resume resume = {.done = {[PHASE_PARTITION] = true}};
	struct report_options o = {.node = "n1", .next_seq = 1, .post = post, .arg = &f};
	_cleanup_(report_freep) struct report *r = report_new(&o);
	struct phase_loop loop = {.table = table,
				  .n = ARRAY_SIZE(table),
				  .arg = &f,
				  .resume = &resume,
				  .report = r,
				  .trace = trace};

	(void)state;
	assert_int_equal(write(fd, "pools", 5), 5);
	close(fd);
	buf_init(&f.calls, 1024);
	buf_init(&f.events, 4096);
	assert_ok(phase_run(&loop, &err), &err);
	assert_true(startswith(f.events.data, "pools:note pools:started pools:done "));
	assert_int_equal(access(trace, F_OK), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_straight),  cmocka_unit_test(test_resumed),
		cmocka_unit_test(test_retried),   cmocka_unit_test(test_held),
		cmocka_unit_test(test_cut_short), cmocka_unit_test(test_resumed_retried),
		cmocka_unit_test(test_announced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
