/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "report.h"

/* A provisioner that takes events while it is up. */
struct peer {
	bool up;
	uint64_t seqs[2 * LIMIT_REPORT_QUEUE];
	size_t n;
	unsigned int posts;
	char last[256]; /* its message */
	uint64_t most;  /* acknowledges no number above this one */
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
		const char *message = json_string_value(json_object_get(item, "message"));

		if (seq <= p->most)
			p->seqs[p->n++] = *ret_acked = seq;
		snprintf(p->last, sizeof(p->last), "%s", message ? message : "");
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

	return report_new(&o);
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

/* A folder of its own, and the path of the queue in it; caller frees. */
static char *queue_file(char *dir)
{
	assert_non_null(mkdtemp(dir));
	return xasprintf("%s/events.json", dir);
}

static void test_kept(void **state)
{
	char dir[] = "/tmp/test-report-XXXXXX";
	_cleanup_(freep) char *file = queue_file(dir);
	struct peer down = {.most = 100}, up = {.up = true, .most = 100};
	_cleanup_(report_freep) struct report *first = make(&down, file, 3), *second = NULL;

	(void)state;
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

#define PLAN_7 "0700000000000000000000000000000000000000000000000000000000000000"

static void write_event(FILE *f, unsigned int seq, const char *phase, const char *state)
{
	fprintf(f,
		"%s{\"mac\":\"52:54:00:00:00:01\",\"node\":\"n1\",\"phase\":\"%s\","
		"\"planId\":\"" PLAN_7 "\",\"seq\":%u,\"state\":\"%s\",\"time\":1}",
		seq > 1 ? "," : "", phase, seq, state);
}

/* The provisioner is away for days while the node tries to join, and then the node restarts: an
 * agent that knew no bound has left this. */
static void test_overflow(void **state)
{
	const unsigned int n = LIMIT_REPORT_QUEUE + 300;
	char dir[] = "/tmp/test-report-XXXXXX";
	_cleanup_(freep) char *file = queue_file(dir);
	struct peer down = {.most = 9999}, up = {.up = true, .most = 9999};
	_cleanup_(report_freep) struct report *first = NULL, *second = NULL;
	FILE *f = fopen(file, "w");

	(void)state;
	assert_non_null(f);
	fprintf(f, "{\"planId\":\"" PLAN_7 "\",\"nextSeq\":%u,\"events\":[", n + 1);
	write_event(f, 1, "firstboot", "done");
	for (unsigned int i = 2; i <= n; i++)
		write_event(f, i, "join", i % 2 ? "failed" : "started");
	fputs("]}", f);
	assert_int_equal(fclose(f), 0);
	first = make(&down, file, 1);
	report_add(first, PHASE_JOIN, EVENT_WAITING, 0, "no route");
	second = make(&up, file, 1);
	report_send(second);
	assert_true(report_empty(second));
	assert_int_equal(up.n, LIMIT_REPORT_QUEUE);
	/* what was done, and of the rest the newest */
	assert_int_equal(up.seqs[0], 1);
	assert_int_equal(up.seqs[1], n + 1 - LIMIT_REPORT_QUEUE + 2);
	assert_int_equal(up.seqs[up.n - 1], n + 1);
	unlink(file);
	rmdir(dir);
}

static void check_unreadable(const char *text, size_t expected, const char *said)
{
	char dir[] = "/tmp/test-report-XXXXXX";
	_cleanup_(freep) char *file = queue_file(dir);
	struct peer up = {.up = true, .most = 100};
	_cleanup_(report_freep) struct report *r = NULL;
	FILE *f = fopen(file, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	r = make(&up, file, 3);
	assert_true(report_empty(r));
	assert_int_equal(up.n, expected);
	assert_non_null(strstr(up.last, said));
	unlink(file);
	rmdir(dir);
}

#define EVENT_OF(seq, state)                                                                       \
	"{\"mac\":\"52:54:00:00:00:01\",\"node\":\"n1\",\"phase\":\"join\",\"planId\":\"" PLAN_7   \
	"\","                                                                                      \
	"\"seq\":" #seq ",\"state\":\"" state "\",\"time\":1}"

/* What cannot be read is told, and holds up nothing. */
static void test_unreadable(void **state)
{
	(void)state;
	check_unreadable("", 1, "events from before this start are lost");
	check_unreadable("{\"planId\":\"" PLAN_7 "\"}", 1, "nextSeq is missing");
	check_unreadable("{\"planId\":\"" PLAN_7 "\",\"nextSeq\":9,\"events\":[" EVENT_OF(
				 4, "started") "," EVENT_OF(5, "strated") "]}",
			 2, "events[1]");
}

/* Hours of waiting for the same are one event; another reason is another one. */
static void test_waiting(void **state)
{
	struct peer p = {.up = true, .most = 100};
	_cleanup_(report_freep) struct report *r = make(&p, NULL, 1);

	(void)state;
	for (int i = 0; i < 5; i++)
		report_add(r, PHASE_JOIN, EVENT_WAITING, 0, "waits for cp1");
	assert_int_equal(p.n, 1);
	report_add(r, PHASE_JOIN, EVENT_WAITING, 0, "waits for cp2");
	assert_int_equal(p.n, 2);
	/* it went on in between, as far as the same percent as before */
	report_add(r, PHASE_JOIN, EVENT_PROGRESS, 10, NULL);
	report_add(r, PHASE_JOIN, EVENT_WAITING, 0, "waits for cp2");
	report_add(r, PHASE_JOIN, EVENT_PROGRESS, 10, NULL);
	assert_int_equal(p.n, 5);
}

static void test_waiting_undelivered(void **state)
{
	char dir[] = "/tmp/test-report-XXXXXX";
	_cleanup_(freep) char *file = queue_file(dir);
	struct peer down = {.most = 100}, up = {.up = true, .most = 100};
	_cleanup_(report_freep) struct report *first = make(&down, file, 1), *second = NULL;

	(void)state;
	report_add(first, PHASE_JOIN, EVENT_STARTED, 0, NULL);
	report_add(first, PHASE_JOIN, EVENT_WAITING, 0, "no route");
	report_add(first, PHASE_JOIN, EVENT_WAITING, 0, "refused");
	second = make(&up, file, 1);
	report_send(second);
	assert_int_equal(up.n, 2);
	assert_string_equal(up.last, "refused");
	unlink(file);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_down),
		cmocka_unit_test(test_partial),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_waiting),
		cmocka_unit_test(test_waiting_undelivered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
