/* SPDX-License-Identifier: Apache-2.0 */
#include "import/marked_yaml.h"

#include "buf.h"
#include "import/go_template.h"
#include "limits.h"

#include <string.h>

char *marked_text_fill(const char *text, const json_t *values)
{
	const char *begin;
	struct buf b;

	buf_init(&b, LIMIT_YAML_BYTES * 2);
	while ((begin = strstr(text, GO_MARK_BEGIN))) {
		const char *name = begin + strlen(GO_MARK_BEGIN);
		const char *end = strstr(name, GO_MARK_END);
		_cleanup_(freep) char *key = NULL;
		const char *value;

		if (!end)
			break;
		buf_add(&b, text, (size_t)(begin - text));
		key = xstrndup(name, (size_t)(end - name));
		value = json_string_value(json_object_get(values, key));
		buf_adds(&b, value ? value : "");
		text = end + strlen(GO_MARK_END);
	}
	buf_adds(&b, text);
	return buf_take(&b);
}

/* Plain texts are typed as YAML does where it matters here; 0755 and 0o755 are octal. */
static json_t *typed(const char *text)
{
	static const char *const nothing[] = {"", "~", "null", "Null", "NULL"};
	static const char *const yes[] = {"true", "True", "TRUE"};
	static const char *const no[] = {"false", "False", "FALSE"};
	const char *digits = startswith(text, "0o") ? text + 2 : text;
	const size_t len = strlen(digits);
	const bool octal = digits != text || (len > 1 && text[0] == '0');

	for (size_t i = 0; i < ARRAY_SIZE(nothing); i++)
		if (streq(text, nothing[i]))
			return json_null();
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		if (streq(text, yes[i]))
			return json_true();
		if (streq(text, no[i]))
			return json_false();
	}
	if (len && len < 18 && strspn(digits, octal ? "01234567" : "0123456789") == len)
		return json_integer(strtoll(digits, NULL, octal ? 8 : 10));
	return NULL;
}

static json_t *text_to_json(const struct yaml_item *item, const json_t *values)
{
	_cleanup_(freep) char *filled = NULL;
	json_t *j = NULL;

	/* a secret stays one that can be told by its mark */
	if (item->style == YAML_PLAIN && !strstr(item->text, GO_MARK_BEGIN GO_MARK_SECRET)) {
		filled = marked_text_fill(item->text, values);
		j = typed(filled);
	}
	return j ? j : json_string(item->text);
}

json_t *marked_yaml_to_json(const struct yaml_item *item, const json_t *values)
{
	json_t *j;

	if (item->kind == YAML_TEXT)
		return text_to_json(item, values);
	j = item->kind == YAML_MAP ? json_object() : json_array();
	for (size_t i = 0; i < item->n; i++) {
		json_t *value = marked_yaml_to_json(item->entries[i].value, values);
		_cleanup_(freep) char *key = NULL;

		if (item->kind == YAML_LIST) {
			json_array_append_new(j, value);
			continue;
		}
		key = marked_text_fill(item->entries[i].key, values);
		json_object_set_new(j, key, value);
	}
	return j;
}
