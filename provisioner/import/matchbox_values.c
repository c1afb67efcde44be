/* SPDX-License-Identifier: Apache-2.0 */
#include "import/matchbox_values.h"

#include "import/go_template.h"
#include "limits.h"
#include "node.h"

#include <string.h>

/* A shorter text below a name like "keys" is rather a word that stands elsewhere, too. */
#define SECRET_MIN 8

char *matchbox_value_text(const json_t *value)
{
	if (json_is_string(value))
		return xstrdup(json_string_value(value));
	if (json_is_boolean(value))
		return xstrdup(json_is_true(value) ? "true" : "false");
	return json_is_number(value) ? go_number_text(json_number_value(value)) : NULL;
}

const char *matchbox_value_problem(const json_t *value)
{
	if (json_is_array(value) || json_is_object(value))
		return "is a list or a map, and a record's metadata are texts";
	if (json_is_number(value))
		return "is a number that Matchbox writes with an exponent (1e+06); make it a text";
	return json_is_null(value) ? "is null" : NULL;
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

/* What anybody may know, whatever its name. */
static bool is_public(const json_t *value)
{
	static const char *const begins[] = {"ssh-",
					     "ecdsa-sha2-",
					     "sk-ssh-",
					     "sk-ecdsa-",
					     "-----BEGIN CERTIFICATE-----",
					     "-----BEGIN PUBLIC KEY-----",
					     "/",
					     "http://",
					     "https://"};
	const char *text = json_string_value(value);

	for (size_t i = 0; text && i < ARRAY_SIZE(begins); i++)
		if (startswith(text, begins[i]))
			return !strstr(text, "PRIVATE KEY") &&
			       (text[0] != 'h' || !strpbrk(text, "@?"));
	return !text || !*text;
}

bool matchbox_is_secret(const char *name, const json_t *value)
{
	return matchbox_sounds_secret(name) && !is_public(value);
}

/* Texts in lists and maps below a name that sounds like a secret. */
static void add_inner(json_t *secrets, const json_t *value, bool sounds)
{
	const char *key;
	json_t *member;
	size_t i;

	if (sounds && json_string_length(value) >= SECRET_MIN && !is_public(value))
		json_array_append(secrets, (json_t *)value);
	json_object_foreach ((json_t *)value, key, member)
		add_inner(secrets, member, sounds || matchbox_sounds_secret(key));
	json_array_foreach ((json_t *)value, i, member)
		add_inner(secrets, member, sounds);
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
	return is_name(name) && !matchbox_is_secret(name, value);
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

	*ret = (struct matchbox_values){.all = json_deep_copy(g->metadata),
					.references = json_object(),
					.texts = json_object(),
					.secrets = json_array()};
	json_object_update(ret->all, g->selector);
	json_object_foreach (g->metadata, key, value) {
		const bool secret = json_is_string(value) && matchbox_is_secret(key, value);
		_cleanup_(freep) char *reference =
			xasprintf("%s%s", secret ? GO_MARK_SECRET : "metadata.", key);

		if (!json_is_string(value))
			add_inner(ret->secrets, value, matchbox_sounds_secret(key));
		if (!json_object_get(g->selector, key) &&
		    (secret || matchbox_is_metadata(key, value)))
			add(ret, key, reference, value);
	}
	json_object_foreach (g->selector, key, value) {
		_cleanup_(freep) char *reference = xasprintf(GO_MARK_SECRET "%s", key);

		if (matchbox_is_secret(key, value))
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
	json_decref(v->secrets);
	*v = (struct matchbox_values){0};
}
