/* SPDX-License-Identifier: Apache-2.0 */
#include "import/matchbox_values.h"

#include "limits.h"
#include "node.h"

#include <string.h>

/* Go prints a number of JSON, which is a float64 there, from here on as 1e+06. */
#define GO_EXPONENT 1000000

char *matchbox_value_text(const json_t *value)
{
	if (json_is_string(value))
		return xstrdup(json_string_value(value));
	if (json_is_boolean(value))
		return xstrdup(json_is_true(value) ? "true" : "false");
	if (json_is_integer(value) && json_integer_value(value) < GO_EXPONENT &&
	    json_integer_value(value) > -GO_EXPONENT)
		return xasprintf("%lld", (long long)json_integer_value(value));
	return NULL;
}

bool matchbox_sounds_secret(const char *name)
{
	static const char *const words[] = {"token", "secret",     "passw",   "key",
					    "hash",  "credential", "private", "cert"};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}

static bool is_name(const char *s)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
	const size_t len = strlen(s);

	return len && len <= LIMIT_METADATA_NAME && !s[strspn(s, allowed)];
}

bool matchbox_is_metadata(const char *name, const json_t *value)
{
	_cleanup_(freep) char *text = matchbox_value_text(value);

	if (!text)
		return false;
	if (json_typeof(value) == JSON_STRING && json_string_length(value) != strlen(text))
		return false;
	return is_name(name) && !matchbox_sounds_secret(name);
}

static void add(struct matchbox_values *v, const char *name, const char *reference,
		const json_t *value)
{
	_cleanup_(freep) char *text = matchbox_value_text(value);

	json_object_set_new(v->references, name, json_string(reference));
	json_object_set_new(v->texts, reference, json_string(text));
}

void matchbox_values_read(const struct matchbox_group *g, struct matchbox_values *ret)
{
	static const char *const own[][2] = {
		{"mac", "node.mac"}, {"uuid", "node.uuid"}, {"serial", "node.serial"}};
	const char *key;
	json_t *value;

	*ret = (struct matchbox_values){json_deep_copy(g->metadata), json_object(), json_object()};
	json_object_update(ret->all, g->selector);
	json_object_foreach (g->metadata, key, value) {
		_cleanup_(freep) char *reference = xasprintf("metadata.%s", key);

		if (!json_object_get(g->selector, key) && matchbox_is_metadata(key, value))
			add(ret, key, reference, value);
	}
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if ((value = json_object_get(g->selector, own[i][0])))
			add(ret, own[i][0], own[i][1], value);
}

void matchbox_values_release(struct matchbox_values *v)
{
	json_decref(v->all);
	json_decref(v->references);
	json_decref(v->texts);
	*v = (struct matchbox_values){0};
}
