/* SPDX-License-Identifier: Apache-2.0 */
/* The plan's JSON is read as a stranger's: every changed field of a good plan is refused. */
#include "unit.h"

#include <fcntl.h>

#include "fsio.h"
#include "limits.h"
#include "plan.h"

static json_t *good_plan(void)
{
	const char *srcdir = getenv("srcdir");
	_cleanup_(freep) char *path =
		xasprintf("%s/tests/data/plan/worker/expected.json", srcdir ? srcdir : ".");
	_cleanup_(freep) char *text = NULL;
	struct err err = ERR_INIT;
	json_t *j = NULL;
	size_t len = 0;

	assert_ok(file_read(AT_FDCWD, path, LIMIT_PLAN_BYTES, &text, &len, &err), &err);
	assert_ok(jsonx_parse(text, len, path, &j, &err), &err);
	return j;
}

/* Walks "provision.disks.0.action" and puts the value there; NULL removes. */
static void change(json_t *j, const char *path, json_t *value)
{
	for (;;) {
		size_t len = strcspn(path, ".");
		_cleanup_(freep) char *key = xstrndup(path, len);
		bool last = !path[len];

		path += len + 1;
		if (json_is_array(j) && last) {
			json_array_set_new(j, strtoul(key, NULL, 10), value);
			return;
		}
		if (json_is_array(j)) {
			j = json_array_get(j, strtoul(key, NULL, 10));
		} else if (last && value) {
			json_object_set_new(j, key, value);
			return;
		} else if (last) {
			assert_int_equal(json_object_del(j, key), 0);
			return;
		} else {
			j = json_object_get(j, key);
		}
		assert_non_null(j);
	}
}

static void comes_back_the_same(void **state)
{
	json_t *j = good_plan(), *again;
	struct err err = ERR_INIT;
	struct plan *p = NULL;

	(void)state;
	assert_ok(plan_from_json(j, &p, &err), &err);
	again = plan_to_json(p);
	assert_true(json_equal(j, again));
	json_decref(again);
	json_decref(j);
	plan_free(p);
}

static void refuses_every_slip(void **state)
{
	static const struct {
		const char *path, *value, *why; /* value: JSON, NULL removes */
	} rows[] = {
		{"provision", NULL, "$.provision is missing"},
		{"extra", "1", "$.extra is not known here"},
		{"ignition.version", "\"2.2.0\"", "$.ignition.version"},
		{"storage.files.0.path", "\"motd\"", "$.storage.files[0].path"},
		{"storage.files.0.path", "\"/etc/../motd\"", "$.storage.files[0].path"},
		{"storage.files.0.mode", "4096000", "$.storage.files[0].mode"},
		{"storage.files.0.contents.source", "\"http://x/y\"",
		 "$.storage.files[0].contents.source: comes over plain http without a digest"},
		{"storage.files.0.contents.source", "\"data:;base64,####\"",
		 "$.storage.files[0].contents.source"},
		{"storage.files.0.user", "{\"id\":0,\"name\":\"x\"}", "$.storage.files[0].user"},
		{"storage.disks", "[{\"device\":\"/dev/sda\",\"wipeTable\":true}]",
		 "$.storage.disks: a plan claims disks by its pools"},
		{"storage.filesystems", "[{\"device\":\"/dev/sda\",\"format\":\"ext4\"}]",
		 "$.storage.filesystems: a plan claims disks by its pools"},
		{"storage.nothing", "[]", "$.storage.nothing"},
		{"ignition.version", "\"3.3.0\"", "$.ignition.version: is not 3.4.0"},
		{"ignition.config", "{\"merge\":[{\"source\":\"http://x/y\"}]}",
		 "$.ignition.config.merge[0]: is included without a digest"},
		{"ignition.config", "{\"replace\":{\"source\":\"http://x/y\"}}",
		 "$.ignition.config.replace: is included without a digest"},
		{"ignition.security",
		 "{\"tls\":{\"certificateAuthorities\":[{\"source\":\"http://x/y\"}]}}",
		 "$.ignition.security.tls.certificateAuthorities[0].source: comes over plain http"},
		{"systemd.units.0.name", "\"../../x.service\"", "$.systemd.units[0].name"},
		{"systemd.units.0.dropins", "[{\"name\":\"../a.conf\",\"contents\":\"\"}]",
		 "$.systemd.units[0].dropins[0].name"},
		{"passwd.users.0.name", "\"root:x\"", "$.passwd.users[0].name"},
		{"passwd.users.0.sshAuthorizedKeys", "[\"a\\nb\"]",
		 "sshAuthorizedKeys[0]: is not one"},
		{"passwd.users.0.sshAuthorizedKeys", "[\"\"]", "sshAuthorizedKeys[0]"},
		{"kernelArguments", "{\"shouldExist\":[\"quiet init=/bin/sh\"]}",
		 "$.kernelArguments.shouldExist[0]: is no single kernel argument"},
		{"kernelArguments", "{\"shouldNotExist\":[\"'\"]}",
		 "$.kernelArguments.shouldNotExist[0]"},
		{"provision.node", "\"../web1\"", "$.provision.node is wrong"},
		{"provision.macs", "[]", "macs is empty"},
		{"provision.macs.0", "\"x\"", "$.provision.macs[0]"},
		{"provision.arch", "\"mips\"", "$.provision.arch"},
		{"provision.url", "\"http://10.0.0.1\"", "no https URL"},
		{"provision.assetsUrl", "\"ftp://10.0.0.1\"", "no http URL"},
		{"provision.rootfs.path", "\"../secrets/x\"", "no path below the assets"},
		{"provision.rootfs.sha256", "\"12\"", "$.provision.rootfs.sha256"},
		{"provision.rootfs.chunks", "[]", "has 0 digests, the size wants 1"},
		{"provision.disks.0.action", "\"wipe\"", "\"wipe\""},
		{"provision.disks.0.id", NULL, "without id or pool"},
		{"provision.disks.0.pool", "\"nothing\"", "no pool of the plan"},
		{"provision.disks.0.action", "\"adopt\"", "does not fit its pool"},
		{"provision.disks.0.action", "\"keep\"", "that is kept"},
		{"provision.disks.1.id", "\"SYSTEM1\"", "is another's"},
		{"provision.disks.2.consent", "false", "consent is missing"},
		{"provision.disks.0.fingerprint", "\"\"", "fingerprint is wrong"},
		{"provision.pools.0.spec.name", "\"root\"", "belongs to the system itself"},
		{"provision.pools.1.spec.name", "\"system\"", "has another's name"},
		{"provision.pools.1.adopt", "true", "goes with adopt"},
		{"provision.pools.1.fsUuid", "\"x; rm\"", "no UUID"},
		{"provision.pools.1.spec.data", "\"raid6\"", "\"raid6\""},
		{"provision.pools.1.spec.mount", "\"/a b\"", "no absolute path"},
		{"provision.pools.1.spec.mount", "\"/usr\"", "belongs to the system"},
		{"provision.pools.1.spec.subvolumes.0.name", "\"../x\"", "no path below a pool"},
		{"provision.pools.1.spec.compression", "\"zstd:3,exec\"",
		 "compression is not known"},
		{"provision.network.address", "\"10.0.0.1\"", "address is wrong"},
		{"provision.network.dns", "[\"x\"]", "$.provision.network.dns"},
		{"provision.network.domain", "\"a\\nb\"", "no domain name"},
		{"provision.network.ntp", "[\"a b\"]", "is no host"},
		{"provision.kubernetes.flavour", "\"k0s\"", "\"k0s\""},
		{"provision.kubernetes.version", "\"1.2;x\"", "no version"},
		{"provision.kubernetes.endpoint", NULL, "missing for a join"},
		{"provision.kubernetes.labels", "{\"a b\":\"c\"}", "Kubernetes refuses"},
		{"provision.kubernetes.taints", "[\"x\"]", "is not key=value:Effect"},
		{"provision.kubernetes.binaries.0.path", "\"/bin/x\"", "binaries[0].path"},
	};
	struct err err = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		json_t *j = good_plan();
		struct plan *p = NULL;

		change(j, rows[i].path,
		       rows[i].value ? json_loads(rows[i].value, JSON_DECODE_ANY, NULL) : NULL);
		assert_fails(plan_from_json(j, &p, &err), &err, ERR_PROTOCOL, rows[i].why);
		json_decref(j);
	}
}

static void derives_names_from_its_id(void **state)
{
	json_t *j = good_plan();
	char a[UUID_TEXT_SIZE], b[UUID_TEXT_SIZE];
	struct err err = ERR_INIT;
	struct plan *p = NULL;
	struct sha256 id, other;

	(void)state;
	assert_ok(plan_from_json(j, &p, &err), &err);
	id = plan_id(p);
	p->reinstall = true;
	other = plan_id(p);
	assert_false(sha256_equal(&id, &other));
	plan_uuid(&id, "pool/tank", a);
	assert_string_equal(plan_uuid(&id, "pool/tank", b), a);
	assert_string_not_equal(plan_uuid(&id, "pool/system", b), a);
	assert_string_not_equal(plan_uuid(&other, "pool/tank", b), a);
	assert_int_equal(a[14], '5'); /* the version */
	json_decref(j);
	plan_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back_the_same),
		cmocka_unit_test(refuses_every_slip),
		cmocka_unit_test(derives_names_from_its_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
