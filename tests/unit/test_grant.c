/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "grant.h"

static const uint8_t machine_a[ED25519_KEY_SIZE] = {1}, machine_b[ED25519_KEY_SIZE] = {2};

struct desk {
	char dir[64];
	struct err err;
	int fd;
};

static int setup(void **state)
{
	struct desk *p = xcalloc(1, sizeof(*p));
	_cleanup_(freep) char *secrets = NULL;

	*state = p;
	memcpy(p->dir, "/tmp/test_grant.XXXXXX", sizeof("/tmp/test_grant.XXXXXX"));
	if (!mkdtemp(p->dir))
		return -1;
	secrets = xasprintf("%s/secrets", p->dir);
	if (mkdir(secrets, 0700) < 0)
		return -1;
	p->fd = grant_open(p->dir, &p->err);
	return p->fd < 0 ? -1 : 0;
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
	struct desk *p = *state;

	close(p->fd);
	nftw(p->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

static void a_node_that_root_did_not_ask_for_gets_nothing(void **state)
{
	struct desk *p = *state;

	assert_fails(grant_take(p->fd, "cp1", machine_a, true, &p->err), &p->err, ERR_REFUSED,
		     "provision reinstall cp1, as root");
	assert_ok(grant_ask(p->dir, "cp1", &p->err), &p->err);
	assert_fails(grant_take(p->fd, "cp", machine_a, true, &p->err), &p->err, ERR_REFUSED,
		     "nobody asked");
	assert_fails(grant_take(p->fd, "cp1 asked\ncp2", machine_a, true, &p->err), &p->err,
		     ERR_REFUSED, "nobody asked");
}

static void the_same_machine_may_ask_again_and_no_other(void **state)
{
	struct desk *p = *state;
	int later;

	assert_ok(grant_ask(p->dir, "cp1", &p->err), &p->err);
	assert_ok(grant_take(p->fd, "cp1", machine_a, true, &p->err), &p->err);
	assert_ok(grant_take(p->fd, "cp1", machine_a, true, &p->err), &p->err);
	assert_fails(grant_take(p->fd, "cp1", machine_b, true, &p->err), &p->err, ERR_REFUSED,
		     "earlier installation of cp1");
	/* that outlives the keeper */
	later = grant_open(p->dir, &p->err);
	assert_true(later >= 0);
	assert_fails(grant_take(later, "cp1", machine_b, true, &p->err), &p->err, ERR_REFUSED,
		     "earlier installation of cp1");
	close(later);
	/* root's word for a reinstall is for the next machine, and for that one only */
	assert_ok(grant_ask(p->dir, "cp1", &p->err), &p->err);
	assert_ok(grant_take(p->fd, "cp1", machine_b, true, &p->err), &p->err);
	assert_fails(grant_take(p->fd, "cp1", machine_a, true, &p->err), &p->err, ERR_REFUSED,
		     "earlier installation of cp1");
}

static void one_node_makes_the_cluster_and_others_join_it(void **state)
{
	struct desk *p = *state;

	assert_ok(grant_ask(p->dir, "cp1", &p->err), &p->err);
	assert_ok(grant_ask(p->dir, "cp2", &p->err), &p->err);
	assert_ok(grant_take(p->fd, "cp1", machine_a, true, &p->err), &p->err);
	assert_fails(grant_take(p->fd, "cp2", machine_b, true, &p->err), &p->err, ERR_REFUSED,
		     "provision remove-node cp1, as root");
	assert_ok(grant_take(p->fd, "cp2", machine_b, false, &p->err), &p->err);
}

static void a_removed_node_makes_room_for_another_and_gets_nothing(void **state)
{
	struct desk *p = *state;

	assert_ok(grant_ask(p->dir, "cp1", &p->err), &p->err);
	assert_ok(grant_ask(p->dir, "cp2", &p->err), &p->err);
	assert_ok(grant_take(p->fd, "cp1", machine_a, true, &p->err), &p->err);
	assert_ok(grant_remove(p->dir, "cp1", &p->err), &p->err);
	assert_fails(grant_take(p->fd, "cp1", machine_a, true, &p->err), &p->err, ERR_REFUSED,
		     "nobody asked");
	assert_ok(grant_take(p->fd, "cp2", machine_b, true, &p->err), &p->err);
}

static void a_line_cut_short_counts_for_nothing(void **state)
{
	struct desk *p = *state;

	assert_ok(grant_ask(p->dir, "cp1", &p->err), &p->err);
	assert_int_equal(write(p->fd, "cp1 AQAAAAAA", 12), 12);
	assert_ok(grant_take(p->fd, "cp1", machine_b, true, &p->err), &p->err);
	assert_fails(grant_take(p->fd, "cp1", machine_a, true, &p->err), &p->err, ERR_REFUSED,
		     "earlier installation");
}

int main(void)
{
#define EACH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		EACH(a_node_that_root_did_not_ask_for_gets_nothing),
		EACH(the_same_machine_may_ask_again_and_no_other),
		EACH(one_node_makes_the_cluster_and_others_join_it),
		EACH(a_removed_node_makes_room_for_another_and_gets_nothing),
		EACH(a_line_cut_short_counts_for_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
