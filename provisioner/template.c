/* SPDX-License-Identifier: Apache-2.0 */
#include "template.h"

#include "fill.h"
#include "limits.h"
#include "parse.h"
#include "reference.h"

#include <string.h>

struct template *template_free(struct template *t)
{
	if (!t)
		return NULL;
	free(t->name);
	free(t->file);
	yaml_item_free(t->root);
	template_match_release(&t->match);
	free(t);
	return NULL;
}

static void check_text(const struct yaml_item *item, const char *file, struct problems *ps)
{
	struct reference_piece piece;
	enum reference_end end;
	const char *p = item->text;

	if (item->style == YAML_BLOCK)
		return;
	if (item->style == YAML_PLAIN) {
		if (strstr(item->text, "{{"))
			problems_add(ps, file, item->line, item->column,
				     "a reference is written in quotes: \"%.60s\"", item->text);
		return;
	}
	while ((end = reference_next(&p, &piece)) == REFERENCE_PIECE)
		;
	if (end == REFERENCE_BAD)
		problems_add(ps, file, item->line, item->column,
			     "a reference is written \"{{ name }}\"; a literal \"{{\" is \"{{{{\"");
}

/* The syntax of every reference; names are checked when values are known. */
static void check(const struct yaml_item *item, const char *file, struct problems *ps)
{
	if (item->kind == YAML_TEXT)
		check_text(item, file, ps);
	for (size_t i = 0; i < item->n; i++) {
		const struct yaml_entry *e = &item->entries[i];

		if (e->key && strstr(e->key, "{{"))
			problems_add(ps, file, e->line, e->column,
				     "a key is never replaced; put the reference into its value");
		check(e->value, file, ps);
	}
}

/* The variants of Butane whose versions up to this one become Ignition 3.4 or older. */
static const struct variant {
	const char *name;
	unsigned int newest;
} variants[] = {{"fcos", 5}, {"flatcar", 1}};

/* Whether a version is one of 1.0.0 to 1.NEWEST.0. */
static bool is_taken(const char *version, unsigned int newest)
{
	for (unsigned int minor = 0; minor <= newest; minor++) {
		_cleanup_(freep) char *taken = xasprintf("1.%u.0", minor);

		if (streq(version, taken))
			return true;
	}
	return false;
}

static void check_variant(struct yaml_item *root, const char *file, struct problems *ps)
{
	const struct yaml_entry *variant = yaml_take(root, "variant");
	const struct yaml_entry *version = yaml_take(root, "version");
	const struct variant *found = NULL;

	for (size_t i = 0; variant && i < ARRAY_SIZE(variants); i++)
		if (streq_null(variant->value->text, variants[i].name))
			found = &variants[i];
	if (variant && !found)
		problems_add(ps, file, variant->value->line, variant->value->column,
			     "the variants of Butane that are taken here are fcos and flatcar");
	else if (version && !found)
		problems_add(ps, file, version->line, version->column,
			     "a version belongs to a variant; remove it, or write variant: fcos");
	else if (version &&
		 (!version->value->text || !is_taken(version->value->text, found->newest)))
		problems_add(ps, file, version->value->line, version->value->column,
			     "the versions of %s that are taken here are 1.0.0 to 1.%u.0",
			     found->name, found->newest);
}

struct template *template_parse(const char *file, const char *text, size_t len, struct problems *ps)
{
	_cleanup_(template_freep) struct template *t = xcalloc(1, sizeof(*t));
	const char *slash = strrchr(file, '/');
	const struct yaml_entry *match;
	size_t before = ps->n;

	t->name = xstrdup(slash ? slash + 1 : file);
	t->file = xstrdup(file);
	t->root = yaml_parse(text, len, t->file, ps);
	if (!t->root)
		return NULL;
	if (t->root->kind != YAML_MAP) {
		problems_add(ps, t->file, t->root->line, t->root->column,
			     "keys such as \"storage:\" are wanted here");
		return NULL;
	}
	check(t->root, t->file, ps);
	check_variant(t->root, t->file, ps);
	match = yaml_take(t->root, "match");
	if (match && template_match_read(match, t->file, &t->match, ps) < 0)
		return NULL;
	return ps->n > before ? NULL : TAKE_PTR(t);
}

/* Plain texts are typed as YAML 1.1 does where it matters here: 0755 is octal. */
static json_t *typed(const char *text)
{
	const char *octal = startswith(text, "0o") ? text + 2 : text[0] == '0' ? text + 1 : "";
	const char *digits = text + (*text == '-');
	size_t len = strlen(digits);

	if (!*text || streq(text, "~") || streq(text, "null"))
		return json_null();
	if (streq(text, "true") || streq(text, "false"))
		return json_boolean(streq(text, "true"));
	if (*octal && strspn(octal, "01234567") == strlen(octal) && len < 18)
		return json_integer(strtoll(octal, NULL, 8));
	if (len && len < 18 && strspn(digits, "0123456789") == len)
		return json_integer(strtoll(text, NULL, 10));
	return json_string(text);
}

static struct config_item *fill_text(const struct yaml_item *item, struct origin at,
				     const json_t *values, struct problems *ps)
{
	struct config_item *text;

	if (item->style == YAML_QUOTED)
		return fill_quoted(item->text, at, values, ps);
	if (item->style == YAML_PLAIN)
		return config_value_new(typed(item->text), at);
	text = config_value_new(json_string(item->text), at);
	text->verbatim = true;
	return text;
}

static struct config_item *fill(const struct yaml_item *item, const char *file,
				const json_t *values, bool top, struct problems *ps)
{
	const struct origin at = {file, item->line, item->column};
	struct config_item *result;
	bool failed = false;

	if (item->kind == YAML_TEXT)
		return fill_text(item, at, values, ps);
	result = config_item_new(item->kind == YAML_MAP ? CONFIG_MAP : CONFIG_LIST, at);
	for (size_t i = 0; i < item->n; i++) {
		const struct yaml_entry *e = &item->entries[i];
		const struct origin key_at = {file, e->line, e->column};
		struct config_item *value;

		if (top && e->used) /* the head: match, variant, version */
			continue;
		value = fill(e->value, file, values, false, ps);
		if (!value)
			failed = true;
		else if (item->kind == YAML_MAP)
			config_item_set(result, e->key, key_at, value);
		else
			config_item_append(result, value);
	}
	return failed ? config_item_free(result) : result;
}

struct config_item *template_fill(const struct template *t, const json_t *values,
				  struct problems *ps)
{
	return fill(t->root, t->file, values, true, ps);
}
