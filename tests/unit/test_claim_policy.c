/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "claim_policy.h"

static const uint8_t key_a[ED25519_KEY_SIZE] = {1}, key_b[ED25519_KEY_SIZE] = {2};
static char node_name[] = "web1", uuid[] = "u", no_text[] = "", plan[] = "{}", code[] = "1234-5678",
	    disk_1[] = "WD-1", disk_2[] = "WD-2";

static const struct node node = {.name = node_name, .arch = ARCH_AMD64};

struct scene {
	struct claim claim;
	struct intent intent;
	struct disk disk;
	char *disks[1];
};

/* A machine with one disk, and an intent that is open. */
static void set_scene(struct scene *s)
{
	*s = (struct scene){
		.claim = {.uuid = uuid, .serial = no_text, .arch = ARCH_AMD64},
		.intent = {.state = INTENT_OPEN, .expires_ms = 1000},
		.disk = {.serial = disk_1, .transport = TRANSPORT_SATA},
		.disks = {disk_1},
	};
	s->claim.disks = (struct disk_list){&s->disk, 1};
}

static void claimed_by_a(struct scene *s)
{
	s->intent.state = INTENT_CLAIMED;
	s->intent.has_key = true;
	s->intent.key[0] = 1;
	s->intent.plan = plan;
	s->intent.hardware = (struct hardware){uuid, no_text, {s->disks, 1}};
}

static int judge(struct scene *s, const uint8_t *key, enum claim_verdict *ret, struct err *err)
{
	return claim_judge(&node, &s->intent, &s->claim, key, code, 500, ret, err);
}

static void assert_verdict(struct scene *s, const uint8_t *key, enum claim_verdict wanted)
{
	struct err err = ERR_INIT;
	enum claim_verdict got;

	assert_ok(judge(s, key, &got, &err), &err);
	assert_int_equal(got, wanted);
}

static void assert_refused(struct scene *s, const uint8_t *key, enum err_kind kind,
			   const char *text)
{
	struct err err = ERR_INIT;
	enum claim_verdict got;

	assert_fails(judge(s, key, &got, &err), &err, kind, text);
}

static void an_open_intent_is_for_the_first_who_comes(void **state)
{
	struct scene s;

	(void)state;
	set_scene(&s);
	assert_verdict(&s, key_a, CLAIM_FREEZE);
}

static void without_an_intent_there_is_no_plan(void **state)
{
	struct err err = ERR_INIT;
	enum claim_verdict got;
	struct scene s;

	(void)state;
	set_scene(&s);
	assert_fails(claim_judge(&node, NULL, &s.claim, key_a, code, 500, &got, &err), &err,
		     ERR_NOT_FOUND, "provision reinstall web1");
	s.intent.expires_ms = 500;
	assert_refused(&s, key_a, ERR_NOT_FOUND, "nobody asked");
	s.intent.state = INTENT_DONE;
	assert_refused(&s, key_a, ERR_NOT_FOUND, "nobody asked");
	s.intent.state = INTENT_CANCELLED;
	assert_refused(&s, key_a, ERR_NOT_FOUND, "nobody asked");
}

static void the_same_key_gets_the_same_plan_to_the_end(void **state)
{
	static const enum intent_state states[] = {INTENT_CLAIMED, INTENT_WRITTEN, INTENT_DONE};
	struct scene s;

	(void)state;
	set_scene(&s);
	claimed_by_a(&s);
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		s.intent.state = states[i];
		assert_verdict(&s, key_a, CLAIM_AGAIN);
	}
	s.intent.state = INTENT_CANCELLED;
	assert_refused(&s, key_a, ERR_NOT_FOUND, "nobody asked");
}

static void a_new_key_needs_the_same_hardware(void **state)
{
	struct scene s;

	(void)state;
	set_scene(&s);
	claimed_by_a(&s);
	assert_verdict(&s, key_b, CLAIM_NEW_KEY);
	s.disk.serial = disk_2;
	assert_refused(&s, key_b, ERR_REFUSED, "other hardware");
	s.disk.serial = disk_1;
	s.claim.uuid = no_text;
	assert_refused(&s, key_b, ERR_REFUSED, "other hardware");
	/* an installed system has its own */
	s.claim.installed = true;
	assert_refused(&s, key_b, ERR_REFUSED, "boot it from the network");
}

static void a_machine_in_memory_claims_again_at_each_boot(void **state)
{
	struct scene s;

	(void)state;
	set_scene(&s);
	claimed_by_a(&s);
	s.intent.state = INTENT_DONE;
	s.intent.secret_out = true;
	assert_refused(&s, key_b, ERR_NOT_FOUND, "nobody asked");
	s.intent.in_memory = s.claim.in_memory = true;
	s.intent.done_ms = 400;
	assert_verdict(&s, key_b, CLAIM_NEW_KEY);
	s.intent.confirm = true;
	assert_verdict(&s, key_b, CLAIM_ASK_CODE);
	s.intent.confirm = false;
	s.disk.serial = disk_2;
	assert_refused(&s, key_b, ERR_REFUSED, "other hardware");
	s.disk.serial = disk_1;
	/* an agent, on a machine that has been given another image meanwhile, and the other way */
	s.claim.in_memory = false;
	assert_refused(&s, key_b, ERR_REFUSED, "an image that runs in memory");
	s.intent.in_memory = false;
	s.intent.state = INTENT_CLAIMED;
	s.claim.in_memory = true;
	assert_refused(&s, key_b, ERR_REFUSED, "an image that is written to its disk");
	s.intent.in_memory = true;
	s.intent.state = INTENT_CANCELLED;
	assert_refused(&s, key_b, ERR_NOT_FOUND, "nobody asked");
}

static void reads_a_report(void **state)
{
	static const char good[] =
		"{\"macs\":[\"52:54:00:00:00:01\"],\"uuid\":\"u\",\"serial\":\"\","
		"\"arch\":\"arm64\",\"nonce\":\"ab\",\"lsblk\":[],\"wipefs\":{}}";
	_cleanup_(claim_release) struct claim c = {0};
	_cleanup_json_ json_t *j = NULL;
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(jsonx_parse(good, strlen(good), "report", &j, &err), &err);
	assert_ok(claim_from_report(j, &c, &err), &err);
	assert_true(c.in_memory && !c.installed);
	assert_int_equal(c.arch, ARCH_ARM64);
	assert_string_equal(c.nonce, "ab");
	claim_release(&c);
	json_object_set_new(j, "disks", json_array());
	assert_fails(claim_from_report(j, &c, &err), &err, ERR_PROTOCOL, "disks");
	json_object_del(j, "disks");
	json_object_set_new(j, "macs", json_array());
	assert_fails(claim_from_report(j, &c, &err), &err, ERR_PROTOCOL, "$.macs");
}

static void a_stick_makes_no_other_machine(void **state)
{
	struct disk two[2];
	struct scene s;

	(void)state;
	set_scene(&s);
	claimed_by_a(&s);
	two[0] = s.disk;
	two[1] = (struct disk){.serial = disk_2, .transport = TRANSPORT_USB};
	s.claim.disks = (struct disk_list){two, 2};
	assert_verdict(&s, key_b, CLAIM_NEW_KEY);
}

static void a_new_key_is_too_late_once_a_secret_is_out(void **state)
{
	struct scene s;

	(void)state;
	set_scene(&s);
	claimed_by_a(&s);
	s.intent.secret_out = true;
	assert_refused(&s, key_b, ERR_REFUSED, "provision reinstall web1");
	assert_verdict(&s, key_a, CLAIM_AGAIN);
}

static void a_code_is_compared_first(void **state)
{
	char other[] = "8765-4321";
	struct scene s;

	(void)state;
	set_scene(&s);
	s.intent.confirm = true;
	assert_verdict(&s, key_a, CLAIM_ASK_CODE);
	s.intent.approved = code;
	assert_verdict(&s, key_a, CLAIM_FREEZE);
	s.intent.approved = other;
	assert_verdict(&s, key_a, CLAIM_ASK_CODE);
}

static void a_new_key_has_its_own_code_compared(void **state)
{
	static const enum intent_state states[] = {INTENT_CLAIMED, INTENT_WRITTEN};
	char of_a[] = "8765-4321";
	struct scene s;

	(void)state;
	set_scene(&s);
	claimed_by_a(&s);
	s.intent.confirm = true;
	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		s.intent.state = states[i];
		s.intent.approved = of_a;
		assert_verdict(&s, key_b, CLAIM_ASK_CODE);
		assert_verdict(&s, key_a, CLAIM_AGAIN);
		s.intent.approved = code;
		assert_verdict(&s, key_b, CLAIM_NEW_KEY);
	}
	/* too late is too late, whatever is approved */
	s.intent.secret_out = true;
	assert_refused(&s, key_b, ERR_REFUSED, "provision reinstall web1");
}

static void a_code_is_typed_as_people_type(void **state)
{
	static const char *const good[] = {"1234-5678", "12345678", " 1234 5678"},
				 *const bad[] = {"", "1234-567", "1234-56789", "1234-567x"};
	struct err err = ERR_INIT;
	char text[CLAIM_CODE_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_ok(claim_code_parse(good[i], text, &err), &err);
		assert_string_equal(text, "1234-5678");
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_fails(claim_code_parse(bad[i], text, &err), &err, ERR_USAGE, "eight digits");
}

static void another_architecture_names_the_key_to_set(void **state)
{
	struct scene s;

	(void)state;
	set_scene(&s);
	s.claim.arch = ARCH_ARM64;
	assert_refused(&s, key_a, ERR_REFUSED, "`arch: arm64`");
}

static void an_installed_system_does_not_claim_a_new_installation(void **state)
{
	struct scene s;

	(void)state;
	set_scene(&s);
	s.claim.installed = true;
	assert_refused(&s, key_a, ERR_REFUSED, "from the network");
}

static void codes_depend_on_key_and_secret(void **state)
{
	const uint8_t one[32] = {1}, two[32] = {2};
	char a[CLAIM_CODE_SIZE], b[CLAIM_CODE_SIZE];

	(void)state;
	claim_code(one, key_a, a);
	assert_int_equal(strlen(a), 9);
	assert_int_equal(a[4], '-');
	assert_string_equal(a, claim_code(one, key_a, b));
	assert_string_not_equal(a, claim_code(one, key_b, b));
	assert_string_not_equal(a, claim_code(two, key_a, b));
}

static int parse(const char *text, struct claim *c, struct err *err)
{
	_cleanup_json_ json_t *j = NULL;

	return jsonx_parse(text, strlen(text), "claim", &j, err) < 0 ? -1
								     : claim_from_json(j, c, err);
}

static void a_body_is_read_strictly(void **state)
{
	_cleanup_(claim_release) struct claim c = {0};
	struct err err = ERR_INIT;

	(void)state;
	assert_ok(parse("{\"macs\":[\"52:54:00:00:00:01\"],\"arch\":\"arm64\",\"firmware\":"
			"\"uefi\",\"boot\":\"installed\",\"serial\":\"a\\nb\",\"disks\":[]}",
			&c, &err),
		  &err);
	assert_int_equal(c.arch, ARCH_ARM64);
	assert_true(c.uefi && c.installed);
	assert_string_equal(c.uuid, "");
	assert_string_equal(c.serial, "a\\x0ab");
	claim_release(&c);
	assert_fails(parse("{\"macs\":[],\"arch\":\"amd64\",\"disks\":[]}", &c, &err), &err,
		     ERR_PROTOCOL, "$.macs is empty");
	assert_fails(parse("{\"macs\":[7],\"arch\":\"amd64\",\"disks\":[]}", &c, &err), &err,
		     ERR_PROTOCOL, "$.macs[0]");
	assert_fails(parse("{\"macs\":[\"01:00:00:00:00:01\"],\"arch\":\"amd64\",\"disks\":[]}", &c,
			   &err),
		     &err, err.kind, "$.macs[0]");
	assert_fails(
		parse("{\"macs\":[\"52:54:00:00:00:01\"],\"arch\":\"vax\",\"disks\":[]}", &c, &err),
		&err, ERR_PROTOCOL, "$.arch");
	assert_fails(parse("{\"macs\":[\"52:54:00:00:00:01\"],\"arch\":\"amd64\",\"disks\":[],"
			   "\"x\":1}",
			   &c, &err),
		     &err, ERR_PROTOCOL, "x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_open_intent_is_for_the_first_who_comes),
		cmocka_unit_test(without_an_intent_there_is_no_plan),
		cmocka_unit_test(the_same_key_gets_the_same_plan_to_the_end),
		cmocka_unit_test(a_new_key_needs_the_same_hardware),
		cmocka_unit_test(a_machine_in_memory_claims_again_at_each_boot),
		cmocka_unit_test(reads_a_report),
		cmocka_unit_test(a_stick_makes_no_other_machine),
		cmocka_unit_test(a_new_key_is_too_late_once_a_secret_is_out),
		cmocka_unit_test(a_code_is_compared_first),
		cmocka_unit_test(a_new_key_has_its_own_code_compared),
		cmocka_unit_test(a_code_is_typed_as_people_type),
		cmocka_unit_test(another_architecture_names_the_key_to_set),
		cmocka_unit_test(an_installed_system_does_not_claim_a_new_installation),
		cmocka_unit_test(codes_depend_on_key_and_secret),
		cmocka_unit_test(a_body_is_read_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
