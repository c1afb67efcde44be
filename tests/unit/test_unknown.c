/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "limits.h"
#include "unknown.h"

struct place {
	char dir[64];
	struct store *store;
	struct unknown_table *table;
	struct err err;
};

static int setup(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));

	memcpy(p->dir, "/tmp/test_unknown.XXXXXX", sizeof("/tmp/test_unknown.XXXXXX"));
	*state = p;
	p->table = unknown_table_new();
	return mkdtemp(p->dir) && store_open(p->dir, &p->store, &p->err) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

static int teardown(void **state)
{
	struct place *p = *state;

	unknown_table_free(p->table);
	store_close(p->store);
	nftw(p->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

struct seen {
	size_t n;
	struct unknown_machine first;
};

static bool look(const struct unknown_machine *m, void *arg)
{
	struct seen *s = arg;

	if (s->n++ == 0) {
		s->first = *m;
		s->first.arch = xstrdup(m->arch);
		s->first.uuid = xstrdup(m->uuid);
		s->first.serial = xstrdup(m->serial);
	}
	return true;
}

static void what_is_said_in_pieces_is_put_together(void **state)
{
	struct place *p = *state;
	const struct mac mac = {{2, 0, 0, 0, 0, 1}};
	struct seen s = {0};

	unknown_seen(p->table, &mac, "amd64", NULL, NULL, (struct ipv4){0}, 100);
	unknown_seen(p->table, &mac, NULL, "uuid", "", (struct ipv4){7}, 200);
	assert_ok(unknown_flush(p->table, p->store, &p->err), &p->err);
	unknown_seen(p->table, &mac, NULL, NULL, "serial", (struct ipv4){0}, 300);
	assert_ok(unknown_flush(p->table, p->store, &p->err), &p->err);
	assert_ok(unknown_flush(p->table, p->store, &p->err), &p->err);
	assert_ok(store_unknown_each(p->store, look, &s, &p->err), &p->err);
	assert_int_equal(s.n, 1);
	assert_string_equal(s.first.arch, "amd64");
	assert_string_equal(s.first.uuid, "uuid");
	assert_string_equal(s.first.serial, "serial");
	assert_int_equal(s.first.ip.a, 7);
	assert_int_equal(s.first.first_ms, 100);
	assert_int_equal(s.first.last_ms, 300);
	unknown_machine_release(&s.first);
}

static void the_ones_seen_last_are_kept(void **state)
{
	struct place *p = *state;
	struct seen s = {0};

	for (int i = 0; i < LIMIT_UNKNOWN * 2; i++) {
		const struct mac mac = {{2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i}};

		unknown_seen(p->table, &mac, NULL, NULL, NULL, (struct ipv4){0}, 1000 + i);
	}
	assert_ok(unknown_flush(p->table, p->store, &p->err), &p->err);
	assert_ok(store_unknown_each(p->store, look, &s, &p->err), &p->err);
	assert_int_equal(s.n, LIMIT_UNKNOWN);
	assert_int_equal(s.first.last_ms, 1000 + LIMIT_UNKNOWN * 2 - 1);
	unknown_machine_release(&s.first);
}

int main(void)
{
#define EACH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		EACH(what_is_said_in_pieces_is_put_together),
		EACH(the_ones_seen_last_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
