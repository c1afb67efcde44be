/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "buf.h"
#include "gunzip.h"
#include "limits.h"

#include <zlib.h>

static int add(const void *p, size_t n, void *arg, struct err *err)
{
	if (buf_add(arg, p, n))
		return 0;
	return err_set(err, ERR_IO, "full");
}

static int count(const void *p, size_t n, void *arg, struct err *err)
{
	(void)p, (void)err;
	*(size_t *)arg += n;
	return 0;
}

/* A gzip member of n bytes of p. */
static void pack(struct buf *out, const void *p, size_t n)
{
	z_stream z = {0};

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY),
			 Z_OK);
	z.next_in = (z_const Bytef *)p;
	z.avail_in = (uInt)n;
	do {
		uint8_t block[4096];

		z.next_out = block;
		z.avail_out = sizeof(block);
		assert_true(deflate(&z, Z_FINISH) >= Z_OK);
		buf_add(out, block, sizeof(block) - z.avail_out);
	} while (z.avail_out == 0);
	deflateEnd(&z);
}

/* The content of the stream, given step bytes at a time. */
static int unpack(const struct buf *packed, size_t step, struct buf *ret, struct err *err)
{
	struct gunzip *g = gunzip_new(add, ret);
	int r = 0;

	for (size_t at = 0; r == 0 && at < packed->len; at += step) {
		size_t n = packed->len - at < step ? packed->len - at : step;

		r = gunzip_add(g, packed->data + at, n, err);
	}
	if (r == 0)
		r = gunzip_end(g, err);
	gunzip_free(g);
	return r;
}

static void unpacks_at_any_step(void **state)
{
	static const size_t steps[] = {1, 7, 100000};
	_cleanup_(buf_release) struct buf packed, got;
	struct err err = ERR_INIT;

	(void)state;
	buf_init(&packed, 4096);
	buf_init(&got, 4096);
	pack(&packed, "hello ", 6);
	pack(&packed, "", 0);
	pack(&packed, "world", 5);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		buf_reset(&got);
		assert_ok(unpack(&packed, steps[i], &got, &err), &err);
		assert_string_equal(got.data, "hello world");
	}
}

static void refuses_what_is_no_gzip(void **state)
{
	_cleanup_(buf_release) struct buf packed, got;
	struct err err = ERR_INIT;

	(void)state;
	buf_init(&packed, 4096);
	buf_init(&got, 4096);
	assert_fails(unpack(&packed, 1, &got, &err), &err, ERR_PROTOCOL, "empty");
	buf_adds(&packed, "hello, no gzip at all");
	assert_fails(unpack(&packed, 100, &got, &err), &err, ERR_PROTOCOL, "no gzip");
	for (size_t cut = 1; cut < 25; cut++) {
		buf_reset(&packed);
		pack(&packed, "hello", 5);
		assert_true(packed.len > cut);
		packed.len = cut;
		assert_fails(unpack(&packed, 3, &got, &err), &err, ERR_PROTOCOL, "");
	}
	buf_reset(&packed);
	pack(&packed, "hello", 5);
	packed.data[packed.len - 6] ^= 1; /* of the checksum */
	assert_fails(unpack(&packed, 100, &got, &err), &err, ERR_PROTOCOL, "no gzip");
	buf_reset(&packed);
	pack(&packed, "hello", 5);
	buf_addc(&packed, '\0');
	assert_fails(unpack(&packed, 100, &got, &err), &err, ERR_PROTOCOL, "");
}

static void passes_on_the_error_of_the_taker(void **state)
{
	_cleanup_(buf_release) struct buf packed, got;
	struct err err = ERR_INIT;

	(void)state;
	buf_init(&packed, 4096);
	buf_init(&got, 4);
	pack(&packed, "hello", 5);
	assert_fails(unpack(&packed, 100, &got, &err), &err, ERR_IO, "full");
}

static void stops_a_bomb(void **state)
{
	size_t n = LIMIT_GZIP_FREE + (size_t)1024 * 1024;
	_cleanup_(freep) char *zeros = xcalloc(n, 1);
	_cleanup_(buf_release) struct buf packed;
	struct err err = ERR_INIT;
	struct gunzip *g;
	size_t got = 0;

	(void)state;
	buf_init(&packed, n);
	pack(&packed, zeros, n);
	assert_true(packed.len < n / LIMIT_GZIP_RATIO);
	g = gunzip_new(count, &got);
	assert_fails(gunzip_add(g, packed.data, packed.len, &err), &err, ERR_PROTOCOL,
		     "more than 200 times");
	gunzip_free(g);
	assert_true(got <= LIMIT_GZIP_FREE);
	/* a smaller one passes */
	buf_reset(&packed);
	pack(&packed, zeros, LIMIT_GZIP_FREE);
	got = 0;
	g = gunzip_new(count, &got);
	assert_ok(gunzip_add(g, packed.data, packed.len, &err), &err);
	assert_ok(gunzip_end(g, &err), &err);
	gunzip_free(g);
	assert_int_equal(got, LIMIT_GZIP_FREE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unpacks_at_any_step),
		cmocka_unit_test(refuses_what_is_no_gzip),
		cmocka_unit_test(passes_on_the_error_of_the_taker),
		cmocka_unit_test(stops_a_bomb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
