/* SPDX-License-Identifier: Apache-2.0 */
#include "import/matchbox_template.h"

#include "fsio.h"
#include "import/butane_import.h"
#include "import/butane_text.h"
#include "import/go_template.h"
#include "import/marked_yaml.h"
#include "import/matchbox_node.h"
#include "limits.h"
#include "parse.h"
#include "yaml_tree.h"

#include <string.h>

/* One file of ignition/ on its way. */
struct source {
	const char *file; /* "ignition/etcd.yaml", as it is shown */
	const char *text;
	size_t len;
	const json_t *values; /* what {{ }} may name */
};

static json_t *from_json(const struct source *s, struct problems *left)
{
	struct err err = ERR_INIT;
	json_t *j = NULL;

	if (jsonx_parse(s->text, s->len, "the file", &j, &err) < 0) {
		problems_add(left, s->file, 0, 0, "%s", err_text(&err));
		err_release(&err);
		return NULL;
	}
	if (json_is_object(j))
		return j;
	problems_add(left, s->file, 0, 0, "is no JSON object");
	json_decref(j);
	return NULL;
}

static json_t *from_yaml(const struct source *s, struct problems *left)
{
	const struct go_template t = {s->values, matchbox_is_label};
	_cleanup_(yaml_item_freep) struct yaml_item *item = NULL;
	_cleanup_(buf_release) struct buf out;
	struct err err = ERR_INIT;
	unsigned int line = 0, column = 0;

	buf_init(&out, LIMIT_YAML_BYTES);
	if (go_template_fill(&t, s->text, s->len, &out, &line, &column, &err) < 0) {
		problems_add(left, s->file, line, column, "%s; no template was made of the file",
			     err_text(&err));
		err_release(&err);
		return NULL;
	}
	item = yaml_parse(out.data ? out.data : "", out.len, s->file, left);
	if (!item)
		return NULL;
	if (item->kind == YAML_MAP)
		return marked_yaml_to_json(item, s->values);
	problems_add(left, s->file, item->line, item->column,
		     "keys such as \"storage:\" are wanted here");
	return NULL;
}

/* Metadata and selector, as Matchbox puts them together. */
static json_t *values_of(const struct matchbox_group *g)
{
	json_t *values = json_deep_copy(g->metadata);

	json_object_update(values, g->selector);
	return values;
}

static bool is_word_char(char c)
{
	return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

/* Whether the text has .name or "name" in it. */
static bool mentions(const char *text, const char *name)
{
	for (const char *at = strstr(text, name); at; at = strstr(at + 1, name))
		if (at > text && strchr(".\"", at[-1]) && !is_word_char(at[strlen(name)]))
			return true;
	return false;
}

/* Metadata that went nowhere: neither a label nor in the file. */
static void tell_metadata(const struct matchbox_group *g, const char *text, struct problems *left)
{
	const char *key;
	json_t *value;

	json_object_foreach (g->metadata, key, value) {
		_cleanup_(freep) char *shown = printable(key, strnlen(key, LIMIT_NAME));

		if (!*key || matchbox_is_label(key, value) || mentions(text, key))
			continue;
		problems_add(left, g->file, 0, 0,
			     "$.metadata.%s: %s, and the profile's Ignition file does not name it",
			     shown,
			     matchbox_sounds_secret(key)
				     ? "sounds like a secret, which no label of Kubernetes may be"
				     : "is no label of Kubernetes");
	}
}

static bool is_ignition(const char *id)
{
	return endswith(id, ".ign") || endswith(id, ".ignition") || endswith(id, ".json");
}

static bool is_file_name(const char *id)
{
	return *id && !strchr(id, '/') && id[0] != '.';
}

static char *make(const struct source *s, bool json, struct problems *left)
{
	_cleanup_json_ json_t *config = json ? from_json(s, left) : from_yaml(s, left);
	_cleanup_json_ json_t *content = NULL;
	struct buf b;

	if (!config)
		return NULL;
	content = butane_import(config, json ? BUTANE_FROM_IGNITION : BUTANE_FROM_YAML, s->file,
				left);
	if (!json_object_size(content))
		return NULL;
	buf_init(&b, LIMIT_PLAN_BYTES);
	butane_text_add(&b, content);
	return buf_take(&b);
}

char *matchbox_template_make(int dirfd, const struct matchbox_group *g,
			     const struct matchbox_profile *p, bool tell_profile,
			     struct problems *left)
{
	_cleanup_(freep) char *shown = NULL, *file = NULL, *path = NULL, *text = NULL, *ret = NULL;
	_cleanup_(problems_release) struct problems again = {0};
	struct problems *of_profile = tell_profile ? left : &again;
	_cleanup_json_ json_t *values = values_of(g);
	struct err err = ERR_INIT;
	struct source s = {0};

	if (!p->ignition_id) {
		tell_metadata(g, "", left);
		return NULL;
	}
	shown = printable(p->ignition_id, strlen(p->ignition_id));
	file = xasprintf("ignition/%s", shown);
	path = xasprintf("ignition/%s", p->ignition_id);
	if (!is_file_name(p->ignition_id)) {
		problems_add(of_profile, p->file, 0, 0, "$.ignition_id: is no name of a file");
		return NULL;
	}
	if (file_read(dirfd, path, LIMIT_YAML_BYTES, &text, &s.len, &err) < 0) {
		problems_add(of_profile, p->file, 0, 0, "$.ignition_id: %s", err_text(&err));
		err_release(&err);
		return NULL;
	}
	tell_metadata(g, text, left);
	s = (struct source){file, text, s.len, values};
	return make(&s, is_ignition(p->ignition_id), of_profile);
}

char *matchbox_template_text(const struct matchbox_profile *p, const char *content,
			     const struct strv *nodes)
{
	_cleanup_(freep) char *names = strv_join(nodes, ", ");
	_cleanup_(freep) char *file = printable(p->ignition_id, strlen(p->ignition_id));

	return xasprintf("# From Matchbox's %s and ignition/%s.\n"
			 "# What is said here is laid on what every node gets.\n"
			 "match:\n  name: [%s]\n%s",
			 p->file, file, names, content);
}

void matchbox_template_tell_raw(const char *folder, const char *file, struct problems *left)
{
	problems_add(left, file, 0, 0,
		     streq(folder, "cloud")
			     ? "is a script or cloud-config, which neither Ignition nor the agent "
			       "runs; write it as a unit and a file of a template"
			     : "is fetched by a program of the machine's own; write it as a file "
			       "of a template");
}
