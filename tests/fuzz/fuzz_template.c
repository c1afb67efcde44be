/* SPDX-License-Identifier: Apache-2.0 */
/* A template of the operator's: parsed, filled, laid on itself and lowered into a plan; and the
 * same bytes as a script. */
#include "plan_config.h"
#include "template.h"
#include "text_template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"node", "http"};
	static const char *const values_of[] = {"web1", "http://a"};
	_cleanup_json_ json_t *values =
		json_pack("{s:s,s:[s],s:{s:s}}", "hostname", "web1", "sshKeys", "ssh-ed25519 A",
			  "node", "name", "web1");
	_cleanup_(templates_freep) struct templates *t = templates_new();
	_cleanup_(plan_freep) struct plan *p = plan_new();
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_json_ json_t *j = NULL, *copy = NULL;
	_cleanup_(freep) char *text = xstrndup((const char *)data, size);
	struct text_template *script = NULL;
	struct problems ps = {0};
	struct buf out;

	if (templates_add(t, "t.yaml", (const char *)data, size, &ps) == 0 &&
	    templates_fill(t, "t.yaml", values, &j, &err) == 0) {
		copy = json_deep_copy(j);
		template_merge(j, copy);
		if (plan_add_config(p, j, &err) < 0)
			err_release(&err);
	}
	problems_release(&ps);
	buf_init(&out, 65536);
	if (text_template_parse(text, "t.ipxe", names, 2, &script, &err) == 0)
		text_template_render(script, values_of, &out);
	text_template_free(script);
	buf_release(&out);
	return 0;
}
