/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ignition/ign_luks.h"

static json_t *json_of(const char *text)
{
	struct err err = ERR_INIT;
	json_t *j = NULL;

	assert_ok(jsonx_parse(text, strlen(text), "row", &j, &err), &err);
	return j;
}

#define KEYED "\"keyFile\":{\"source\":\"data:,k\"}"

/* What is there (type, label, uuid), what is wanted, what becomes of it and why not. */
static const struct {
	const char *is[3], *want;
	enum ign_luks_state state;
	const char *why;
} rows[] = {
	{{0}, "{}", IGN_LUKS_FORMAT, NULL},
	{{"ext4", "a", "AA"}, "{\"wipeVolume\":true}", IGN_LUKS_FORMAT, NULL},
	{{"crypto_LUKS", "a", "AA"}, "{" KEYED ",\"wipeVolume\":true}", IGN_LUKS_FORMAT, NULL},
	{{"ext4", "a", "AA"}, "{" KEYED "}", IGN_LUKS_REJECT, "no LUKS"},
	{{"crypto_LUKS", "a", "AA"}, "{" KEYED "}", IGN_LUKS_OPEN, NULL},
	{{"crypto_LUKS", "a", "AA"},
	 "{" KEYED ",\"label\":\"a\",\"uuid\":\"aa\"}",
	 IGN_LUKS_OPEN,
	 NULL},
	{{"crypto_LUKS", "a", "AA"}, "{" KEYED ",\"label\":\"b\"}", IGN_LUKS_REJECT, "label"},
	{{"crypto_LUKS", "a", "AA"}, "{" KEYED ",\"label\":\"\"}", IGN_LUKS_REJECT, "label"},
	{{"crypto_LUKS", NULL, "AA"}, "{" KEYED ",\"label\":\"\"}", IGN_LUKS_OPEN, NULL},
	{{"crypto_LUKS", "a", "AA"}, "{" KEYED ",\"uuid\":\"bb\"}", IGN_LUKS_REJECT, "uuid"},
	{{"crypto_LUKS", "a", "AA"}, "{" KEYED ",\"uuid\":\"\"}", IGN_LUKS_REJECT, "uuid"},
	{{"crypto_LUKS", "a", "AA"}, "{}", IGN_LUKS_REJECT, "keyFile"},
	{{"crypto_LUKS", "a", "AA"}, "{\"keyFile\":{}}", IGN_LUKS_REJECT, "keyFile"},
	{{"crypto_LUKS", "a", "AA"},
	 "{" KEYED ",\"clevis\":{\"tpm2\":true}}",
	 IGN_LUKS_REJECT,
	 "clevis"},
	/* a section that says nothing binds nothing */
	{{"crypto_LUKS", "a", "AA"},
	 "{" KEYED ",\"clevis\":{\"tpm2\":false}}",
	 IGN_LUKS_OPEN,
	 NULL},
};

static void reuse_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_json_ json_t *j = json_of(rows[i].want);
		struct disk_signature s = {.type = (char *)rows[i].is[0],
					   .label = (char *)rows[i].is[1],
					   .uuid = (char *)rows[i].is[2]};
		const char *why = "";
		enum ign_luks_state got = ign_luks_judge(j, &s, s.type ? 1 : 0, &why);

		if (got != rows[i].state || (rows[i].why && !strstr(why, rows[i].why)))
			fail_msg("%s on %s: %d, %s", rows[i].want, s.type ? s.type : "nothing",
				 (int)got, why);
	}
}

static const struct {
	void (*build)(const json_t *, const char *, const char *, struct ign_command *);
	const char *want, *command;
} commands[] = {
	{ign_luks_format_command, "{\"name\":\"n\"}",
	 "cryptsetup luksFormat --type luks2 --key-file /k /dev/x"},
	{ign_luks_format_command,
	 "{\"name\":\"n\",\"label\":\"l\",\"uuid\":\"u\",\"options\":[\"--cipher\",\"c\"]}",
	 "cryptsetup luksFormat --type luks2 --key-file /k --label l --uuid u --cipher c /dev/x"},
	{ign_luks_open_command, "{\"name\":\"n\"}",
	 "cryptsetup luksOpen /dev/x n --key-file /k --persistent"},
	{ign_luks_open_command,
	 "{\"name\":\"n\",\"discard\":true,\"openOptions\":[\"--perf-no_read_workqueue\"]}",
	 "cryptsetup luksOpen /dev/x n --key-file /k --persistent --allow-discards "
	 "--perf-no_read_workqueue"},
	{ign_luks_bind_command, "{\"clevis\":{\"tpm2\":true}}",
	 "clevis luks bind -f -k /k -d /dev/x sss {\"pins\":{\"tpm2\":{}},\"t\":1}"},
	{ign_luks_bind_command,
	 "{\"clevis\":{\"threshold\":2,\"tpm2\":true,\"tang\":[{\"url\":\"http://"
	 "a\",\"thumbprint\":\"t\"},"
	 "{\"url\":\"http://b\",\"thumbprint\":\"u\",\"advertisement\":\"{\\\"payload\\\":1}\"}]}}",
	 "clevis luks bind -f -k /k -d /dev/x sss "
	 "{\"pins\":{\"tang\":[{\"thp\":\"t\",\"url\":\"http://"
	 "a\"},{\"adv\":{\"payload\":1},\"thp\":\"u\",\"url\":\"http://"
	 "b\"}],\"tpm2\":{}},\"t\":2}"},
	{ign_luks_bind_command, "{\"clevis\":{\"custom\":{\"pin\":\"tpm2\",\"config\":\"{}\"}}}",
	 "clevis luks bind -f -k /k -d /dev/x tpm2 {}"},
};

static void cryptsetup_and_clevis_commands(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		_cleanup_json_ json_t *j = json_of(commands[i].want);
		_cleanup_(ign_command_release) struct ign_command c = {0};
		_cleanup_(freep) char *text = NULL;

		commands[i].build(j, "/dev/x", "/k", &c);
		text = ign_command_text(&c);
		assert_string_equal(text, commands[i].command);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reuse_rules),
		cmocka_unit_test(cryptsetup_and_clevis_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
