/* SPDX-License-Identifier: Apache-2.0 */
/* A template of the operator's: parsed, filled, laid on itself and translated; the document is
 * looked at as the agent does; and the same bytes as a local file and as a script. */
#include "butane.h"
#include "config_merge.h"
#include "plan_ignition.h"
#include "template.h"
#include "text_template.h"

#include <string.h>

static void as_template(const uint8_t *data, size_t size, const json_t *values)
{
	struct local_file file = {(char *)"a/b", (char *)data, size, true, NULL, NULL};
	const struct local_files files = {&file, 1};
	_cleanup_(problems_release) struct problems ps = {0};
	_cleanup_(template_freep) struct template *t =
		template_parse("t.yaml", (const char *)data, size, &ps);
	_cleanup_config_ struct config_item *config = NULL, *document = NULL, *draft = NULL;
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_json_ json_t *j = NULL;

	if (!t)
		return;
	draft = template_fill(t, NULL, &ps);
	if (draft)
		document = butane_translate(&(struct butane){&files, NULL, &ps}, draft);
	document = config_item_free(document);
	config = template_fill(t, values, &ps);
	if (!config)
		return;
	config_merge(config, config_item_copy(config));
	document = butane_translate(&(struct butane){&files, values, &ps}, config);
	if (!document)
		return;
	j = config_item_to_json(document);
	if (plan_ignition_check(j, &err) < 0)
		config_item_find(document, err_text(&err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"node", "http"};
	static const char *const values_of[] = {"web1", "http://a"};
	_cleanup_json_ json_t *values =
		json_pack("{s:s,s:[s],s:{s:s}}", "hostname", "web1", "sshKeys", "ssh-ed25519 A",
			  "node", "name", "web1");
	_cleanup_(freep) char *text = xstrndup((const char *)data, size);
	_cleanup_(freep) uint8_t *copy = xcalloc(size + 1, 1);
	_cleanup_(err_release) struct err err = ERR_INIT;
	struct text_template *script = NULL;
	struct buf out;

	memcpy(copy, data, size);
	as_template(copy, size, values);
	buf_init(&out, 65536);
	if (text_template_parse(text, "t.ipxe", names, 2, &script, &err) == 0)
		text_template_render(script, values_of, &out);
	text_template_free(script);
	buf_release(&out);
	return 0;
}
