/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <sqlite3.h>

#include "limits.h"
#include "store.h"

struct place {
	char dir[64];
	struct store *store;
	struct err err;
};

static const struct mac mac1 = {{0x52, 0x54, 0, 0, 0, 1}}, mac2 = {{0x52, 0x54, 0, 0, 0, 2}};
static const struct sha256 plan1 = {{1}};

static int setup(void **state)
{
	struct place *p = xcalloc(1, sizeof(*p));

	memcpy(p->dir, "/tmp/test_store.XXXXXX", sizeof("/tmp/test_store.XXXXXX"));
	*state = p;
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

	store_close(p->store);
	nftw(p->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

static struct event an_event(uint64_t seq, enum phase_name phase, enum event_state what)
{
	static char node[] = "web1";

	return (struct event){.node = node,
			      .mac = mac1,
			      .plan_id = plan1,
			      .seq = seq,
			      .phase = phase,
			      .state = what};
}

static bool count(const struct event *e, void *arg)
{
	(void)e;
	++*(size_t *)arg;
	return true;
}

static size_t events_of(struct place *p, const char *node, int64_t after)
{
	const struct event_query q = {.node = node, .after = after};
	size_t n = 0;

	assert_ok(store_events_each(p->store, &q, count, &n, &p->err), &p->err);
	return n;
}

static struct intent add_intent(struct place *p, const char *node)
{
	struct intent in = {.node = xstrdup(node),
			    .mac = mac1,
			    .state = INTENT_OPEN,
			    .created_ms = 1000,
			    .expires_ms = 1000 + INTENT_LIFETIME_S * 1000LL};

	assert_ok(store_intent_add(p->store, &in, &p->err), &p->err);
	return in;
}

/* Of web1 and web2. */
static void add_intents(struct place *p)
{
	struct intent in = add_intent(p, "web1");

	intent_release(&in);
	in = add_intent(p, "web2");
	intent_release(&in);
}

static void an_event_twice_is_stored_once(void **state)
{
	struct place *p = *state;
	struct event e[] = {an_event(1, PHASE_CLAIM, EVENT_STARTED),
			    an_event(2, PHASE_CLAIM, EVENT_DONE)};

	assert_ok(store_events_append(p->store, e, 2, 5, &p->err), &p->err);
	assert_ok(store_events_append(p->store, e, 2, 6, &p->err), &p->err);
	assert_int_equal(events_of(p, NULL, 0), 2);
	assert_int_equal(events_of(p, "web1", 1), 1);
	assert_int_equal(events_of(p, "web2", 0), 0);
}

static void a_note_is_not_repeated(void **state)
{
	struct place *p = *state;

	for (int i = 0; i < 3; i++)
		assert_ok(store_event_note(p->store, "web1", &mac1, PHASE_CLAIM, EVENT_WAITING,
					   "needs a word", 7, &p->err),
			  &p->err);
	assert_int_equal(events_of(p, NULL, 0), 1);
	assert_ok(store_event_note(p->store, "web1", &mac1, PHASE_CLAIM, EVENT_NOTE, "another", 8,
				   &p->err),
		  &p->err);
	assert_int_equal(events_of(p, NULL, 0), 2);
}

static bool remember_message(const struct event *e, void *arg)
{
	*(char **)arg = xstrdup(e->message);
	return true;
}

static void a_note_is_cut_and_tidied(void **state)
{
	struct place *p = *state;
	_cleanup_(freep) char *text = xcalloc(1, 2000000), *got = NULL;
	const struct event_query q = {0};

	memset(text, 'x', 1999999);
	text[0] = '\033';
	assert_ok(store_event_note(p->store, "web1", &mac1, PHASE_CLAIM, EVENT_WAITING, text, 7,
				   &p->err),
		  &p->err);
	assert_ok(store_events_each(p->store, &q, remember_message, &got, &p->err), &p->err);
	assert_int_equal(strlen(got), LIMIT_MESSAGE);
	assert_int_equal(got[0], '?');
}

static void an_intent_keeps_every_field(void **state)
{
	struct place *p = *state;
	_cleanup_(intent_release) struct intent in = add_intent(p, "web1"), got = {0};

	in.kind = INTENT_REINSTALL;
	in.state = INTENT_CLAIMED;
	strv_add(&in.consents, "WD-1");
	strv_add(&in.consents, "WD-\"2\"");
	in.confirm = in.has_key = in.secret_out = in.control_plane = in.in_memory = true;
	memset(in.key, 7, sizeof(in.key));
	strv_add(&in.codes, "1234-5678");
	strv_add(&in.codes, "8765-4321");
	in.approved = xstrdup("8765-4321");
	in.plan = xstrdup("{}");
	in.plan_id = plan1;
	in.token_id = xstrdup("abcdef");
	in.hardware.uuid = xstrdup("u");
	in.hardware.serial = xstrdup("");
	strv_add(&in.hardware.disks, "WD-1");
	in.claimed_ms = 2000;
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
	assert_ok(store_intent_by_key(p->store, in.key, &got, &p->err), &p->err);
	assert_int_equal(got.id, in.id);
	assert_string_equal(got.node, "web1");
	assert_int_equal(got.kind, INTENT_REINSTALL);
	assert_int_equal(got.state, INTENT_CLAIMED);
	assert_int_equal(got.consents.n, 2);
	assert_string_equal(got.consents.v[1], "WD-\"2\"");
	assert_true(got.confirm && got.secret_out && got.control_plane && got.in_memory);
	assert_int_equal(got.codes.n, 2);
	assert_string_equal(got.codes.v[0], "1234-5678");
	assert_string_equal(got.approved, "8765-4321");
	assert_string_equal(got.plan, "{}");
	assert_string_equal(got.token_id, "abcdef");
	assert_true(hardware_equal(&got.hardware, &in.hardware));
	assert_int_equal(got.claimed_ms, 2000);
	assert_memory_equal(&got.plan_id, &plan1, sizeof(plan1));
}

static void a_node_has_one_live_intent(void **state)
{
	struct place *p = *state;
	_cleanup_(intent_release) struct intent in = add_intent(p, "web1"), second = {0}, got = {0};

	second = (struct intent){.node = xstrdup("web1"), .mac = mac1, .state = INTENT_OPEN};
	assert_fails(store_intent_add(p->store, &second, &p->err), &p->err, ERR_REFUSED,
		     "provision reinstall web1");
	in.state = INTENT_CANCELLED;
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
	assert_ok(store_intent_add(p->store, &second, &p->err), &p->err);
	assert_ok(store_intent_of_node(p->store, "web1", &got, &p->err), &p->err);
	assert_int_equal(got.id, second.id);
}

static enum intent_state state_of(struct place *p, const char *node)
{
	_cleanup_(intent_release) struct intent got = {0};

	assert_ok(store_intent_of_node(p->store, node, &got, &p->err), &p->err);
	return got.state;
}

/* Every phase from `from` up to but not including `to`. */
static void tell_done(struct place *p, uint64_t seq, enum phase_name from, enum phase_name to)
{
	for (int i = from; i < (int)to; i++) {
		struct event e = an_event(seq++, (enum phase_name)i, EVENT_DONE);

		assert_ok(store_events_append(p->store, &e, 1, 5, &p->err), &p->err);
	}
}

static void events_move_the_intent(void **state)
{
	struct place *p = *state;
	_cleanup_(intent_release) struct intent in = add_intent(p, "web1");
	struct event reboot = an_event(9, PHASE_REBOOT, EVENT_DONE),
		     ready = an_event(20, PHASE_READY, EVENT_DONE);
	bool initialised = true;

	in.state = INTENT_CLAIMED;
	in.plan_id = plan1;
	in.control_plane = true;
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
	assert_ok(store_cluster_initialised(p->store, NULL, &initialised, &p->err), &p->err);
	assert_false(initialised);
	/* one word is not enough */
	assert_fails(store_events_append(p->store, &reboot, 1, 5, &p->err), &p->err, ERR_REFUSED,
		     "`partition`");
	tell_done(p, 2, PHASE_PARTITION, PHASE_BOOTLOADER);
	assert_fails(store_events_append(p->store, &reboot, 1, 5, &p->err), &p->err, ERR_REFUSED,
		     "`bootloader`");
	assert_fails(store_events_append(p->store, &ready, 1, 5, &p->err), &p->err, ERR_REFUSED,
		     "`bootloader`");
	assert_int_equal(state_of(p, "web1"), INTENT_CLAIMED);
	assert_int_equal(events_of(p, "web1", 0), PHASE_BOOTLOADER - PHASE_PARTITION);
	tell_done(p, 8, PHASE_BOOTLOADER, PHASE_REBOOT);
	assert_ok(store_events_append(p->store, &reboot, 1, 5, &p->err), &p->err);
	assert_int_equal(state_of(p, "web1"), INTENT_WRITTEN);
	tell_done(p, 10, PHASE_FIRSTBOOT, PHASE_READY);
	assert_ok(store_events_append(p->store, &ready, 1, 6, &p->err), &p->err);
	assert_int_equal(state_of(p, "web1"), INTENT_DONE);
	assert_ok(store_events_append(p->store, &reboot, 1, 7, &p->err), &p->err);
	assert_int_equal(state_of(p, "web1"), INTENT_DONE);
	assert_ok(store_cluster_initialised(p->store, NULL, &initialised, &p->err), &p->err);
	assert_true(initialised);
	assert_ok(store_cluster_initialised(p->store, "web1", &initialised, &p->err), &p->err);
	assert_false(initialised);
}

/* No disk, no reboot; and at each boot again. */
static void a_machine_in_memory_goes_from_claimed_to_done(void **state)
{
	struct place *p = *state;
	_cleanup_(intent_release) struct intent in = add_intent(p, "web1");
	struct event reboot = an_event(9, PHASE_REBOOT, EVENT_DONE),
		     ready = an_event(20, PHASE_READY, EVENT_DONE);
	static const enum phase_name way[] = {PHASE_POOLS, PHASE_KUBERNETES, PHASE_JOIN};
	size_t n = 0;

	in.state = INTENT_CLAIMED;
	in.plan_id = plan1;
	in.in_memory = true;
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
	for (size_t i = 0; i < ARRAY_SIZE(way); i++) {
		assert_fails(store_events_append(p->store, &ready, 1, 5, &p->err), &p->err,
			     ERR_REFUSED, phase_name(way[i]));
		tell_done(p, i + 1, way[i], way[i] + 1);
	}
	assert_ok(store_events_append(p->store, &reboot, 1, 5, &p->err), &p->err);
	assert_int_equal(state_of(p, "web1"), INTENT_CLAIMED);
	assert_ok(store_events_append(p->store, &ready, 1, 6, &p->err), &p->err);
	assert_int_equal(state_of(p, "web1"), INTENT_DONE);
	/* the next boot's claim: what was told before it is the past */
	in.claimed_ms = 100;
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
	assert_ok(store_current_events_each(p->store, "web1", count, &n, &p->err), &p->err);
	assert_int_equal(n, 0);
	ready.seq = 21;
	assert_ok(store_events_append(p->store, &ready, 1, 100, &p->err), &p->err);
	assert_int_equal(state_of(p, "web1"), INTENT_DONE);
}

static void save_as(struct place *p, struct intent *in, enum intent_state state)
{
	in->state = state;
	assert_ok(store_intent_save(p->store, in, &p->err), &p->err);
}

static int64_t counts_for(struct place *p, const char *node)
{
	_cleanup_(intent_release) struct intent got = {0};

	assert_ok(store_intent_of_node(p->store, node, &got, &p->err), &p->err);
	return got.id;
}

static bool remember_id(const struct intent *in, void *arg)
{
	*(int64_t *)arg = in->id;
	return true;
}

/* A machine in memory has nothing but its intent to boot by. */
static void what_it_was_ready_with_counts_again_when_a_reinstall_is_taken_back(void **state)
{
	struct place *p = *state;
	_cleanup_(intent_release) struct intent in = add_intent(p, "web1"), next = {0};
	int64_t each = 0;

	in.in_memory = true;
	in.done_ms = 5;
	save_as(p, &in, INTENT_DONE);
	next = add_intent(p, "web1");
	assert_int_equal(counts_for(p, "web1"), next.id);
	save_as(p, &next, INTENT_EXPIRED);
	assert_int_equal(counts_for(p, "web1"), in.id);
	assert_ok(store_intents_each(p->store, NULL, remember_id, &each, &p->err), &p->err);
	assert_int_equal(each, in.id);
	next.in_memory = true;
	next.claimed_ms = 6;
	save_as(p, &next, INTENT_CANCELLED);
	save_as(p, &in, INTENT_CLAIMED);
	assert_int_equal(counts_for(p, "web1"), in.id);
	/* one that never was Ready, one on a disk, and one of a node that was removed do not */
	in.done_ms = 0;
	save_as(p, &in, INTENT_CLAIMED);
	assert_int_equal(counts_for(p, "web1"), next.id);
	in.done_ms = 5;
	in.in_memory = false;
	save_as(p, &in, INTENT_DONE);
	assert_int_equal(counts_for(p, "web1"), next.id);
	in.in_memory = true;
	save_as(p, &in, INTENT_DONE);
	assert_int_equal(counts_for(p, "web1"), in.id);
	assert_ok(store_node_removed(p->store, "web1", &p->err), &p->err);
	assert_int_equal(counts_for(p, "web1"), next.id);
}

/* What is on the disk since has taken its place. */
static void an_installation_on_a_disk_ends_what_was_in_memory(void **state)
{
	struct place *p = *state;
	_cleanup_(intent_release) struct intent in = add_intent(p, "web1"), disk = {0}, last = {0};

	in.in_memory = true;
	in.done_ms = 5;
	save_as(p, &in, INTENT_DONE);
	disk = add_intent(p, "web1");
	disk.done_ms = 6;
	save_as(p, &disk, INTENT_DONE);
	last = add_intent(p, "web1");
	save_as(p, &last, INTENT_CANCELLED);
	assert_int_equal(counts_for(p, "web1"), last.id);
}

static void a_wait_for_a_code_shows_although_it_was_ready(void **state)
{
	struct place *p = *state;
	_cleanup_(intent_release) struct intent in = add_intent(p, "web1");
	size_t n = 0;

	in.in_memory = true;
	in.plan_id = plan1;
	in.done_ms = 50;
	save_as(p, &in, INTENT_DONE);
	tell_done(p, 1, PHASE_POOLS, PHASE_POOLS + 1);
	assert_ok(store_event_note(p->store, "web1", &mac1, PHASE_CLAIM, EVENT_WAITING, "a", 49,
				   &p->err),
		  &p->err);
	assert_ok(store_current_events_each(p->store, "web1", count, &n, &p->err), &p->err);
	assert_int_equal(n, 0);
	assert_ok(store_event_note(p->store, "web1", &mac1, PHASE_CLAIM, EVENT_WAITING, "b", 51,
				   &p->err),
		  &p->err);
	assert_ok(store_current_events_each(p->store, "web1", count, &n, &p->err), &p->err);
	assert_int_equal(n, 1);
}

static void an_open_intent_expires(void **state)
{
	struct place *p = *state;
	_cleanup_(intent_release) struct intent in = add_intent(p, "web1");

	assert_ok(store_intents_expire(p->store, in.expires_ms - 1, &p->err), &p->err);
	assert_int_equal(state_of(p, "web1"), INTENT_OPEN);
	assert_ok(store_intents_expire(p->store, in.expires_ms, &p->err), &p->err);
	assert_int_equal(state_of(p, "web1"), INTENT_EXPIRED);
}

static void progress_tells_what_is_done(void **state)
{
	struct place *p = *state;
	struct event e[] = {an_event(1, PHASE_CLAIM, EVENT_DONE),
			    an_event(2, PHASE_PARTITION, EVENT_STARTED)};
	bool done[PHASE_MAX];
	uint64_t seq;

	assert_ok(store_events_append(p->store, e, 2, 5, &p->err), &p->err);
	assert_ok(store_plan_progress(p->store, &mac1, &plan1, done, &seq, &p->err), &p->err);
	assert_true(done[PHASE_CLAIM]);
	assert_false(done[PHASE_PARTITION]);
	assert_int_equal(seq, 2);
	assert_ok(store_plan_progress(p->store, &mac2, &plan1, done, &seq, &p->err), &p->err);
	assert_int_equal(seq, 0);
}

static void status_reads_what_is_going_on(void **state)
{
	struct place *p = *state;
	_cleanup_(intent_release) struct intent in = add_intent(p, "web1");
	struct event e[] = {an_event(1, PHASE_UNPACK, EVENT_STARTED),
			    an_event(2, PHASE_UNPACK, EVENT_PROGRESS),
			    an_event(3, PHASE_UNPACK, EVENT_PROGRESS)};
	size_t n = 0;

	in.state = INTENT_CLAIMED;
	in.plan_id = plan1;
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
	assert_ok(store_events_append(p->store, e, 3, 2000, &p->err), &p->err);
	assert_ok(store_event_note(p->store, "web1", &mac1, PHASE_CLAIM, EVENT_NOTE, "now", 2000,
				   &p->err),
		  &p->err);
	assert_ok(store_event_note(p->store, "web2", &mac2, PHASE_CLAIM, EVENT_NOTE, "other", 2000,
				   &p->err),
		  &p->err);
	/* started, the last progress, the note */
	assert_ok(store_current_events_each(p->store, NULL, count, &n, &p->err), &p->err);
	assert_int_equal(n, 3);
	n = 0;
	assert_ok(store_current_events_each(p->store, "web2", count, &n, &p->err), &p->err);
	assert_int_equal(n, 0);
	in.state = INTENT_DONE;
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
	assert_ok(store_current_events_each(p->store, NULL, count, &n, &p->err), &p->err);
	assert_int_equal(n, 0);
}

static void history_holds_plans_that_touched_disks(void **state)
{
	struct place *p = *state;
	_cleanup_(intent_release) struct intent in = add_intent(p, "web1");
	struct event e = an_event(2, PHASE_PARTITION, EVENT_STARTED);
	struct store_plan *plans = NULL;
	size_t n = 9;

	in.plan_id = plan1;
	in.plan = xstrdup("{\"a\":1}");
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
	assert_ok(store_plan_history(p->store, "web1", &plans, &n, &p->err), &p->err);
	assert_int_equal(n, 0);
	assert_ok(store_events_append(p->store, &e, 1, 5, &p->err), &p->err);
	assert_ok(store_plan_history(p->store, "web1", &plans, &n, &p->err), &p->err);
	assert_int_equal(n, 1);
	assert_string_equal(plans[0].json, "{\"a\":1}");
	assert_memory_equal(&plans[0].id, &plan1, sizeof(plan1));
	assert_false(plans[0].made_pools);
	free(plans[0].json);
	free(plans);
	e = an_event(3, PHASE_POOLS, EVENT_DONE);
	assert_ok(store_events_append(p->store, &e, 1, 6, &p->err), &p->err);
	assert_ok(store_plan_history(p->store, "web1", &plans, &n, &p->err), &p->err);
	assert_true(plans[0].made_pools);
	free(plans[0].json);
	free(plans);
}

static void a_rolled_back_part_undoes_the_whole(void **state)
{
	struct place *p = *state;
	struct event e = an_event(1, PHASE_CLAIM, EVENT_DONE);

	assert_ok(store_begin(p->store, &p->err), &p->err);
	assert_ok(store_events_append(p->store, &e, 1, 5, &p->err), &p->err);
	assert_ok(store_begin(p->store, &p->err), &p->err);
	store_rollback(p->store);
	assert_fails(store_commit(p->store, &p->err), &p->err, ERR_INTERNAL, "failed");
	assert_int_equal(events_of(p, NULL, 0), 0);
}

static bool count_lease(const struct store_lease *l, void *arg)
{
	(void)l;
	++*(size_t *)arg;
	return true;
}

static void an_address_moves_to_its_newest_holder(void **state)
{
	struct place *p = *state;
	char name[] = "laptop";
	struct store_lease l[] = {{mac1, {10}, 100, name}, {mac2, {10}, 200, NULL}};
	size_t n = 0;

	assert_ok(store_leases_put(p->store, l, 2, &p->err), &p->err);
	assert_ok(store_leases_each(p->store, count_lease, &n, &p->err), &p->err);
	assert_int_equal(n, 1);
	l[1].expires_s = 0;
	assert_ok(store_leases_put(p->store, &l[1], 1, &p->err), &p->err);
	n = 0;
	assert_ok(store_leases_each(p->store, count_lease, &n, &p->err), &p->err);
	assert_int_equal(n, 0);
}

static bool count_unknown(const struct unknown_machine *m, void *arg)
{
	(void)m;
	++*(size_t *)arg;
	return true;
}

static void unknown_machines_are_capped(void **state)
{
	struct place *p = *state;
	size_t n = 0;

	assert_ok(store_begin(p->store, &p->err), &p->err);
	for (int i = 0; i < LIMIT_UNKNOWN + 10; i++) {
		struct unknown_machine m = {.mac = {{2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i}},
					    .first_ms = i,
					    .last_ms = i};

		assert_ok(store_unknown_put(p->store, &m, 1, &p->err), &p->err);
	}
	assert_ok(store_commit(p->store, &p->err), &p->err);
	assert_ok(store_unknown_each(p->store, count_unknown, &n, &p->err), &p->err);
	assert_int_equal(n, LIMIT_UNKNOWN);
	assert_fails(store_unknown_forget(p->store, &(struct mac){{2}}, &p->err), &p->err,
		     ERR_NOT_FOUND, "02:00:00:00:00:00");
}

static void a_second_store_is_refused_by_pid(void **state)
{
	struct place *p = *state;
	_cleanup_(freep) char *pid = xasprintf("process %ld holds", (long)getpid());
	struct store *second;

	assert_fails(store_open(p->dir, &second, &p->err), &p->err, ERR_BUSY, pid);
}

static void count_change(void *arg, bool intents, const char *node)
{
	assert_false(intents);
	assert_null(node);
	++*(int *)arg;
}

static void remember_node(void *arg, bool intents, const char *node)
{
	assert_true(intents);
	*(char **)arg = xstrdup(node);
}

struct look {
	struct place *p;
	pthread_t writer;
	size_t seen;
};

static void *cancel_web1(void *arg)
{
	struct place *p = arg;
	struct intent in = {0};
	struct err why = ERR_INIT;

	if (store_intent_of_node(p->store, "web1", &in, &why) == 0) {
		in.state = INTENT_CANCELLED;
		if (store_intent_save(p->store, &in, &why) < 0)
			err_release(&why);
	}
	intent_release(&in);
	return NULL;
}

/* A change that comes meanwhile waits until what was read has been made use of. */
static bool look_and_write(const struct intent *in, void *arg)
{
	struct look *l = arg;
	struct timespec end;

	l->seen++;
	assert_string_equal(in->node, "web1");
	assert_int_equal(pthread_create(&l->writer, NULL, cancel_web1, l->p), 0);
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_nsec += 20 * 1000000L;
	end.tv_sec += end.tv_nsec / 1000000000L;
	end.tv_nsec %= 1000000000L;
	assert_int_equal(pthread_timedjoin_np(l->writer, NULL, &end), ETIMEDOUT);
	assert_int_equal(in->state, INTENT_OPEN);
	return true;
}

static void an_intent_stays_the_newest_while_it_is_looked_at(void **state)
{
	struct place *p = *state;
	_cleanup_(intent_release) struct intent got = {0};
	struct look l = {.p = p};

	add_intents(p);
	assert_ok(store_intents_each(p->store, "web1", look_and_write, &l, &p->err), &p->err);
	assert_int_equal(l.seen, 1);
	assert_int_equal(pthread_join(l.writer, NULL), 0);
	assert_ok(store_intent_of_node(p->store, "web1", &got, &p->err), &p->err);
	assert_int_equal(got.state, INTENT_CANCELLED);
	assert_ok(store_intents_each(p->store, "web3", look_and_write, &l, &p->err), &p->err);
	assert_int_equal(l.seen, 1);
}

static void a_changed_intent_is_told_by_its_node(void **state)
{
	struct place *p = *state;
	_cleanup_(intent_release) struct intent in = {0};
	_cleanup_(freep) char *node = NULL;

	store_on_change(p->store, remember_node, &node);
	in = add_intent(p, "web1");
	assert_string_equal(node, "web1");
	store_on_change(p->store, NULL, NULL);
}

static void a_change_is_told_after_the_commit(void **state)
{
	struct place *p = *state;
	struct event e = an_event(1, PHASE_CLAIM, EVENT_DONE);
	int changes = 0;

	store_on_change(p->store, count_change, &changes);
	assert_ok(store_begin(p->store, &p->err), &p->err);
	assert_ok(store_events_append(p->store, &e, 1, 5, &p->err), &p->err);
	assert_int_equal(changes, 0);
	assert_ok(store_commit(p->store, &p->err), &p->err);
	assert_int_equal(changes, 1);
}

/* The store as the first schema left it. */
static void an_old_store_keeps_its_codes(void **state)
{
	struct place *p = *state;
	_cleanup_(intent_release) struct intent got = {0};
	_cleanup_(freep) char *path = xasprintf("%s/store/state.db", p->dir);
	sqlite3 *db = NULL;

	add_intents(p);
	p->store = store_close(p->store);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(db,
			     "ALTER TABLE intents DROP COLUMN in_memory;"
			     "ALTER TABLE intents DROP COLUMN removed;"
			     "ALTER TABLE intents DROP COLUMN codes;"
			     "ALTER TABLE intents RENAME COLUMN approved TO code;"
			     "ALTER TABLE intents ADD COLUMN approved INTEGER NOT NULL DEFAULT 0;"
			     "UPDATE intents SET code = '1234-5678';"
			     "UPDATE intents SET approved = 1 WHERE node = 'web1';"
			     "PRAGMA user_version = 1;",
			     NULL, NULL, NULL),
		SQLITE_OK);
	sqlite3_close(db);
	assert_ok(store_open(p->dir, &p->store, &p->err), &p->err);
	assert_ok(store_intent_of_node(p->store, "web1", &got, &p->err), &p->err);
	assert_string_equal(got.approved, "1234-5678");
	intent_release(&got);
	assert_ok(store_intent_of_node(p->store, "web2", &got, &p->err), &p->err);
	assert_null(got.approved);
	assert_int_equal(got.codes.n, 1);
	assert_string_equal(got.codes.v[0], "1234-5678");
}

static void the_nonce_key_stays(void **state)
{
	struct place *p = *state;
	uint8_t a[32], b[32];

	assert_ok(store_nonce_key(p->store, a, &p->err), &p->err);
	p->store = store_close(p->store);
	assert_ok(store_open(p->dir, &p->store, &p->err), &p->err);
	assert_ok(store_nonce_key(p->store, b, &p->err), &p->err);
	assert_memory_equal(a, b, sizeof(a));
}

/* A child appends events as fast as it can and writes each acknowledged seq to a pipe. */
static _noreturn_ void writer(const char *dir, int out)
{
	struct err err = ERR_INIT;
	struct store *s;

	if (store_open(dir, &s, &err) < 0)
		_exit(1);
	for (uint64_t seq = 1;; seq++) {
		struct event e = an_event(seq, PHASE_UNPACK, EVENT_PROGRESS);

		if (store_events_append(s, &e, 1, 5, &err) < 0 ||
		    write(out, &seq, sizeof(seq)) != sizeof(seq))
			_exit(1);
	}
}

static void nothing_acknowledged_is_lost_by_kill_9(void **state)
{
	struct place *p = *state;
	bool done[PHASE_MAX];
	uint64_t acked = 0, seq = 0, stored = 0;

	p->store = store_close(p->store);
	for (int round = 0; round < 5; round++) {
		int fds[2], status;
		pid_t pid;

		assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
		pid = fork();
		if (pid == 0)
			writer(p->dir, fds[1]);
		close(fds[1]);
		/* killed somewhere after its (20 + round)th acknowledgement */
		for (int i = 0; i < 20 + round; i++) {
			assert_int_equal(read(fds[0], &seq, sizeof(seq)), sizeof(seq));
			acked = seq > acked ? seq : acked;
		}
		kill(pid, SIGKILL);
		while (read(fds[0], &seq, sizeof(seq)) == sizeof(seq))
			acked = seq > acked ? seq : acked;
		close(fds[0]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSIGNALED(status));
		assert_ok(store_open(p->dir, &p->store, &p->err), &p->err);
		assert_ok(store_plan_progress(p->store, &mac1, &plan1, done, &stored, &p->err),
			  &p->err);
		assert_true(stored >= acked);
		p->store = store_close(p->store);
	}
}

int main(void)
{
#define EACH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		EACH(an_event_twice_is_stored_once),
		EACH(a_note_is_not_repeated),
		EACH(a_note_is_cut_and_tidied),
		EACH(an_intent_keeps_every_field),
		EACH(a_node_has_one_live_intent),
		EACH(events_move_the_intent),
		EACH(a_machine_in_memory_goes_from_claimed_to_done),
		EACH(what_it_was_ready_with_counts_again_when_a_reinstall_is_taken_back),
		EACH(an_installation_on_a_disk_ends_what_was_in_memory),
		EACH(a_wait_for_a_code_shows_although_it_was_ready),
		EACH(an_open_intent_expires),
		EACH(progress_tells_what_is_done),
		EACH(status_reads_what_is_going_on),
		EACH(history_holds_plans_that_touched_disks),
		EACH(a_rolled_back_part_undoes_the_whole),
		EACH(an_address_moves_to_its_newest_holder),
		EACH(unknown_machines_are_capped),
		EACH(a_second_store_is_refused_by_pid),
		EACH(a_change_is_told_after_the_commit),
		EACH(an_intent_stays_the_newest_while_it_is_looked_at),
		EACH(a_changed_intent_is_told_by_its_node),
		EACH(an_old_store_keeps_its_codes),
		EACH(the_nonce_key_stays),
		EACH(nothing_acknowledged_is_lost_by_kill_9),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
