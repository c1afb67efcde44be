/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_config.h"

#include <string.h>

#include "butane.h"
#include "data_url.h"
#include "live_image.h"
#include "plan_ignition.h"
#include "plan_values.h"

/* The record's own kernel arguments, after those of the templates. */
static void add_arguments(const struct node *n, struct config_item *config)
{
	const struct place *place = &n->place_arguments;
	const struct origin at = {place->file, place->line, place->column};
	struct config_item *map, *list;

	if (!n->kernel_arguments.n)
		return;
	map = config_item_need(config, "kernel_arguments", CONFIG_MAP, at);
	list = config_item_need(map, "should_exist", CONFIG_LIST, at);
	for (size_t i = 0; i < n->kernel_arguments.n; i++) {
		const char *argument = n->kernel_arguments.v[i];
		bool found = false;

		for (size_t k = 0; k < list->n; k++)
			found = found || streq_null(config_item_text(list->items[k]), argument);
		if (!found)
			config_item_append(list, config_value_new(json_string(argument), at));
	}
}

/* Ignition would have to start the machine again for them, at every boot. */
static int check_arguments(const struct node *n, const struct cluster *c,
			   const struct config_item *config, struct problems *ps)
{
	const struct config_item *said = config_item_get(config, "kernel_arguments");

	if (!said || !image_is_live(node_image(n, c)))
		return 0;
	problems_add(ps, said->at.file, said->at.line, said->at.column,
		     "kernel_arguments: %s runs in memory, and its boot script starts it; write "
		     "them as `kernelArguments:` in the file of %s",
		     node_image(n, c), n->name);
	return -1;
}

/* In memory Ignition itself reads them, before anything asks for a consent: a plan has to hold what
 * it will do with disks. */
int plan_config_check_includes(const json_t *config, const char *image, struct err *err)
{
	const json_t *include = json_object_get(json_object_get(config, "ignition"), "config");
	const json_t *merge = json_object_get(include, "merge");

	if (!image_is_live(image))
		return 0;
	for (size_t i = 0; i <= json_array_size(merge); i++) {
		const json_t *resource = i < json_array_size(merge)
						 ? json_array_get(merge, i)
						 : json_object_get(include, "replace");
		const char *source = json_string_value(json_object_get(resource, "source"));

		if (source && !data_url_is(source))
			return err_set(
				err, ERR_CONFIG,
				"$.ignition.config: %s runs in memory, where nothing looks at "
				"what is fetched before Ignition does it; include it as inline "
				"or local",
				image);
	}
	return 0;
}

/* An error that begins with a JSON path, told at the place that the path leads to. */
static void tell(const struct config_item *config, const struct err *err, struct problems *ps)
{
	const char *path = strchr(err_text(err), '$');
	const struct config_item *item = config_item_find(config, path ? path : "$");

	problems_add(ps, item->at.file, item->at.line, item->at.column, "%s", err_text(err));
}

struct config_item *plan_config(const struct node *n, const struct cluster *c,
				const struct plan_inputs *in, struct problems *ps)
{
	_cleanup_(json_decrefp) json_t *values = plan_values(n, c, in), *j = NULL;
	const struct butane b = {templates_files(in->templates), values, ps};
	_cleanup_config_ struct config_item *merged = NULL, *config = NULL;
	_cleanup_(err_release) struct err err = ERR_INIT;

	merged = templates_merge(in->templates, n, c, values, ps);
	if (!merged || check_arguments(n, c, merged, ps) < 0)
		return NULL;
	add_arguments(n, merged);
	config = butane_translate(&b, merged);
	if (!config)
		return NULL;
	j = config_item_to_json(config);
	if (plan_ignition_check(j, &err) < 0 ||
	    plan_config_check_includes(j, node_image(n, c), &err) < 0) {
		tell(config, &err, ps);
		return NULL;
	}
	return TAKE_PTR(config);
}

#define REDACTED "(redacted)"

json_t *plan_config_redacted(const json_t *config)
{
	static const char *const lists[] = {"users", "groups"};
	json_t *copy = json_deep_copy(config), *account;
	const json_t *passwd = json_object_get(copy, "passwd");
	size_t i;

	for (size_t k = 0; k < ARRAY_SIZE(lists); k++)
		json_array_foreach (json_object_get(passwd, lists[k]), i, account)
			if (json_object_get(account, "passwordHash"))
				json_object_set_new(account, "passwordHash", json_string(REDACTED));
	return copy;
}

void plan_config_redact(struct config_item *config)
{
	for (size_t i = 0; i < config->n; i++) {
		struct config_item *item = config->items[i];

		if (!streq_null(item->key, "passwordHash")) {
			plan_config_redact(item);
			continue;
		}
		json_decref(item->value);
		item->value = json_string(REDACTED);
	}
}
