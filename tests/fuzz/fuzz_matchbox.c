/* SPDX-License-Identifier: Apache-2.0 */
/* A file of Matchbox's ignition/, as it may come: a Go template over YAML, or Ignition's JSON. */
#include "import/butane_import.h"
#include "import/butane_text.h"
#include "import/go_template.h"
#include "import/marked_yaml.h"

#include <string.h>

static void import(const json_t *config, enum butane_source source)
{
	_cleanup_(problems_release) struct problems left = {0};
	_cleanup_json_ json_t *content = butane_import(config, source, "a", &left);
	struct buf out;

	buf_init(&out, SIZE_MAX / 2);
	butane_text_add(&out, content);
	buf_release(&out);
}

static void import_yaml(const char *text, size_t len)
{
	_cleanup_json_ json_t *values =
		json_pack("{s:s,s:[s,s],s:{s:s}}", "a", "b", "list", "c", "d", "map", "e", "f");
	_cleanup_json_ json_t *references = json_pack("{s:s}", "a", "metadata.a");
	_cleanup_json_ json_t *texts = json_pack("{s:s}", "metadata.a", "b");
	_cleanup_(yaml_item_freep) struct yaml_item *item = NULL;
	_cleanup_(problems_release) struct problems ps = {0};
	const struct go_template t = {values, references};
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_json_ json_t *config = NULL;
	unsigned int line, column;
	struct buf out;

	buf_init(&out, 65536);
	if (go_template_fill(&t, text, len, &out, &line, &column, &err) == 0)
		item = yaml_parse(out.data ? out.data : "", out.len, "a", &ps);
	if (item) {
		config = marked_yaml_to_json(item, texts);
		import(config, BUTANE_FROM_YAML);
	}
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *text = xstrndup((const char *)data, size);
	_cleanup_(err_release) struct err err = ERR_INIT;
	_cleanup_json_ json_t *j = NULL;

	if (jsonx_parse((const char *)data, size, "a", &j, &err) == 0)
		import(j, BUTANE_FROM_IGNITION);
	import_yaml(text, strlen(text));
	return 0;
}
