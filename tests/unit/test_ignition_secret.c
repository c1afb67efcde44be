/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "render/ignition_secret.h"

static void finds_the_field(void **state)
{
	static const struct {
		const char *config, *path; /* NULL: nothing secret */
	} rows[] = {
		{"{}", NULL},
		{"{\"passwd\":{\"users\":[{\"name\":\"a\",\"sshAuthorizedKeys\":[\"ssh-rsa "
		 "x\"]}]}}",
		 NULL},
		{"{\"passwd\":{\"users\":[{\"name\":\"a\"},{\"name\":\"b\",\"passwordHash\":\"$6$"
		 "\"}"
		 "]}}",
		 "$.passwd.users[1].passwordHash"},
		{"{\"passwd\":{\"users\":[{\"name\":\"a\",\"passwordHash\":\"\"}]}}", NULL},
		{"{\"passwd\":{\"groups\":[{\"name\":\"a\",\"passwordHash\":\"x\"}]}}",
		 "$.passwd.groups[0].passwordHash"},
		{"{\"ignition\":{\"config\":{\"merge\":[{\"source\":\"data:,%7B%7D\"}]}}}", NULL},
		{"{\"ignition\":{\"config\":{\"merge\":[{\"source\":\"data:,%7B%22passwd%22:%7B%"
		 "22users%22:%5B"
		 "%7B%22name%22:%22a%22,%22passwordHash%22:%22x%22%7D%5D%7D%7D\"}]}}}",
		 "$.ignition.config.merge[0].source"},
		{"{\"ignition\":{\"config\":{\"replace\":{\"source\":\"data:,x\"}}}}",
		 "$.ignition.config.replace.source"},
		{"{\"storage\":{\"luks\":[{\"name\":\"a\",\"keyFile\":{\"source\":\"data:,x\"}}]}}",
		 "$.storage.luks[0].keyFile.source"},
		{"{\"storage\":{\"luks\":[{\"name\":\"a\"}]}}", NULL},
		{"{\"storage\":{\"files\":[{\"path\":\"/a\",\"contents\":{\"source\":\"http://h/\","
		 "\"httpHeaders\":[{\"name\":\"Accept\",\"value\":\"x\"},{\"name\":"
		 "\"authorization\",\"value\":\"Basic x\"}]}}]}}",
		 "$.storage.files[0].contents.httpHeaders[1].value"},
		{"{\"storage\":{\"files\":[{\"path\":\"/a\",\"append\":[{\"source\":\"https://"
		 "u:p@h/\"}]}]}}",
		 "$.storage.files[0].append[0].source"},
		{"{\"storage\":{\"files\":[{\"path\":\"/a\",\"contents\":{\"source\":\"https://h/"
		 "a@b\"}}]}}",
		 NULL},
		{"{\"storage\":{\"files\":[{\"path\":\"/a\",\"mode\":384,\"contents\":{\"source\":"
		 "\"data:,x\"}}]}}",
		 "$.storage.files[0].contents.source"},
		{"{\"storage\":{\"files\":[{\"path\":\"/a\",\"mode\":384,\"contents\":{\"source\":"
		 "\"data:,\"}},{\"path\":\"/"
		 "b\",\"mode\":420,\"contents\":{\"source\":\"data:,x\"}}]"
		 "}}",
		 NULL},
		/* "-----BEGIN PRIVATE KEY-----", for everybody to read */
		{"{\"storage\":{\"files\":[{\"path\":\"/a\",\"mode\":420,\"contents\":{\"source\":"
		 "\"data:;base64,LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t\"}}]}}",
		 "$.storage.files[0].contents.source"},
		{"{\"storage\":{\"directories\":[{\"path\":\"/a\",\"mode\":448}]}}", NULL},
		{"{\"ignition\":{\"config\":{\"merge\":[{\"source\":\"http://h/"
		 "\",\"httpHeaders\":[{"
		 "\"name\":\"X-Token\",\"value\":\"t\"}]}]}}}",
		 "$.ignition.config.merge[0].httpHeaders[0].value"},
		{"{\"ignition\":{\"config\":{\"replace\":{\"source\":\"http://u:p@h\"}}}}",
		 "$.ignition.config.replace.source"},
		{"{\"ignition\":{\"proxy\":{\"httpsProxy\":\"http://u:p@h:3128\"}}}",
		 "$.ignition.proxy.httpsProxy"},
		/* of the wrong type: whoever checks the config tells it */
		{"{\"passwd\":{\"users\":{\"passwordHash\":1}},\"storage\":[]}", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = ERR_INIT;
		json_t *j = NULL;
		char *path;

		assert_ok(jsonx_parse(rows[i].config, strlen(rows[i].config), "config", &j, &err),
			  &err);
		path = ignition_secret(j);
		if (!streq_null(path, rows[i].path))
			fail_msg("row %zu: %s", i, path ? path : "nothing");
		free(path);
		json_decref(j);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(finds_the_field)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
