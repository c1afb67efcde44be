/* SPDX-License-Identifier: Apache-2.0 */
#include "ign_merge.h"

#include "ignition_schema.h"

static json_t *merge_objects(const struct ign_object *schema, const json_t *parent,
			     const json_t *child);

static void append(json_t *list, const json_t *element)
{
	if (json_array_append(list, (json_t *)element) < 0)
		BUG("json_array_append");
}

/* An object whose keys are those of the list's elements, its values the elements. */
static json_t *index_of(const struct ign_field *f, const json_t *list)
{
	json_t *index = json_object(), *element;
	size_t i;

	json_array_foreach ((json_t *)list, i, element) {
		_cleanup_(freep) char *key = ign_schema_key(f, element);

		if (json_object_set(index, key, element) < 0)
			BUG("json_object_set");
	}
	return index;
}

/* Whether the child has an element of this key in another list of the field's group. */
static bool moved_away(const struct ign_object *schema, const struct ign_field *f,
		       const json_t *indexes, const char *key)
{
	for (size_t i = 0; f->group && i < schema->n; i++) {
		const struct ign_field *other = &schema->fields[i];

		if (other != f && streq_null(other->group, f->group) &&
		    json_object_get(json_object_get(indexes, other->name), key))
			return true;
	}
	return false;
}

/* A header without a value is one that the child takes out. */
static bool takes_out(const struct ign_field *f, const json_t *element)
{
	return streq(f->name, "httpHeaders") && !json_is_string(json_object_get(element, "value"));
}

static void merge_element(const struct ign_field *f, const json_t *old, const json_t *new,
			  json_t *out)
{
	if (takes_out(f, new))
		return;
	if (f->type == IGN_OBJECTS)
		json_array_append_new(out, merge_objects(f->object, old, new));
	else
		append(out, new);
}

/* indexes: of each unique list of the child's object, by the field's name. */
static json_t *merge_lists(const struct ign_object *schema, const struct ign_field *f,
			   const json_t *parent, const json_t *child, const json_t *indexes)
{
	const json_t *in_child = json_object_get(indexes, f->name);
	_cleanup_json_ json_t *in_parent = f->append ? NULL : index_of(f, parent);
	json_t *out = json_array(), *element;
	size_t i;

	json_array_foreach ((json_t *)parent, i, element) {
		_cleanup_(freep) char *key = f->append ? NULL : ign_schema_key(f, element);
		const json_t *same = key ? json_object_get(in_child, key) : NULL;

		if (same)
			merge_element(f, element, same, out);
		else if (!key || !moved_away(schema, f, indexes, key))
			append(out, element);
	}
	json_array_foreach ((json_t *)child, i, element) {
		_cleanup_(freep) char *key = f->append ? NULL : ign_schema_key(f, element);

		if (!key || !json_object_get(in_parent, key))
			append(out, element);
	}
	return out;
}

static json_t *merge_field(const struct ign_object *schema, const struct ign_field *f,
			   const json_t *parent, const json_t *child, const json_t *indexes)
{
	const json_t *old = json_object_get(parent, f->name);
	const json_t *new = json_object_get(child, f->name);

	if (f->type == IGN_STRINGS || f->type == IGN_OBJECTS)
		return merge_lists(schema, f, old, new, indexes);
	if (!new || json_is_null(new))
		return json_incref((json_t *)old);
	if (f->type == IGN_OBJECT && json_is_object(old))
		return merge_objects(f->object, old, new);
	return json_incref((json_t *)new);
}

static json_t *merge_objects(const struct ign_object *schema, const json_t *parent,
			     const json_t *child)
{
	_cleanup_json_ json_t *indexes = json_object();
	json_t *out = json_object();

	for (size_t i = 0; i < schema->n; i++) {
		const struct ign_field *f = &schema->fields[i];
		const json_t *list = json_object_get(child, f->name);

		if (json_is_array(list) && !f->append)
			json_object_set_new(indexes, f->name, index_of(f, list));
	}
	for (size_t i = 0; i < schema->n; i++) {
		const struct ign_field *f = &schema->fields[i];
		json_t *value = merge_field(schema, f, parent, child, indexes);

		if (!value || json_is_null(value) ||
		    (json_is_array(value) && json_array_size(value) == 0))
			json_decref(value);
		else
			json_object_set_new(out, f->name, value);
	}
	return out;
}

json_t *ign_merge(const json_t *parent, const json_t *child)
{
	return merge_objects(&ign_schema, parent, child);
}
