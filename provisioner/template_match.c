/* SPDX-License-Identifier: Apache-2.0 */
#include "template_match.h"

#include "limits.h"
#include "parse.h"

#include <string.h>

static const char *role_text(const struct node *n, const char *key)
{
	(void)key;
	return role_name(n->role);
}

static const char *arch_text(const struct node *n, const char *key)
{
	(void)key;
	return arch_name(n->arch);
}

static const char *name_text(const struct node *n, const char *key)
{
	(void)key;
	return n->name;
}

static const char *label_text(const struct node *n, const char *key)
{
	for (size_t i = 0; i < n->n_labels; i++)
		if (streq(n->labels[i].key, key))
			return n->labels[i].value;
	return NULL;
}

static const struct property {
	const char *key;
	const char *(*of)(const struct node *n, const char *key);
	const char *words[3]; /* all that there are; none: any */
} properties[] = {
	{"role", role_text, {"control-plane", "worker"}},
	{"arch", arch_text, {"amd64", "arm64"}},
	{"name", name_text, {NULL}},
};

static const char *text_of(const struct match_rule *r, const struct node *n)
{
	for (size_t i = 0; !r->is_label && i < ARRAY_SIZE(properties); i++)
		if (streq(r->key, properties[i].key))
			return properties[i].of(n, r->key);
	return label_text(n, r->key);
}

void template_match_release(struct template_match *m)
{
	for (size_t i = 0; i < m->n; i++) {
		for (size_t k = 0; k < m->rules[i].n; k++)
			free(m->rules[i].any[k].text);
		free(m->rules[i].any);
		free(m->rules[i].key);
	}
	free(m->rules);
	*m = (struct template_match){0};
}

static void tell_nearest(const char *what, const char *text, const char *file, unsigned int line,
			 unsigned int column, const char *const *names, size_t n,
			 struct problems *ps)
{
	_cleanup_(freep) char *shown = printable_text(text, strnlen(text, LIMIT_NAME));
	const char *near = n ? nearest_name(text, names, n) : NULL;

	problems_add(ps, file, line, column, "match: %s \"%s\"%s%s%s", what, shown,
		     near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static void read_value(const struct yaml_item *item, const struct property *p, struct match_rule *r,
		       const char *file, struct problems *ps)
{
	bool known = !p || !p->words[0];

	if (item->kind != YAML_TEXT) {
		problems_add(ps, file, item->line, item->column,
			     "match: a text is wanted here, or a list of texts");
		return;
	}
	for (size_t i = 0; !known && p->words[i]; i++)
		known = streq(p->words[i], item->text);
	if (!known) {
		_cleanup_(freep) char *what = xasprintf("there is no %s", p->key);

		tell_nearest(what, item->text, file, item->line, item->column, p->words,
			     ARRAY_SIZE(p->words), ps);
	}
	*ARRAY_APPEND(r->any, r->n) =
		(struct match_value){xstrdup(item->text), item->line, item->column};
}

static void read_rule(struct template_match *m, const struct yaml_entry *e, const char *key,
		      const struct property *p, const char *file, struct problems *ps)
{
	struct match_rule *r = ARRAY_APPEND(m->rules, m->n);
	const struct yaml_item *value = e->value;

	r->key = xstrdup(key);
	r->is_label = !p;
	r->line = e->line;
	r->column = e->column;
	if (value->kind != YAML_LIST) {
		read_value(value, p, r, file, ps);
		return;
	}
	if (!value->n)
		problems_add(ps, file, value->line, value->column,
			     "match: an empty list is no node's; remove the key");
	for (size_t i = 0; i < value->n; i++)
		read_value(value->entries[i].value, p, r, file, ps);
}

static void read_labels(struct template_match *m, const struct yaml_item *labels, const char *file,
			struct problems *ps)
{
	if (labels->kind != YAML_MAP)
		problems_add(ps, file, labels->line, labels->column,
			     "match: labels are written {key: value}");
	for (size_t i = 0; labels->kind == YAML_MAP && i < labels->n; i++)
		read_rule(m, &labels->entries[i], labels->entries[i].key, NULL, file, ps);
}

int template_match_read(const struct yaml_entry *e, const char *file, struct template_match *ret,
			struct problems *ps)
{
	struct yaml_item *map = e->value;
	struct template_match m = {.line = e->line, .column = e->column};
	const struct yaml_entry *labels;
	size_t before = ps->n;

	if (map->kind != YAML_MAP) {
		problems_add(ps, file, map->line, map->column,
			     "match: role, arch, name or labels is wanted below it");
		return -1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(properties); i++) {
		const struct yaml_entry *rule = yaml_take(map, properties[i].key);

		if (rule)
			read_rule(&m, rule, properties[i].key, &properties[i], file, ps);
	}
	labels = yaml_take(map, "labels");
	if (labels)
		read_labels(&m, labels->value, file, ps);
	yaml_leftover(map, file, ps);
	if (ps->n == before) {
		*ret = m;
		return 0;
	}
	template_match_release(&m);
	return -1;
}

static bool rule_holds(const struct match_rule *r, const struct node *n)
{
	const char *text = text_of(r, n);

	for (size_t i = 0; text && i < r->n; i++)
		if (streq(r->any[i].text, text))
			return true;
	return false;
}

bool template_match_holds(const struct template_match *m, const struct node *n)
{
	for (size_t i = 0; i < m->n; i++)
		if (!rule_holds(&m->rules[i], n))
			return false;
	return true;
}

/* A label's key that no node has. */
static bool check_key(const struct match_rule *r, const char *file, const struct node *nodes,
		      size_t n, struct problems *ps)
{
	_cleanup_(freep) const char **keys = NULL;
	size_t n_keys = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; r->is_label && k < nodes[i].n_labels; k++) {
			if (streq(nodes[i].labels[k].key, r->key))
				return true;
			*ARRAY_APPEND(keys, n_keys) = nodes[i].labels[k].key;
		}
	if (!r->is_label)
		return true;
	tell_nearest("no node has the label", r->key, file, r->line, r->column, keys, n_keys, ps);
	return false;
}

static void check_rule(const struct match_rule *r, const char *file, const struct node *nodes,
		       size_t n, struct problems *ps)
{
	_cleanup_(freep) const char **texts = xcalloc(n + 1, sizeof(*texts));
	_cleanup_(freep) char *what =
		xasprintf("no node has the %s%s", r->is_label ? "label " : "", r->key);
	size_t n_texts = 0;

	if (!check_key(r, file, nodes, n, ps))
		return;
	for (size_t i = 0; i < n; i++) {
		const char *text = text_of(r, &nodes[i]);

		if (text)
			texts[n_texts++] = text;
	}
	for (size_t i = 0; i < r->n; i++) {
		bool found = false;

		for (size_t k = 0; !found && k < n_texts; k++)
			found = streq(texts[k], r->any[i].text);
		if (!found)
			tell_nearest(what, r->any[i].text, file, r->any[i].line, r->any[i].column,
				     texts, n_texts, ps);
	}
}

void template_match_check(const struct template_match *m, const char *file,
			  const struct node *nodes, size_t n, struct problems *ps)
{
	size_t before = ps->n;

	for (size_t i = 0; i < m->n; i++)
		check_rule(&m->rules[i], file, nodes, n, ps);
	if (ps->n > before)
		return;
	for (size_t i = 0; i < n; i++)
		if (template_match_holds(m, &nodes[i]))
			return;
	problems_add(ps, file, m->line, m->column,
		     "match: each of these some node has, all of them together none");
}
