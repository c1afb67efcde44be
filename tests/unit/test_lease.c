/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "lease.h"

static struct mac mac_n(unsigned int n)
{
	return (struct mac){{0x52, 0x54, 0, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n}};
}

static void set(struct lease_table *t, unsigned int n, uint32_t ip, int64_t expires,
		enum lease_state state)
{
	lease_set(t, &(struct lease){mac_n(n), {ip}, expires, state});
}

static bool nothing_taken(struct ipv4 ip, const void *arg)
{
	(void)ip;
	(void)arg;
	return false;
}

static bool odd_taken(struct ipv4 ip, const void *arg)
{
	(void)arg;
	return ip.a & 1;
}

static bool pick(struct lease_table *t, unsigned int n, uint32_t first, uint32_t last, int64_t now,
		 struct ipv4 *ret)
{
	struct mac mac = mac_n(n);

	return lease_pick(t, (struct ipv4_range){{first}, {last}}, &mac, now, nothing_taken, NULL,
			  ret);
}

static void finds_by_mac_and_ip(void **state)
{
	struct lease_table *t = lease_table_new();
	struct mac mac = mac_n(5);

	(void)state;
	assert_null(lease_of_mac(t, &mac));
	assert_null(lease_of_ip(t, (struct ipv4){105}));
	for (unsigned int n = 0; n < 3000; n++)
		set(t, n, 100 + n, 50, LEASE_BOUND);
	for (unsigned int n = 0; n < 3000; n++) {
		mac = mac_n(n);
		assert_int_equal(lease_of_mac(t, &mac)->ip.a, 100 + n);
		assert_int_equal(lease_of_ip(t, (struct ipv4){100 + n})->mac.b[5], n & 255);
	}
	lease_table_free(t);
}

static void one_address_a_mac_and_one_mac_an_address(void **state)
{
	struct lease_table *t = lease_table_new();
	struct mac one = mac_n(1), two = mac_n(2);

	(void)state;
	set(t, 1, 10, 50, LEASE_BOUND);
	set(t, 1, 11, 50, LEASE_BOUND);
	assert_null(lease_of_ip(t, (struct ipv4){10}));
	set(t, 2, 11, 90, LEASE_BOUND);
	assert_null(lease_of_mac(t, &one));
	assert_int_equal(lease_of_mac(t, &two)->expires, 90);
	lease_table_free(t);
}

static void knows_what_is_free(void **state)
{
	struct lease_table *t = lease_table_new();
	struct mac one = mac_n(1), two = mac_n(2);
	struct ipv4 ip = {10};

	(void)state;
	assert_true(lease_is_free(t, ip, &one, 0));
	set(t, 1, 10, 50, LEASE_OFFERED);
	assert_true(lease_is_free(t, ip, &one, 49));
	assert_false(lease_is_free(t, ip, &two, 49));
	assert_true(lease_is_free(t, ip, &two, 50));
	set(t, 1, 10, 50, LEASE_RELEASED);
	assert_true(lease_is_free(t, ip, &two, 49));
	set(t, 1, 10, 50, LEASE_DECLINED);
	assert_false(lease_is_free(t, ip, &one, 49));
	assert_true(lease_is_free(t, ip, &one, 50));
	lease_table_free(t);
}

/* Its finder gets another address, and that does not free the declined one. */
static void a_declined_address_stays_blocked(void **state)
{
	struct lease_table *t = lease_table_new();
	struct mac one = mac_n(1), two = mac_n(2);

	(void)state;
	set(t, 1, 10, 50, LEASE_BOUND);
	set(t, 1, 10, 600, LEASE_DECLINED);
	assert_null(lease_of_mac(t, &one));
	set(t, 1, 11, 700, LEASE_OFFERED);
	set(t, 2, 12, 50, LEASE_BOUND);
	set(t, 2, 12, 600, LEASE_DECLINED);
	assert_false(lease_is_free(t, (struct ipv4){10}, &one, 100));
	assert_false(lease_is_free(t, (struct ipv4){12}, &two, 100));
	assert_int_equal(lease_of_mac(t, &one)->ip.a, 11);
	lease_table_free(t);
}

static void picks_each_address_once(void **state)
{
	struct lease_table *t = lease_table_new();
	struct ipv4 ip = {0};

	(void)state;
	for (unsigned int n = 0; n < 100; n++) {
		assert_true(pick(t, n, 1000, 1099, 0, &ip));
		assert_in_range(ip.a, 1000, 1099);
		assert_null(lease_of_ip(t, ip));
		set(t, n, ip.a, 100 + n, LEASE_BOUND);
	}
	assert_false(pick(t, 200, 1000, 1099, 99, &ip));
	assert_false(pick(t, 200, 1000, 1099, 99, &ip));
	assert_true(pick(t, 200, 1000, 1099, 100, &ip)); /* the first has expired */
	assert_false(pick(t, 200, 1000, 1098, 50, &ip));
	set(t, 7, lease_of_mac(t, &(struct mac){{0x52, 0x54, 0, 0, 0, 7}})->ip.a, 50,
	    LEASE_RELEASED);
	assert_true(pick(t, 200, 1000, 1099, 50, &ip));
	lease_table_free(t);
}

static void leaves_out_what_is_taken(void **state)
{
	struct lease_table *t = lease_table_new();
	struct mac mac = mac_n(3);
	struct ipv4 ip = {0};

	(void)state;
	assert_true(lease_pick(t, (struct ipv4_range){{7}, {8}}, &mac, 0, odd_taken, NULL, &ip));
	assert_int_equal(ip.a, 8);
	assert_false(lease_pick(t, (struct ipv4_range){{7}, {7}}, &mac, 0, odd_taken, NULL, &ip));
	lease_table_free(t);
}

struct memory {
	struct lease l[8];
	size_t n, commits;
	bool fail;
};

static int memory_load(void *ctx, void (*on_lease)(const struct lease *l, void *arg), void *arg,
		       struct err *err)
{
	struct memory *m = ctx;

	(void)err;
	for (size_t i = 0; i < m->n; i++)
		on_lease(&m->l[i], arg);
	return 0;
}

static int memory_commit(void *ctx, const struct lease *leases, size_t n, struct err *err)
{
	struct memory *m = ctx;

	if (m->fail)
		return err_set(err, ERR_IO, "the disk is full");
	m->commits++;
	for (size_t i = 0; i < n; i++)
		m->l[m->n++] = leases[i];
	return 0;
}

static void commits_in_one_batch(void **state)
{
	struct memory m = {0};
	const struct lease_store store = {memory_load, memory_commit, &m};
	struct lease_table *t = lease_table_new();
	struct mac three = mac_n(3);
	struct err err = ERR_INIT;

	(void)state;
	set(t, 1, 10, 50, LEASE_OFFERED);
	assert_int_equal(lease_pending(t), 0);
	assert_ok(lease_commit(t, &store, &err), &err);
	assert_int_equal(m.commits, 0);
	set(t, 1, 10, 60, LEASE_BOUND);
	set(t, 3, 12, 60, LEASE_BOUND);
	set(t, 1, 10, 60, LEASE_DECLINED);
	assert_int_equal(lease_pending(t), 3);
	assert_ok(lease_commit(t, &store, &err), &err);
	assert_int_equal(m.commits, 1);
	assert_int_equal(m.l[2].state, LEASE_RELEASED);
	assert_int_equal(m.l[2].mac.b[5], 1);
	assert_int_equal(lease_pending(t), 0);
	lease_table_free(t);

	t = lease_table_new();
	assert_ok(lease_table_load(t, &store, &err), &err);
	assert_int_equal(lease_of_mac(t, &three)->ip.a, 12);
	assert_int_equal(lease_pending(t), 0);
	m.fail = true;
	set(t, 3, 12, 99, LEASE_BOUND);
	assert_fails(lease_commit(t, &store, &err), &err, ERR_IO, "full");
	assert_int_equal(lease_pending(t), 0);
	lease_table_free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_by_mac_and_ip),
		cmocka_unit_test(one_address_a_mac_and_one_mac_an_address),
		cmocka_unit_test(knows_what_is_free),
		cmocka_unit_test(a_declined_address_stays_blocked),
		cmocka_unit_test(picks_each_address_once),
		cmocka_unit_test(leaves_out_what_is_taken),
		cmocka_unit_test(commits_in_one_batch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
