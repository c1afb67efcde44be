/* SPDX-License-Identifier: Apache-2.0 */
/* The operations on a store of its own: op_run.c, op_intent.c and op_status.c. */
#include "unit.h"

#include <ftw.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "limits.h"
#include "op_run.h"

struct desk {
	char dir[64];
	struct store *store;
	struct inventory *inventory;
	struct op_context ctx;
	struct err err;
	json_t *reply;
};

static const char cluster_text[] =
	"cluster: {name: home, flavour: k3s, version: 1.31.4+k3s1, controlPlaneEndpoint: "
	"'10.0.0.10:6443'}\n"
	"provisioner: {interfaces: [br0], address: 10.0.0.1}\n"
	"lan: {subnet: 10.0.0.0/24}\n"
	"dhcp: {mode: off}\n"
	"image: debian-13\n"
	"sshKeys: ['ssh-ed25519 "
	"AAAAC3NzaC1lZDI1NTE5AAAAIMH8ugb2Mt7LAhYTu6lVZ0hCHwavzW0zgYeV8t1lWG57 "
	"you']\n";

static int load(struct desk *p, const char *node1)
{
	static const char node2[] = "mac: 52:54:00:00:00:02\nrole: worker\n";
	const struct inventory_text cluster = {"cluster.yaml", cluster_text,
					       sizeof(cluster_text) - 1};
	const struct inventory_text nodes[] = {{"nodes/web1.yaml", node1, strlen(node1)},
					       {"nodes/web2.yaml", node2, sizeof(node2) - 1}};
	struct problems ps = {0};

	if (inventory_parse(&cluster, nodes, 2, &p->inventory, &ps) == 0)
		return 0;
	problems_to_err(&ps, &p->err);
	print_error("%s\n", err_text(&p->err));
	problems_release(&ps);
	return -1;
}

static int setup(void **state)
{
	struct desk *p = xcalloc(1, sizeof(*p));

	memcpy(p->dir, "/tmp/test_op_run.XXXXXX", sizeof("/tmp/test_op_run.XXXXXX"));
	*state = p;
	if (!mkdtemp(p->dir) || store_open(p->dir, &p->store, &p->err) < 0 ||
	    load(p, "mac: 52:54:00:00:00:01\nrole: worker\n") < 0)
		return -1;
	p->ctx = (struct op_context){
		.store = p->store, .inventory = p->inventory, .now_ms = 1000000};
	return 0;
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

	json_decref(p->reply);
	store_close(p->store);
	inventory_free(p->inventory);
	nftw(p->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

/* Runs an operation with its arguments as JSON; the reply is the place's until the next one. */
static int run(struct desk *p, const char *op, const char *args)
{
	_cleanup_json_ json_t *j = json_loads(args, 0, NULL);

	assert_non_null(j);
	json_decref(p->reply);
	p->reply = NULL;
	return op_run(&p->ctx, op, j, &p->reply, &p->err);
}

static const char *text(struct desk *p, const char *key)
{
	const char *value = json_string_value(json_object_get(p->reply, key));

	return value ? value : "";
}

/* Makes the node's intent what a claim and its events would. */
static void move_to(struct desk *p, const char *node, enum intent_state state)
{
	_cleanup_(intent_release) struct intent in = {0};

	assert_ok(store_intent_of_node(p->store, node, &in, &p->err), &p->err);
	in.state = state;
	in.claimed_ms = 1;
	if (state == INTENT_DONE)
		in.written_ms = in.done_ms = 1;
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
}

static void a_node_is_asked_for_once_and_consents_add_up(void **state)
{
	struct desk *p = *state;

	assert_ok(run(p, "intent-open", "{\"node\":\"web1\",\"erase\":[\"A\"]}"), &p->err);
	assert_string_equal(text(p, "state"), "open");
	assert_string_equal(text(p, "kind"), "install");
	p->ctx.now_ms += 1000;
	assert_ok(run(p, "intent-open", "{\"node\":\"web1\",\"erase\":[\"B\",\"A\"]}"), &p->err);
	assert_int_equal(json_array_size(json_object_get(p->reply, "erase")), 2);
	assert_int_equal(json_integer_value(json_object_get(p->reply, "expires")),
			 p->ctx.now_ms + INTENT_LIFETIME_S * 1000LL);
}

static void an_unknown_node_is_told_with_the_nearest(void **state)
{
	struct desk *p = *state;

	assert_fails(run(p, "intent-open", "{\"node\":\"web3\"}"), &p->err, ERR_NOT_FOUND, "web");
	assert_fails(run(p, "intent-open", "{}"), &p->err, ERR_PROTOCOL, "$.node");
	assert_fails(run(p, "intent-open", "{\"node\":\"web1\",\"x\":1}"), &p->err, ERR_PROTOCOL,
		     "x");
	assert_fails(run(p, "sing", "{}"), &p->err, ERR_USAGE, "sing");
}

static void an_installation_in_progress_is_not_asked_for_again(void **state)
{
	struct desk *p = *state;

	assert_ok(run(p, "intent-open", "{\"node\":\"web1\"}"), &p->err);
	move_to(p, "web1", INTENT_CLAIMED);
	assert_fails(run(p, "intent-open", "{\"node\":\"web1\"}"), &p->err, ERR_REFUSED,
		     "provision reinstall web1");
	/* add-node of a node that was removed: its file is new, the machine is not */
	move_to(p, "web1", INTENT_DONE);
	assert_ok(run(p, "intent-cancel", "{\"node\":\"web1\",\"removed\":true}"), &p->err);
	assert_ok(run(p, "intent-open", "{\"node\":\"web1\"}"), &p->err);
	assert_string_equal(text(p, "kind"), "reinstall");
}

static void reinstall_starts_again_from_any_state(void **state)
{
	static const enum intent_state states[] = {INTENT_OPEN, INTENT_CLAIMED, INTENT_WRITTEN,
						   INTENT_DONE, INTENT_EXPIRED, INTENT_CANCELLED};
	struct desk *p = *state;

	assert_ok(run(p, "intent-open", "{\"node\":\"web1\"}"), &p->err);
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		move_to(p, "web1", states[i]);
		assert_ok(run(p, "intent-open", "{\"node\":\"web1\",\"kind\":\"reinstall\"}"),
			  &p->err);
		assert_string_equal(text(p, "state"), "open");
	}
	assert_string_equal(text(p, "kind"), "reinstall");
}

static void a_reinstall_knows_the_last_token(void **state)
{
	struct desk *p = *state;
	_cleanup_(intent_release) struct intent in = {0}, next = {0};

	assert_ok(run(p, "intent-open", "{\"node\":\"web1\"}"), &p->err);
	assert_ok(store_intent_of_node(p->store, "web1", &in, &p->err), &p->err);
	in.state = INTENT_DONE;
	in.token_id = xstrdup("abcdef");
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
	assert_ok(run(p, "intent-open", "{\"node\":\"web1\",\"kind\":\"reinstall\"}"), &p->err);
	assert_ok(store_intent_of_node(p->store, "web1", &next, &p->err), &p->err);
	assert_true(next.id > in.id);
	assert_string_equal(next.token_id, "abcdef");
}

static void control_plane_done(struct desk *p, const char *node)
{
	_cleanup_(intent_release) struct intent in = {0};

	assert_ok(store_intent_of_node(p->store, node, &in, &p->err), &p->err);
	in.state = INTENT_DONE;
	in.done_ms = p->ctx.now_ms;
	in.control_plane = true;
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
}

static void a_control_plane_is_not_reinstalled_without_a_word(void **state)
{
	static const char again[] = "{\"node\":\"web1\",\"kind\":\"reinstall\"}";
	static const char discard[] =
		"{\"node\":\"web1\",\"kind\":\"reinstall\",\"discardClusterState\":true}";
	struct desk *p = *state;

	assert_ok(run(p, "intent-open", "{\"node\":\"web1\"}"), &p->err);
	control_plane_done(p, "web1");
	assert_fails(run(p, "intent-open", again), &p->err, ERR_REFUSED,
		     "web1 is the only control plane");
	assert_ok(run(p, "intent-open", discard), &p->err);
	/* that it was asked for does not make the next one safe */
	assert_fails(run(p, "intent-open", again), &p->err, ERR_REFUSED, "the only control plane");
	assert_ok(run(p, "intent-open", "{\"node\":\"web2\"}"), &p->err);
	control_plane_done(p, "web2");
	assert_fails(run(p, "intent-open", again), &p->err, ERR_REFUSED, "etcdctl member remove");
}

static void a_removed_control_plane_is_no_cluster(void **state)
{
	struct desk *p = *state;
	bool there;

	assert_ok(run(p, "intent-open", "{\"node\":\"web1\"}"), &p->err);
	control_plane_done(p, "web1");
	assert_ok(store_cluster_initialised(p->store, "web2", &there, &p->err), &p->err);
	assert_true(there);
	assert_ok(run(p, "intent-cancel", "{\"node\":\"web1\",\"removed\":true}"), &p->err);
	assert_ok(store_cluster_initialised(p->store, "web2", &there, &p->err), &p->err);
	assert_false(there);
	/* its disks hold what they hold */
	assert_fails(run(p, "intent-open", "{\"node\":\"web1\"}"), &p->err, ERR_REFUSED,
		     "web1 is the only control plane");
	assert_ok(run(p, "intent-open", "{\"node\":\"web1\",\"discardClusterState\":true}"),
		  &p->err);
}

static void what_holds_the_cluster_counts_before_it_is_ready(void **state)
{
	static const char discard[] =
		"{\"node\":\"web1\",\"kind\":\"reinstall\",\"discardClusterState\":true}";
	_cleanup_(intent_release) struct intent in = {0};
	struct desk *p = *state;

	/* kubeadm init was given the keys, and no pod network lets the node get Ready */
	assert_ok(run(p, "intent-open", "{\"node\":\"web1\"}"), &p->err);
	assert_ok(store_intent_of_node(p->store, "web1", &in, &p->err), &p->err);
	in.state = INTENT_WRITTEN;
	in.control_plane = true;
	in.secret_out = true;
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
	assert_fails(run(p, "intent-open", "{\"node\":\"web1\",\"kind\":\"reinstall\"}"), &p->err,
		     ERR_REFUSED, "web1 is the only control plane");
	/* nor does a word that was taken back count for the next installation */
	assert_ok(run(p, "intent-open", discard), &p->err);
	assert_ok(run(p, "intent-cancel", "{\"node\":\"web1\"}"), &p->err);
	assert_fails(run(p, "intent-open", "{\"node\":\"web1\"}"), &p->err, ERR_REFUSED,
		     "web1 is the only control plane");
}

/* Makes web1 a control plane in the files, whatever the store knows. */
static void make_control_plane(struct desk *p)
{
	p->inventory = inventory_free(p->inventory);
	assert_int_equal(load(p, "mac: 52:54:00:00:00:01\nrole: control-plane\n"
				 "address: 10.0.0.11/24\n"),
			 0);
	p->ctx.inventory = p->inventory;
}

/* A store that was lost knows nothing of the etcd on the machine's disks. */
static void a_control_plane_without_history_is_not_reinstalled_without_a_word(void **state)
{
	static const char again[] = "{\"node\":\"web1\",\"kind\":\"reinstall\"}";
	static const char discard[] =
		"{\"node\":\"web1\",\"kind\":\"reinstall\",\"discardClusterState\":true}";
	struct desk *p = *state;

	make_control_plane(p);
	assert_fails(run(p, "intent-open", again), &p->err, ERR_REFUSED,
		     "no earlier installation is recorded here");
	assert_fails(run(p, "intent-open", again), &p->err, ERR_REFUSED, "--discard-cluster-state");
	assert_fails(run(p, "intent-open", again), &p->err, ERR_REFUSED, "add-node");
	assert_ok(run(p, "intent-open", discard), &p->err);
	/* the word was given for the intent that is open, and goes with it */
	assert_ok(run(p, "intent-open", again), &p->err);
	assert_ok(run(p, "intent-cancel", "{\"node\":\"web1\"}"), &p->err);
	assert_fails(run(p, "intent-open", again), &p->err, ERR_REFUSED,
		     "no earlier installation is recorded here");
	/* add-node's own intent is one of a new machine */
	assert_ok(run(p, "intent-open", "{\"node\":\"web1\"}"), &p->err);
	assert_ok(run(p, "intent-open", again), &p->err);
}

static void what_was_never_installed_is_installed_first(void **state)
{
	struct desk *p = *state;

	assert_ok(run(p, "intent-open", "{\"node\":\"web2\",\"kind\":\"reinstall\"}"), &p->err);
	assert_string_equal(text(p, "kind"), "install");
}

static void approval_names_what_it_permits(void **state)
{
	struct desk *p = *state;

	assert_fails(run(p, "approve", "{\"node\":\"web1\",\"erase\":[\"A\"]}"), &p->err,
		     ERR_NOT_FOUND, "provision reinstall web1");
	assert_ok(run(p, "intent-open", "{\"node\":\"web1\"}"), &p->err);
	assert_fails(run(p, "approve", "{\"node\":\"web1\"}"), &p->err, ERR_USAGE, "--erase");
	assert_ok(run(p, "approve", "{\"node\":\"web1\",\"erase\":[\"A\"]}"), &p->err);
	assert_ok(run(p, "events", "{\"node\":\"web1\"}"), &p->err);
	assert_int_equal(json_array_size(json_object_get(p->reply, "events")), 1);
	move_to(p, "web1", INTENT_CLAIMED);
	assert_fails(run(p, "approve", "{\"node\":\"web1\",\"erase\":[\"B\"]}"), &p->err,
		     ERR_REFUSED, "frozen");
}

static void a_code_has_to_be_the_one_that_is_shown(void **state)
{
	struct desk *p = *state;
	_cleanup_(intent_release) struct intent in = {0};

	assert_ok(run(p, "intent-open", "{\"node\":\"web1\",\"confirm\":true}"), &p->err);
	assert_fails(run(p, "approve", "{\"node\":\"web1\",\"code\":\"1234-5678\"}"), &p->err,
		     ERR_NOT_FOUND, "power it on");
	assert_ok(store_intent_of_node(p->store, "web1", &in, &p->err), &p->err);
	strv_add(&in.codes, "1234-5678");
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
	assert_fails(run(p, "approve", "{\"node\":\"web1\",\"code\":\"1234-5679\"}"), &p->err,
		     ERR_REFUSED, "another code");
	assert_fails(run(p, "approve", "{\"node\":\"web1\",\"code\":\"1234-567\"}"), &p->err,
		     ERR_USAGE, "eight digits");
	assert_ok(run(p, "approve", "{\"node\":\"web1\",\"code\":\"12345678\"}"), &p->err);
	intent_release(&in);
	assert_ok(store_intent_of_node(p->store, "web1", &in, &p->err), &p->err);
	assert_string_equal(in.approved, "1234-5678");
}

static void many_codes_keep_none_from_being_approved(void **state)
{
	struct desk *p = *state;
	_cleanup_(intent_release) struct intent in = {0};

	assert_ok(run(p, "intent-open", "{\"node\":\"web1\",\"confirm\":true}"), &p->err);
	assert_ok(store_intent_of_node(p->store, "web1", &in, &p->err), &p->err);
	for (int i = 0; i < LIMIT_CODES; i++)
		strv_take(&in.codes, xasprintf("0000-000%d", i));
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
	assert_ok(run(p, "approve", "{\"node\":\"web1\",\"code\":\"0000-0001\"}"), &p->err);
	assert_string_equal(text(p, "message"), "");
	assert_ok(run(p, "approve", "{\"node\":\"web1\",\"code\":\"1234-5678\"}"), &p->err);
	assert_non_null(strstr(text(p, "message"), "not known"));
}

static void a_machine_with_a_new_key_is_approved_too_until_a_secret_is_out(void **state)
{
	struct desk *p = *state;
	_cleanup_(intent_release) struct intent in = {0};
	static const char approve[] = "{\"node\":\"web1\",\"code\":\"1234-5678\"}";

	assert_ok(run(p, "intent-open", "{\"node\":\"web1\",\"confirm\":true}"), &p->err);
	assert_ok(store_intent_of_node(p->store, "web1", &in, &p->err), &p->err);
	strv_add(&in.codes, "1234-5678");
	in.state = INTENT_WRITTEN;
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
	assert_ok(run(p, "approve", approve), &p->err);
	in.secret_out = true;
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
	assert_fails(run(p, "approve", approve), &p->err, ERR_REFUSED, "provision reinstall web1");
}

static size_t events_there(struct desk *p)
{
	assert_ok(run(p, "events", "{}"), &p->err);
	return json_array_size(json_object_get(p->reply, "events"));
}

/* What a machine in memory was Ready with. */
static struct intent stands(struct desk *p)
{
	struct intent in = {0};

	assert_ok(run(p, "intent-open", "{\"node\":\"web1\",\"confirm\":true}"), &p->err);
	assert_ok(store_intent_of_node(p->store, "web1", &in, &p->err), &p->err);
	in.in_memory = true;
	in.claimed_ms = 1;
	in.done_ms = 2;
	in.state = INTENT_DONE;
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
	return in;
}

static int64_t counts(struct desk *p)
{
	_cleanup_(intent_release) struct intent in = {0};

	assert_ok(store_intent_of_node(p->store, "web1", &in, &p->err), &p->err);
	return in.id;
}

static void a_boot_of_a_machine_in_memory_is_approved_by_its_code(void **state)
{
	struct desk *p = *state;
	_cleanup_(intent_release) struct intent in = stands(p);

	strv_add(&in.codes, "1234-5678");
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
	assert_ok(run(p, "approve", "{\"node\":\"web1\",\"code\":\"12345678\"}"), &p->err);
	assert_fails(run(p, "approve", "{\"node\":\"web1\",\"erase\":[\"A\"]}"), &p->err,
		     ERR_REFUSED, "its plan is frozen");
}

static void what_a_machine_in_memory_runs_outlives_a_reinstall_that_is_taken_back(void **state)
{
	struct desk *p = *state;
	_cleanup_(intent_release) struct intent in = stands(p);

	/* at its next boot, on its way to Ready: nothing of an installation is open */
	in.state = INTENT_CLAIMED;
	in.claimed_ms = 3;
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
	assert_ok(run(p, "intent-cancel", "{\"node\":\"web1\"}"), &p->err);
	assert_false(json_is_true(json_object_get(p->reply, "cancelled")));
	assert_ok(run(p, "intent-open", "{\"node\":\"web1\",\"kind\":\"reinstall\"}"), &p->err);
	assert_true(counts(p) > in.id);
	assert_ok(run(p, "intent-cancel", "{\"node\":\"web1\"}"), &p->err);
	assert_true(json_is_true(json_object_get(p->reply, "cancelled")));
	assert_int_equal(counts(p), in.id);
	assert_ok(run(p, "status", "{\"node\":\"web1\"}"), &p->err);
	assert_string_equal(
		json_string_value(json_object_get(
			json_array_get(json_object_get(p->reply, "nodes"), 0), "state")),
		"ready");
	/* and asked for again it is a reinstall, that nobody's confirm is carried over to */
	assert_ok(run(p, "intent-open", "{\"node\":\"web1\",\"kind\":\"reinstall\"}"), &p->err);
	assert_string_equal(text(p, "kind"), "reinstall");
	assert_ok(run(p, "intent-cancel", "{\"node\":\"web1\"}"), &p->err);
	assert_ok(run(p, "intent-cancel", "{\"node\":\"web1\",\"removed\":true}"), &p->err);
	assert_true(json_is_true(json_object_get(p->reply, "cancelled")));
	assert_true(counts(p) > in.id);
}

static void a_code_that_nobody_asks_for_is_refused(void **state)
{
	struct desk *p = *state;

	assert_ok(run(p, "intent-open", "{\"node\":\"web1\"}"), &p->err);
	assert_fails(run(p, "approve", "{\"node\":\"web1\",\"code\":\"1234-5678\"}"), &p->err,
		     ERR_REFUSED, "asks for no code");
	assert_int_equal(events_there(p), 0);
	assert_fails(run(p, "approve", "{\"node\":\"web3\",\"code\":\"1234-5678\"}"), &p->err,
		     ERR_NOT_FOUND, "no node is called web3; did you mean web");
}

static void a_reinstall_keeps_the_code_and_says_what_it_drops(void **state)
{
	struct desk *p = *state;
	_cleanup_(intent_release) struct intent in = {0};
	static const char again[] = "{\"node\":\"web1\",\"kind\":\"reinstall\",\"erase\":[\"B\"]}";

	assert_ok(run(p, "intent-open",
		      "{\"node\":\"web1\",\"confirm\":true,\"erase\":[\"A\",\"B\"]}"),
		  &p->err);
	assert_ok(run(p, "intent-open", again), &p->err);
	assert_non_null(strstr(text(p, "message"), "provision approve web1 CODE"));
	assert_non_null(strstr(text(p, "message"), "provision approve web1 --erase A"));
	assert_null(strstr(text(p, "message"), "--erase B"));
	assert_ok(store_intent_of_node(p->store, "web1", &in, &p->err), &p->err);
	assert_true(in.confirm);
	assert_int_equal(in.consents.n, 1);
	/* of an installation that is over nothing is left */
	move_to(p, "web1", INTENT_DONE);
	assert_ok(run(p, "intent-open", again), &p->err);
	intent_release(&in);
	assert_ok(store_intent_of_node(p->store, "web1", &in, &p->err), &p->err);
	assert_false(in.confirm);
	assert_null(strstr(text(p, "message"), "approve"));
}

static void cancel_is_told_whether_there_was_something(void **state)
{
	struct desk *p = *state;

	assert_ok(run(p, "intent-cancel", "{\"node\":\"web1\"}"), &p->err);
	assert_true(json_is_false(json_object_get(p->reply, "cancelled")));
	assert_ok(run(p, "intent-open", "{\"node\":\"web1\"}"), &p->err);
	assert_ok(run(p, "intent-cancel", "{\"node\":\"web1\"}"), &p->err);
	assert_true(json_is_true(json_object_get(p->reply, "cancelled")));
	assert_string_equal(text(p, "message"), "");
	assert_fails(run(p, "intent-cancel", "{\"node\":\"web9\"}"), &p->err, ERR_NOT_FOUND,
		     "no node is called web9");
}

static void cancel_says_what_it_cannot_take_back(void **state)
{
	struct desk *p = *state;

	assert_ok(run(p, "intent-open", "{\"node\":\"web1\"}"), &p->err);
	move_to(p, "web1", INTENT_CLAIMED);
	assert_ok(run(p, "intent-cancel", "{\"node\":\"web1\"}"), &p->err);
	assert_non_null(strstr(text(p, "message"), "stops at its next report"));
	assert_ok(run(p, "intent-open", "{\"node\":\"web2\"}"), &p->err);
	move_to(p, "web2", INTENT_WRITTEN);
	assert_fails(run(p, "intent-cancel", "{\"node\":\"web2\"}"), &p->err, ERR_REFUSED,
		     "the disks of web2 are written");
	assert_ok(run(p, "intent-cancel", "{\"node\":\"web2\",\"removed\":true}"), &p->err);
	assert_true(json_is_true(json_object_get(p->reply, "cancelled")));
}

static const char *state_of(struct desk *p, size_t i)
{
	const json_t *nodes = json_object_get(p->reply, "nodes");

	return json_string_value(json_object_get(json_array_get(nodes, i), "state"));
}

static void status_lists_every_record_by_name(void **state)
{
	struct desk *p = *state;

	assert_ok(run(p, "intent-open", "{\"node\":\"web2\"}"), &p->err);
	assert_ok(run(p, "status", "{}"), &p->err);
	assert_string_equal(text(p, "cluster"), "home");
	assert_int_equal(json_array_size(json_object_get(p->reply, "nodes")), 2);
	assert_string_equal(state_of(p, 0), "declared");
	assert_string_equal(state_of(p, 1), "open");
	assert_ok(run(p, "status", "{\"node\":\"web2\"}"), &p->err);
	assert_int_equal(json_array_size(json_object_get(p->reply, "nodes")), 1);
	assert_string_equal(state_of(p, 0), "open");
	assert_fails(run(p, "status", "{\"node\":\"web9\"}"), &p->err, ERR_NOT_FOUND, "web");
}

static void *use_the_store(void *arg)
{
	struct desk *p = arg;
	struct err why = ERR_INIT;
	int64_t last;

	return store_events_last(p->store, &last, &why) == 0 ? p : NULL;
}

/* Building a plan takes its time: a lease must not wait for it. */
static bool drifts_while_others_use_the_store(void *arg, const struct node *n,
					      const struct sha256 *basis)
{
	void *done = NULL;
	struct timespec end;
	pthread_t other;

	assert_string_equal(n->name, "web2");
	assert_int_equal(basis->b[0], 7);
	assert_int_equal(pthread_create(&other, NULL, use_the_store, arg), 0);
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += 5;
	assert_int_equal(pthread_timedjoin_np(other, &done, &end), 0);
	return done == arg;
}

static void drift_is_looked_for_without_the_store(void **state)
{
	struct desk *p = *state;
	_cleanup_(intent_release) struct intent in = {0};
	const json_t *nodes;

	p->ctx.drifts = drifts_while_others_use_the_store;
	p->ctx.arg = p;
	assert_ok(run(p, "intent-open", "{\"node\":\"web1\"}"), &p->err);
	assert_ok(run(p, "intent-open", "{\"node\":\"web2\"}"), &p->err);
	assert_ok(store_intent_of_node(p->store, "web2", &in, &p->err), &p->err);
	in.state = INTENT_CLAIMED;
	in.claimed_ms = 1;
	in.basis.b[0] = 7;
	assert_ok(store_intent_save(p->store, &in, &p->err), &p->err);
	assert_ok(run(p, "status", "{}"), &p->err);
	nodes = json_object_get(p->reply, "nodes");
	assert_true(json_is_false(json_object_get(json_array_get(nodes, 0), "drift")));
	assert_true(json_is_true(json_object_get(json_array_get(nodes, 1), "drift")));
}

static void a_node_whose_record_is_gone_still_shows(void **state)
{
	struct desk *p = *state;
	struct intent in = {.node = xstrdup("old"), .state = INTENT_OPEN, .expires_ms = INT64_MAX};

	assert_ok(store_intent_add(p->store, &in, &p->err), &p->err);
	intent_release(&in);
	assert_ok(run(p, "status", "{}"), &p->err);
	assert_int_equal(json_array_size(json_object_get(p->reply, "nodes")), 3);
	assert_string_equal(state_of(p, 0), "open");
	assert_true(json_is_false(json_object_get(
		json_array_get(json_object_get(p->reply, "nodes"), 0), "declared")));
}

static void events_come_in_pages(void **state)
{
	struct desk *p = *state;
	const struct mac mac = {{2}};

	for (int i = 0; i < 3; i++) {
		_cleanup_(freep) char *message = xasprintf("%d", i);

		assert_ok(store_event_note(p->store, "web1", &mac, PHASE_CLAIM, EVENT_NOTE, message,
					   i, &p->err),
			  &p->err);
	}
	assert_ok(run(p, "events", "{\"limit\":2}"), &p->err);
	assert_int_equal(json_array_size(json_object_get(p->reply, "events")), 2);
	assert_int_equal(json_integer_value(json_object_get(p->reply, "last")), 2);
	assert_ok(run(p, "events", "{\"after\":2}"), &p->err);
	assert_int_equal(json_array_size(json_object_get(p->reply, "events")), 1);
	assert_ok(run(p, "events", "{\"after\":3}"), &p->err);
	assert_int_equal(json_integer_value(json_object_get(p->reply, "last")), 3);
}

static void a_page_of_events_is_bounded_in_bytes_too(void **state)
{
	struct desk *p = *state;
	_cleanup_(freep) char *huge = xcalloc(1, 3 * 1024 * 1024 + 1);
	char node[] = "web1";
	int64_t last = 0;

	memset(huge, 'x', 3 * 1024 * 1024);
	for (uint64_t i = 1; i <= 4; i++) {
		struct event e = {.node = node, .seq = i, .state = EVENT_NOTE, .message = huge};

		assert_ok(store_events_append(p->store, &e, 1, 1, &p->err), &p->err);
	}
	assert_int_equal(events_there(p), 3);
	last = json_integer_value(json_object_get(p->reply, "last"));
	assert_int_equal(last, 3);
	assert_ok(run(p, "events", "{\"after\":3}"), &p->err);
	assert_int_equal(json_array_size(json_object_get(p->reply, "events")), 1);
}

static bool fact(struct desk *p, const char *key)
{
	return json_is_true(json_object_get(json_object_get(p->reply, "facts"), key));
}

/* What a claim would find is what the preview is made from. */
static void before_the_claim_there_are_the_facts(void **state)
{
	struct desk *p = *state;

	make_control_plane(p);
	assert_fails(run(p, "plan", "{\"node\":\"web9\"}"), &p->err, ERR_NOT_FOUND, "web");
	assert_ok(run(p, "plan", "{\"node\":\"web1\"}"), &p->err);
	assert_true(fact(p, "firstControlPlane"));
	assert_false(fact(p, "reinstall"));
	assert_false(fact(p, "initialised"));
	assert_ok(run(p, "plan", "{\"node\":\"web2\"}"), &p->err);
	assert_false(fact(p, "firstControlPlane"));
	assert_ok(run(p, "intent-open", "{\"node\":\"web1\"}"), &p->err);
	control_plane_done(p, "web1");
	assert_ok(run(p, "plan", "{\"node\":\"web2\"}"), &p->err);
	assert_true(fact(p, "initialised"));
	assert_ok(run(p, "intent-open", "{\"node\":\"web2\"}"), &p->err);
	move_to(p, "web2", INTENT_DONE);
	assert_ok(run(p, "intent-open", "{\"node\":\"web2\",\"kind\":\"reinstall\"}"), &p->err);
	assert_ok(run(p, "plan", "{\"node\":\"web2\"}"), &p->err);
	assert_true(fact(p, "reinstall"));
}

int main(void)
{
#define EACH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		EACH(a_node_is_asked_for_once_and_consents_add_up),
		EACH(an_unknown_node_is_told_with_the_nearest),
		EACH(an_installation_in_progress_is_not_asked_for_again),
		EACH(reinstall_starts_again_from_any_state),
		EACH(a_reinstall_knows_the_last_token),
		EACH(a_control_plane_is_not_reinstalled_without_a_word),
		EACH(a_removed_control_plane_is_no_cluster),
		EACH(what_holds_the_cluster_counts_before_it_is_ready),
		EACH(a_control_plane_without_history_is_not_reinstalled_without_a_word),
		EACH(what_was_never_installed_is_installed_first),
		EACH(approval_names_what_it_permits),
		EACH(a_code_has_to_be_the_one_that_is_shown),
		EACH(many_codes_keep_none_from_being_approved),
		EACH(a_machine_with_a_new_key_is_approved_too_until_a_secret_is_out),
		EACH(a_boot_of_a_machine_in_memory_is_approved_by_its_code),
		EACH(what_a_machine_in_memory_runs_outlives_a_reinstall_that_is_taken_back),
		EACH(a_code_that_nobody_asks_for_is_refused),
		EACH(a_reinstall_keeps_the_code_and_says_what_it_drops),
		EACH(cancel_is_told_whether_there_was_something),
		EACH(cancel_says_what_it_cannot_take_back),
		EACH(status_lists_every_record_by_name),
		EACH(drift_is_looked_for_without_the_store),
		EACH(a_node_whose_record_is_gone_still_shows),
		EACH(events_come_in_pages),
		EACH(a_page_of_events_is_bounded_in_bytes_too),
		EACH(before_the_claim_there_are_the_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
