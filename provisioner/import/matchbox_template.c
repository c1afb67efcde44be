/* SPDX-License-Identifier: Apache-2.0 */
#include "import/matchbox_template.h"

#include "fsio.h"
#include "import/butane_import.h"
#include "import/butane_text.h"
#include "import/go_template.h"
#include "import/import_strip.h"
#include "import/marked_yaml.h"
#include "import/matchbox_values.h"
#include "limits.h"
#include "parse.h"
#include "plan.h"
#include "yaml_tree.h"

#include <string.h>

/* One file of ignition/ on its way. */
struct source {
	char *file; /* "ignition/etcd.yaml", as it is shown */
	char *text;
	size_t len;
	const struct matchbox_values *values;
	const char *image; /* of the node */
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

/* The text with its actions done, and marks for references. NULL, and told, when it has others than
 * plain ones. */
static char *fill(const struct source *s, struct problems *left)
{
	const struct go_template t = {s->values->all, s->values->references};
	unsigned int line = 0, column = 0;
	struct err err = ERR_INIT;
	struct buf out;

	if (strlen(s->text) != s->len) {
		problems_add(left, s->file, 0, 0, "holds a NUL byte and is no text");
		return NULL;
	}
	buf_init(&out, LIMIT_YAML_BYTES);
	if (go_template_fill(&t, s->text, s->len, &out, &line, &column, &err) == 0)
		return buf_take(&out);
	problems_add(left, s->file, line, column, "%s; the file was not carried over",
		     err_text(&err));
	err_release(&err);
	buf_release(&out);
	return NULL;
}

static json_t *from_yaml(const struct source *s, struct problems *left)
{
	_cleanup_(yaml_item_freep) struct yaml_item *item = NULL;
	_cleanup_(freep) char *text = fill(s, left);

	if (!text)
		return NULL;
	item = yaml_parse(text, strlen(text), s->file, left);
	if (!item)
		return NULL;
	if (item->kind == YAML_MAP)
		return marked_yaml_to_json(item, s->values->texts);
	problems_add(left, s->file, item->line, item->column,
		     "keys such as \"storage:\" are wanted here");
	return NULL;
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

static const char *metadata_problem(const char *key, const json_t *value)
{
	const char *why = matchbox_value_problem(value);

	if (why)
		return why;
	return matchbox_is_secret(key, value)
		       ? "sounds like a secret, which may not stand in a record"
		       : "has a name of other characters than letters, digits and _";
}

/* Metadata that went nowhere: neither the record's nor in one of the files. */
static void tell_metadata(const struct matchbox_group *g, const struct source *files, size_t n,
			  struct problems *left)
{
	const char *key;
	json_t *value;

	json_object_foreach (g->metadata, key, value) {
		_cleanup_(freep) char *shown = printable_text(key, strnlen(key, LIMIT_NAME));
		bool used = !*key || matchbox_is_metadata(key, value);

		for (size_t i = 0; i < n; i++)
			used = used || (files[i].text && mentions(files[i].text, key));
		if (!used)
			problems_add(left, g->file, 0, 0,
				     "$.metadata.%s: %s, and no file of the profile names it",
				     shown, metadata_problem(key, value));
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

/* Kernel arguments go to the record: the boot script of an image in memory has to have them. */
static void take_arguments(const struct source *s, json_t *content, struct strv *ret,
			   struct problems *left)
{
	json_t *arguments = json_object_get(content, "kernel_arguments"), *element;
	size_t i;

	json_array_foreach (json_object_get(arguments, "should_exist"), i, element) {
		const char *text = json_is_string(element) ? json_string_value(element) : "";
		_cleanup_(freep) char *argument = marked_text_fill(text, s->values->texts);

		if (import_has_secret(text, s->values->secrets))
			problems_add(left, s->file, 0, 0,
				     "$.kernel_arguments.should_exist[%zu]: sounds like a secret, "
				     "and the boot script is given to whoever asks",
				     i);
		else if (kernel_argument_is_valid(argument))
			strv_add(ret, argument);
		else
			problems_add(left, s->file, 0, 0,
				     "$.kernel_arguments.should_exist[%zu]: is no single kernel "
				     "argument like console=ttyS0,115200",
				     i);
	}
	if (json_object_get(arguments, "should_not_exist"))
		problems_add(left, s->file, 0, 0,
			     "$.kernel_arguments.should_not_exist: the script in ipxe-scripts/ "
			     "has the image's own arguments");
	json_object_del(content, "kernel_arguments");
}

static char *make(const struct source *s, bool json, struct strv *arguments, struct problems *left)
{
	_cleanup_json_ json_t *config = json ? from_json(s, left) : from_yaml(s, left);
	const struct import_strip strip = {s->file, s->values->texts, s->values->secrets, s->image};
	_cleanup_json_ json_t *content = NULL;
	struct buf b;

	if (!config)
		return NULL;
	content = butane_import(config, json ? BUTANE_FROM_IGNITION : BUTANE_FROM_YAML, s->file,
				left);
	take_arguments(s, content, arguments, left);
	import_strip(content, &strip, left);
	if (!json_object_size(content))
		return NULL;
	buf_init(&b, LIMIT_PLAN_BYTES);
	butane_text_add(&b, content);
	return buf_take(&b);
}

/* Reads the file that the profile names. False, and told, when there is none to be had. */
static bool read_source(int dirfd, const struct matchbox_profile *p, const char *folder,
			const char *id, struct source *ret, struct problems *left)
{
	_cleanup_(freep) char *path = NULL, *shown = NULL;
	struct err err = ERR_INIT;

	if (!id)
		return false;
	if (!is_file_name(id)) {
		problems_add(left, p->file, 0, 0, "$.%s_id: is no name of a file", folder);
		return false;
	}
	path = xasprintf("%s/%s", folder, id);
	if (file_read(dirfd, path, LIMIT_YAML_BYTES, &ret->text, &ret->len, &err) < 0) {
		problems_add(left, p->file, 0, 0, "$.%s_id: %s", folder, err_text(&err));
		err_release(&err);
		return false;
	}
	shown = printable_text(id, strlen(id));
	ret->file = xasprintf("%s/%s", folder, shown);
	return true;
}

/* A file of generic/ or cloud/, which is served to whoever asks for the node's. */
static char *make_served(const struct source *s, struct problems *left)
{
	_cleanup_(freep) char *text = fill(s, left);

	if (!text)
		return NULL;
	if (!import_has_secret(text, s->values->secrets))
		return butane_text_references(text);
	problems_add(left, s->file, 0, 0,
		     "names metadata that sounds like a secret, and what is here is served to "
		     "whoever asks; the file was not carried over");
	return NULL;
}

void matchbox_template_make(int dirfd, const struct matchbox_group *g,
			    const struct matchbox_profile *p, const char *image, bool tell_profile,
			    struct matchbox_texts *ret, struct problems *left)
{
	_cleanup_(matchbox_values_release) struct matchbox_values values = {0};
	_cleanup_(problems_release) struct problems again = {0};
	struct problems *of_profile = tell_profile ? left : &again;
	const struct {
		const char *folder, *id;
	} files[] = {
		{"ignition", p->ignition_id}, {"generic", p->generic_id}, {"cloud", p->cloud_id}};
	struct source s[ARRAY_SIZE(files)] = {0};

	matchbox_values_read(g, &values);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		s[i].values = &values;
		s[i].image = image;
		if (!read_source(dirfd, p, files[i].folder, files[i].id, &s[i], of_profile))
			continue;
		if (i == 0)
			ret->template =
				make(&s[i], is_ignition(files[i].id), &ret->arguments, of_profile);
		else if (i == 1)
			ret->generic = make_served(&s[i], of_profile);
		else
			ret->cloud = make_served(&s[i], of_profile);
	}
	tell_metadata(g, s, ARRAY_SIZE(s), left);
	for (size_t i = 0; i < ARRAY_SIZE(s); i++) {
		free(s[i].text);
		free(s[i].file);
	}
}

char *matchbox_template_text(const struct matchbox_profile *p, const char *content,
			     const struct strv *nodes)
{
	_cleanup_(freep) char *names = strv_join(nodes, ", ");
	_cleanup_(freep) char *file = printable_text(p->ignition_id, strlen(p->ignition_id));

	return xasprintf("# From Matchbox's %s and ignition/%s.\n"
			 "# What is said here is laid on what every node gets.\n"
			 "match:\n  name: [%s]\n%s",
			 p->file, file, names, content);
}
