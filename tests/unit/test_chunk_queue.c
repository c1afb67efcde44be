/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "chunk_queue.h"

#include <pthread.h>

#define BLOCKS 1000

static void *write_all(void *arg)
{
	struct chunk_queue *q = arg;
	bool ok = true;

	for (uint32_t i = 0; i < BLOCKS && ok; i++)
		ok = chunk_queue_put(q, &i, sizeof(i));
	chunk_queue_end(q, ok);
	return NULL;
}

static void order_is_kept(void **state)
{
	struct chunk_queue *q = chunk_queue_new(3, 16);
	pthread_t writer;
	const void *p;
	uint32_t want = 0, got;
	size_t n;

	(void)state;
	assert_int_equal(pthread_create(&writer, NULL, write_all, q), 0);
	while ((p = chunk_queue_get(q, &n))) {
		assert_int_equal(n, sizeof(got));
		memcpy(&got, p, n);
		assert_int_equal(got, want++);
	}
	assert_int_equal(want, BLOCKS);
	assert_true(chunk_queue_is_whole(q));
	assert_null(chunk_queue_get(q, &n));
	pthread_join(writer, NULL);
	chunk_queue_free(q);
}

static void stop_frees_the_writer(void **state)
{
	struct chunk_queue *q = chunk_queue_new(2, 16);
	pthread_t writer;
	size_t n;

	(void)state;
	assert_int_equal(pthread_create(&writer, NULL, write_all, q), 0);
	assert_non_null(chunk_queue_get(q, &n));
	chunk_queue_stop(q);
	pthread_join(writer, NULL); /* hangs when it is not let go */
	assert_false(chunk_queue_is_whole(q));
	chunk_queue_free(q);
}

static void what_was_put_is_read_after_the_end(void **state)
{
	struct chunk_queue *q = chunk_queue_new(2, 4);
	const void *p;
	size_t n;

	(void)state;
	assert_true(chunk_queue_put(q, "abcd", 4));
	assert_true(chunk_queue_put(q, "e", 1));
	chunk_queue_end(q, false);
	p = chunk_queue_get(q, &n);
	assert_int_equal(n, 4);
	assert_memory_equal(p, "abcd", 4);
	p = chunk_queue_get(q, &n);
	assert_int_equal(n, 1);
	assert_memory_equal(p, "e", 1);
	assert_null(chunk_queue_get(q, &n));
	assert_false(chunk_queue_is_whole(q));
	chunk_queue_free(q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_is_kept),
		cmocka_unit_test(stop_frees_the_writer),
		cmocka_unit_test(what_was_put_is_read_after_the_end),
	};

	return cmocka_run_group_tests_name("chunk_queue", tests, NULL, NULL);
}
