/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdio.h>

#include "report.h"

/* A provisioner that takes events while it is up. */
struct peer {
	bool up;
	uint64_t seqs[64];
	size_t n;
	unsigned int posts;
	uint64_t most; /* acknowledges no number above this one */
};

static int post(void *arg, const json_t *events, uint64_t *ret_acked, struct err *err)
{
	struct peer *p = arg;
	const json_t *item;
	size_t i;

	p->posts++;
	if (!p->up)
		return err_set(err, ERR_NETWORK, "down");
	json_array_foreach (events, i, item) {
		uint64_t seq = (uint64_t)json_integer_value(json_object_get(item, "seq"));

		if (seq <= p->most)
			p->seqs[p->n++] = *ret_acked = seq;
	}
	return 0;
}

static struct report *make(struct peer *p, const char *file, uint64_t next)
{
	struct report_options o = {.node = "n1",
				   .mac = {{0x52, 0x54, 0, 0, 0, 1}},
				   .plan_id = {{7}},
				   .next_seq = next,
				   .file = file,
				   .post = post,
				   .arg = p};
	struct report *r = NULL;
	struct err err = ERR_INIT;

	assert_ok(report_new(&o, &r, &err), &err);
	return r;
}

static void test_order(void **state)
{
	struct peer p = {.up = true, .most = 100};
	_cleanup_(report_freep) struct report *r = make(&p, NULL, 5);

	(void)state;
	report_add(r, PHASE_POOLS, EVENT_STARTED, 0, NULL);
	report_add(r, PHASE_POOLS, EVENT_DONE, 100, NULL);
	assert_true(report_empty(r));
	assert_int_equal(p.n, 2);
	assert_int_equal(p.seqs[0], 5);
	assert_int_equal(p.seqs[1], 6);
}

static void test_down(void **state)
{
	struct peer p = {.most = 100};
	_cleanup_(report_freep) struct report *r = make(&p, NULL, 1);

	(void)state;
	report_add(r, PHASE_POOLS, EVENT_STARTED, 0, NULL);
	assert_string_equal(report_trouble(r), "down");
	assert_true(report_due(r) > 0);
	/* Not tried again at once: the work goes on. */
	report_add(r, PHASE_POOLS, EVENT_DONE, 100, NULL);
	assert_int_equal(p.posts, 1);
	assert_false(report_empty(r));
}

static void test_partial(void **state)
{
	struct peer p = {.up = true, .most = 1};
	_cleanup_(report_freep) struct report *r = make(&p, NULL, 1);

	(void)state;
	report_add(r, PHASE_POOLS, EVENT_STARTED, 0, NULL);
	assert_true(report_empty(r));
	report_add(r, PHASE_POOLS, EVENT_DONE, 100, NULL);
	assert_false(report_empty(r));
	assert_true(strstr(report_trouble(r), "acknowledges nothing") != NULL);
}

static void test_progress(void **state)
{
	struct peer p = {.up = true, .most = 100};
	_cleanup_(report_freep) struct report *r = make(&p, NULL, 1);

	(void)state;
	report_add(r, PHASE_UNPACK, EVENT_STARTED, 0, NULL);
	for (unsigned int i = 1; i < 50; i++)
		report_add(r, PHASE_UNPACK, EVENT_PROGRESS, i, NULL);
	/* The first one; the others came within the same second. */
	assert_int_equal(p.n, 2);
	report_add(r, PHASE_UNPACK, EVENT_DONE, 100, NULL);
	assert_int_equal(p.n, 3);
	assert_int_equal(p.seqs[2], 3);
}

static void test_kept(void **state)
{
	char dir[] = "/tmp/test-report-XXXXXX";
	_cleanup_(freep) char *file = NULL;
	struct peer down = {.most = 100}, up = {.up = true, .most = 100};
	_cleanup_(report_freep) struct report *first = NULL, *second = NULL;

	(void)state;
	assert_non_null(mkdtemp(dir));
	file = xasprintf("%s/events.json", dir);
	first = make(&down, file, 3);
	report_add(first, PHASE_JOIN, EVENT_STARTED, 0, NULL);
	report_add(first, PHASE_JOIN, EVENT_FAILED, 0, "no address");
	/* The power is cut; the provisioner has heard of nothing, and says 3 again. */
	second = make(&up, file, 3);
	assert_false(report_empty(second));
	report_add(second, PHASE_JOIN, EVENT_STARTED, 0, NULL);
	assert_true(report_empty(second));
	assert_int_equal(up.n, 3);
	assert_int_equal(up.seqs[0], 3);
	assert_int_equal(up.seqs[2], 5);
	unlink(file);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),   cmocka_unit_test(test_down),
		cmocka_unit_test(test_partial), cmocka_unit_test(test_progress),
		cmocka_unit_test(test_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
