/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "butane.h"
#include "template.h"

static struct local_file some_files[] = {
	{(char *)"bin", (char *)"\0\1", 2, false, NULL, NULL},
	{(char *)"gone", NULL, 0, false, (char *)"../x", (char *)"is a link that leads nowhere"},
	{(char *)"keys", (char *)"ssh-ed25519 A a\n# b\n\nssh-ed25519 B b\n", 37, false, NULL,
	 NULL},
	{(char *)"motd", (char *)"I am {{ hostname }}\n", 20, false, NULL, NULL},
	{(char *)"site/etc/link", (char *)"x", 1, false, (char *)"target", NULL},
	{(char *)"site/etc/one", (char *)"1", 1, false, NULL, NULL},
	{(char *)"site/run", (char *)"#!", 2, true, NULL, NULL},
	{(char *)"unit", (char *)"[Unit]\n", 7, false, NULL, NULL},
};
static const struct local_files files = {some_files, ARRAY_SIZE(some_files)};

static char *translate(const char *text, bool draft)
{
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_(json_decrefp) json_t *values =
		json_pack("{s:s,s:[s]}", "hostname", "web1", "keys", "k1");
	_cleanup_(json_decrefp) json_t *j = NULL;
	_cleanup_(template_freep) struct template *t =
		template_parse("t.yaml", text, strlen(text), &ps);
	_cleanup_config_ struct config_item *in =
		t ? template_fill(t, draft ? NULL : values, &ps) : NULL;
	const struct butane b = {&files, draft ? NULL : values, &ps};
	_cleanup_config_ struct config_item *out = in ? butane_translate(&b, in) : NULL;

	if (!out)
		return problem_format(&ps.p[0]);
	if (draft)
		return xstrdup("good");
	j = config_item_to_json(out);
	json_object_del(j, json_object_size(json_object_get(j, "ignition")) == 1 ? "ignition" : "");
	return jsonx_canonical(j);
}

static void translates(void **state)
{
	static const struct {
		const char *text, *json;
	} rows[] = {
		{"", "{}"},
		{"storage: {files: [{path: /a, mode: 0600, user: {id: 5}, group: {name: g}, "
		 "overwrite: false, contents: {inline: \"\"}}]}",
		 "{\"storage\":{\"files\":[{\"contents\":{\"source\":\"data:;base64,\"},\"group\":{"
		 "\"name\":\"g\"},\"mode\":384,\"overwrite\":false,\"path\":\"/a\",\"user\":{"
		 "\"id\":5}}]}}"},
		/* the image's own file is overwritten; what has no contents leaves it */
		{"storage: {files: [{path: /a, contents: {inline: \"{{ hostname }}\"}}, {path: "
		 "/b}]}",
		 "{\"storage\":{\"files\":[{\"contents\":{\"source\":\"data:;base64,d2ViMQ==\"},"
		 "\"overwrite\":true,\"path\":\"/a\"},{\"path\":\"/b\"}]}}"},
		{"storage: {files: [{path: /a, contents: {source: \"https://x/y\", compression: "
		 "gzip, "
		 "http_headers: [{name: a, value: b}], verification: {hash: sha512-00}}}]}",
		 "{\"storage\":{\"files\":[{\"contents\":{\"compression\":\"gzip\",\"httpHeaders\":"
		 "[{"
		 "\"name\":\"a\",\"value\":\"b\"}],\"source\":\"https://x/y\",\"verification\":{"
		 "\"hash\":\"sha512-00\"}},\"overwrite\":true,\"path\":\"/a\"}]}}"},
		{"storage: {files: [{path: /a, append: [{local: bin}, {inline: x}]}]}",
		 "{\"storage\":{\"files\":[{\"append\":[{\"source\":\"data:;base64,AAE=\"},{"
		 "\"source\":\"data:;base64,eA==\"}],\"path\":\"/a\"}]}}"},
		/* an inlined file is templated when it asks for it */
		{"storage: {files: [{path: /a, contents: {local: motd}}]}",
		 "{\"storage\":{\"files\":[{\"contents\":{\"source\":\"data:;base64,"
		 "SSBhbSB7eyBob3N0bmFtZSB9fQo=\"},\"overwrite\":true,\"path\":\"/a\"}]}}"},
		{"storage: {files: [{path: /a, contents: {local: motd, template: true}}]}",
		 "{\"storage\":{\"files\":[{\"contents\":{\"source\":\"data:;base64,SSBhbSB3ZWIxCg="
		 "=\"},"
		 "\"overwrite\":true,\"path\":\"/a\"}]}}"},
		{"storage:\n  files:\n    - path: /a\n      contents:\n        template: true\n"
		 "        inline: |\n          I am {{ hostname }}\n",
		 "{\"storage\":{\"files\":[{\"contents\":{\"source\":\"data:;base64,SSBhbSB3ZWIxCg="
		 "=\"},"
		 "\"overwrite\":true,\"path\":\"/a\"}]}}"},
		{"storage: {links: [{path: /l, target: /t, hard: true}], directories: [{path: /d, "
		 "overwrite: true, mode: 01777}]}",
		 "{\"storage\":{\"directories\":[{\"mode\":1023,\"overwrite\":true,\"path\":\"/"
		 "d\"}],"
		 "\"links\":[{\"hard\":true,\"overwrite\":true,\"path\":\"/l\",\"target\":\"/"
		 "t\"}]}}"},
		{"systemd: {units: [{name: a.service, contents_local: unit, enabled: true, mask: "
		 "false, dropins: [{name: x.conf, contents_local: unit}]}]}",
		 "{\"systemd\":{\"units\":[{\"contents\":\"[Unit]\\n\",\"dropins\":[{\"contents\":"
		 "\"[Unit]\\n\",\"name\":\"x.conf\"}],\"enabled\":true,\"mask\":false,\"name\":"
		 "\"a.service\"}]}}"},
		{"passwd: {users: [{name: u, password_hash: \"$y$\", uid: 1, gecos: g, home_dir: "
		 "/h, "
		 "no_create_home: true, primary_group: p, groups: [a], no_user_group: true, "
		 "no_log_init: true, shell: /s, should_exist: true, system: true, "
		 "ssh_authorized_keys: \"{{ keys }}\", ssh_authorized_keys_local: [keys]}]}",
		 "{\"passwd\":{\"users\":[{\"gecos\":\"g\",\"groups\":[\"a\"],\"homeDir\":\"/h\","
		 "\"name\":\"u\",\"noCreateHome\":true,\"noLogInit\":true,\"noUserGroup\":true,"
		 "\"passwordHash\":\"$y$\",\"primaryGroup\":\"p\",\"shell\":\"/s\",\"shouldExist\":"
		 "true,\"sshAuthorizedKeys\":[\"k1\",\"ssh-ed25519 A a\",\"ssh-ed25519 B b\"],"
		 "\"system\":true,\"uid\":1}]}}"},
		{"passwd: {groups: [{name: g, gid: 5, password_hash: x, should_exist: false, "
		 "system: "
		 "true}]}",
		 "{\"passwd\":{\"groups\":[{\"gid\":5,\"name\":\"g\",\"passwordHash\":\"x\","
		 "\"shouldExist\":false,\"system\":true}]}}"},
		{"kernel_arguments: {should_exist: [a], should_not_exist: [b]}",
		 "{\"kernelArguments\":{\"shouldExist\":[\"a\"],\"shouldNotExist\":[\"b\"]}}"},
		{"ignition: {config: {merge: [{inline: \"{}\"}], replace: {source: "
		 "\"https://x\"}}, "
		 "timeouts: {http_response_headers: 1, http_total: 2}, security: {tls: "
		 "{certificate_authorities: [{local: unit}]}}, proxy: {http_proxy: p, https_proxy: "
		 "q, "
		 "no_proxy: [r]}}",
		 "{\"ignition\":{\"config\":{\"merge\":[{\"source\":\"data:;base64,e30=\"}],"
		 "\"replace\":{\"source\":\"https://x\"}},\"proxy\":{\"httpProxy\":\"p\","
		 "\"httpsProxy\":\"q\",\"noProxy\":[\"r\"]},\"security\":{\"tls\":{"
		 "\"certificateAuthorities\":[{\"source\":\"data:;base64,W1VuaXRdCg==\"}]}},"
		 "\"timeouts\":{\"httpResponseHeaders\":1,\"httpTotal\":2},\"version\":\"3.4.0\"}"
		 "}"},
		/* a null is as good as nothing */
		{"storage: {files: ~}", "{\"storage\":{}}"},
		/* links stay links; an entry without contents says the mode and the owner */
		{"storage: {trees: [{local: site}], files: [{path: /etc/one, mode: 0600}]}",
		 "{\"storage\":{\"files\":[{\"contents\":{\"source\":\"data:;base64,MQ==\"},"
		 "\"mode\":"
		 "384,\"overwrite\":true,\"path\":\"/etc/one\"},{\"contents\":{\"source\":"
		 "\"data:;base64,IyE=\"},\"mode\":493,\"overwrite\":true,\"path\":\"/run\"}],"
		 "\"links\":[{\"overwrite\":true,\"path\":\"/etc/link\",\"target\":\"target\"}]}}"},
		{"storage: {trees: [{local: ./site/etc/, path: /srv}]}",
		 "{\"storage\":{\"files\":[{\"contents\":{\"source\":\"data:;base64,MQ==\"},"
		 "\"mode\":"
		 "420,\"overwrite\":true,\"path\":\"/srv/one\"}],\"links\":[{\"overwrite\":true,"
		 "\"path\":\"/srv/link\",\"target\":\"target\"}]}}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(freep) char *json = translate(rows[i].text, false);
		_cleanup_(freep) char *draft = translate(rows[i].text, true);

		assert_string_equal(json, rows[i].json);
		assert_string_equal(draft, "good");
	}
}

static void refuses_with_the_place(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"storage: {filez: []}",
		 "t.yaml:1:11: unknown key \"filez\"; did you mean \"files\"?"},
		{"units: []", "t.yaml:1:1: unknown key \"units\"; it belongs under systemd"},
		{"kernelArguments: {}",
		 "t.yaml:1:1: unknown key \"kernelArguments\"; Butane's name of it is "
		 "\"kernel_arguments\""},
		{"passwd: {users: [{name: u, zzzz: 1}]}",
		 "t.yaml:1:28: unknown key \"zzzz\"; remove it"},
		{"storage: {disks: [{device: /dev/sda}]}",
		 "t.yaml:1:11: storage.disks is not for templates: disks are claimed by storage: "
		 "of"},
		{"storage: {raid: []}", "storage.raid is not for templates"},
		{"storage: {luks: []}", "storage.luks is not for templates"},
		{"storage: {filesystems: []}", "storage.filesystems is not for templates"},
		{"storage: []", "t.yaml:1:10: storage: a map of keys is wanted"},
		{"storage: {files: {a: b}}", "t.yaml:1:18: files: a list is wanted"},
		{"storage: {files: [a]}", "t.yaml:1:19: files: a list of maps is wanted"},
		{"passwd: {users: [{name: u, groups: [[a]]}]}",
		 "t.yaml:1:37: groups: a list of values is wanted"},
		{"passwd: {users: [{name: {}}]}", "t.yaml:1:25: name: a single value is wanted"},
		{"storage: {files: [{path: /a, contents: {inline: x, local: motd}}]}",
		 "t.yaml:1:52: \"local\" stands beside \"inline\""},
		{"storage: {files: [{path: /a, contents: {source: x, local: motd}}]}",
		 "t.yaml:1:41: \"source\" stands beside \"local\""},
		{"storage: {files: [{path: /a, contents: {inline: 5}}]}",
		 "t.yaml:1:49: inline: a text is wanted"},
		{"storage: {files: [{path: /a, contents: {local: mots}}]}",
		 "t.yaml:1:48: there is no files/mots; did you mean \"motd\"?"},
		{"storage: {files: [{path: /a, contents: {local: ../secret}}]}",
		 "t.yaml:1:48: \"../secret\" is no path below files/"},
		{"storage: {files: [{path: /a, contents: {local: /etc/shadow}}]}",
		 "is no path below files/"},
		{"storage: {files: [{path: /a, contents: {local: gone}}]}",
		 "files/gone: is a link that leads nowhere"},
		{"storage: {files: [{path: /a, contents: {local: \"\"}}]}",
		 "the name of a file below files/ is wanted"},
		{"storage: {files: [{path: /a, contents: {local: bin, template: true}}]}",
		 "template: the file has NUL bytes"},
		{"storage: {files: [{path: /a, contents: {source: x, template: true}}]}",
		 "t.yaml:1:52: template: what is fetched"},
		{"storage: {files: [{path: /a, contents: {inline: x, template: 5}}]}",
		 "t.yaml:1:62: template: true or false"},
		{"systemd: {units: [{name: a.service, contents: x, contents_local: unit}]}",
		 "t.yaml:1:50: \"contents_local\" stands beside \"contents\""},
		{"systemd: {units: [{name: a.service, contents_local: bin}]}",
		 "t.yaml:1:53: files/bin is no text in UTF-8"},
		{"storage: {trees: [{local: nosuch}]}",
		 "t.yaml:1:27: trees: no file lies in a folder files/nosuch"},
		{"storage: {trees: [{path: /a}]}", "t.yaml:1:19: trees: local: FOLDER and path:"},
		{"storage: {trees: [{local: site}], files: [{path: /run, contents: {inline: x}}]}",
		 "t.yaml:1:27: trees: files/site/run becomes /run, which has its own contents in "
		 "t.yaml:1"},
		{"storage: {trees: [{local: site}], links: [{path: /etc/link, target: x}]}",
		 "which has its own target"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(freep) char *line = translate(rows[i].text, false);
		_cleanup_(freep) char *draft = translate(rows[i].text, true);

		if (!strstr(line, rows[i].why) || !strstr(draft, rows[i].why))
			fail_msg("wanted %s, got %s and %s", rows[i].why, line, draft);
	}
}

/* In a draft a reference may become anything. */
static void leaves_references_open(void **state)
{
	static const char *const rows[] = {
		"storage: \"{{ x }}\"",
		"storage: {files: \"{{ x }}\"}",
		"storage: {files: [\"{{ x }}\"]}",
		"storage: {files: [{path: \"{{ x }}\", contents: {local: \"{{ x }}.conf\"}}]}",
		"storage: {files: [{path: /a, contents: {inline: \"{{ x }}\"}}]}",
		"storage: {trees: [{local: \"{{ x }}\"}]}",
		"storage: {trees: \"{{ x }}\"}",
		"passwd: {users: [{name: a, ssh_authorized_keys_local: [\"{{ x }}\"]}]}",
		"systemd: {units: [{name: a, contents_local: \"{{ x }}\"}]}",
		"ignition: \"{{ x }}\"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(freep) char *draft = translate(rows[i], true);

		assert_string_equal(draft, "good");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(translates),
		cmocka_unit_test(refuses_with_the_place),
		cmocka_unit_test(leaves_references_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
