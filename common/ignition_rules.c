/* SPDX-License-Identifier: Apache-2.0 */
#include "ignition_rules.h"

#include <string.h>

static const char *string(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* "" counts as absent, as with Ignition. */
static const char *text(const json_t *object, const char *key)
{
	const char *s = string(object, key);

	return s && s[0] ? s : NULL;
}

static bool has(const json_t *object, const char *key)
{
	const json_t *j = json_object_get(object, key);

	return j && !json_is_null(j);
}

static bool is_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

static json_int_t number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

int ign_rule_resource(const json_t *object, const char *path, struct err *err)
{
	const char *source = string(object, "source");

	if (!source && has(json_object_get(object, "verification"), "hash"))
		return err_set(err, ERR_CONFIG, "%s.source: is missing; verification.hash is of it",
			       path);
	if (json_array_size(json_object_get(object, "httpHeaders")) == 0)
		return 0;
	if (source && (startswith(source, "http://") || startswith(source, "https://")))
		return 0;
	return err_set(err, ERR_CONFIG,
		       "%s.httpHeaders: only a source of http or https has headers", path);
}

int ign_rule_required_resource(const json_t *object, const char *path, struct err *err)
{
	if (!text(object, "source"))
		return err_set(err, ERR_CONFIG, "%s.source: is missing", path);
	return ign_rule_resource(object, path, err);
}

static json_int_t end_of(const json_t *p)
{
	json_int_t start = number(p, "startMiB"), size = number(p, "sizeMiB");

	/* a size of 0 is what is left: nobody knows how much that is */
	return size == 0 ? start : start + size - 1;
}

static bool is_placed(const json_t *p)
{
	return has(p, "sizeMiB") && number(p, "startMiB") != 0;
}

static bool goes(const json_t *p)
{
	return json_is_false(json_object_get(p, "shouldExist"));
}

static int compare_partitions(const json_t *list, size_t a, size_t b, const char *path,
			      struct err *err)
{
	const json_t *p = json_array_get(list, a), *o = json_array_get(list, b);

	if (has(p, "label") && has(o, "label") && streq(string(p, "label"), string(o, "label")))
		return err_set(err, ERR_CONFIG,
			       "%s.partitions[%zu].label: is that of partitions[%zu] too", path, b,
			       a);
	if (number(p, "number") != 0 && number(p, "number") == number(o, "number"))
		return err_set(err, ERR_CONFIG,
			       "%s.partitions[%zu].number: is that of partitions[%zu] too", path, b,
			       a);
	if ((goes(p) && number(o, "number") == 0) || (goes(o) && number(p, "number") == 0))
		return err_set(err, ERR_CONFIG,
			       "%s.partitions[%zu]: shouldExist false and a partition without a "
			       "number do not go together",
			       path, goes(p) ? a : b);
	if (is_placed(p) && is_placed(o) && number(p, "startMiB") <= end_of(o) &&
	    number(o, "startMiB") <= end_of(p))
		return err_set(err, ERR_CONFIG, "%s.partitions[%zu]: overlaps partitions[%zu]",
			       path, b, a);
	return 0;
}

int ign_rule_disk(const json_t *object, const char *path, struct err *err)
{
	const json_t *list = json_object_get(object, "partitions");
	size_t n = json_array_size(list);

	/* a GPT has 128 partitions: more than twice that is no disk */
	if (n > 256)
		return err_set(err, ERR_CONFIG, "%s.partitions: has %zu elements, 256 are allowed",
			       path, n);
	for (size_t b = 1; b < n; b++)
		for (size_t a = 0; a < b; a++)
			if (compare_partitions(list, a, b, path, err) < 0)
				return -1;
	return 0;
}

int ign_rule_partition(const json_t *object, const char *path, struct err *err)
{
	const json_t *should = json_object_get(object, "shouldExist");

	if (json_is_false(should) &&
	    (has(object, "label") || text(object, "typeGuid") || text(object, "guid") ||
	     has(object, "startMiB") || has(object, "sizeMiB")))
		return err_set(err, ERR_CONFIG,
			       "%s: shouldExist false takes a number, and no label, sizeMiB, "
			       "startMiB, guid or typeGuid",
			       path);
	if (number(object, "number") == 0 && !has(object, "label"))
		return err_set(err, ERR_CONFIG, "%s: needs a label or a number from 1 on", path);
	return 0;
}

int ign_rule_raid(const json_t *object, const char *path, struct err *err)
{
	static const char *const plain[] = {"linear", "raid0", "0", "stripe"};
	const char *level = text(object, "level");

	if (!level)
		return err_set(err, ERR_CONFIG, "%s.level: is missing", path);
	if (json_array_size(json_object_get(object, "devices")) == 0)
		return err_set(err, ERR_CONFIG, "%s.devices: is missing", path);
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		if (streq(plain[i], level) && number(object, "spares") != 0)
			return err_set(err, ERR_CONFIG,
				       "%s.spares: level %s has no redundancy and takes no spares",
				       path, level);
	return 0;
}

int ign_rule_luks(const json_t *object, const char *path, struct err *err)
{
	const json_t *clevis = json_object_get(object, "clevis");

	if (!text(object, "device"))
		return err_set(err, ERR_CONFIG, "%s.device: is missing", path);
	if (text(json_object_get(clevis, "custom"), "pin") &&
	    (json_array_size(json_object_get(clevis, "tang")) > 0 || is_true(clevis, "tpm2") ||
	     number(clevis, "threshold") != 0))
		return err_set(err, ERR_CONFIG,
			       "%s.clevis: custom takes no tang, tpm2 or threshold beside it",
			       path);
	return 0;
}

int ign_rule_clevis_custom(const json_t *object, const char *path, struct err *err)
{
	if (!text(object, "pin") && !text(object, "config") && !is_true(object, "needsNetwork"))
		return 0;
	if (!text(object, "pin"))
		return err_set(err, ERR_CONFIG, "%s.pin: is missing", path);
	if (!text(object, "config"))
		return err_set(err, ERR_CONFIG, "%s.config: is missing", path);
	return 0;
}

int ign_rule_tang(const json_t *object, const char *path, struct err *err)
{
	if (!text(object, "url"))
		return err_set(err, ERR_CONFIG, "%s.url: is missing", path);
	if (!text(object, "thumbprint"))
		return err_set(err, ERR_CONFIG, "%s.thumbprint: is missing", path);
	return 0;
}

int ign_rule_filesystem(const json_t *object, const char *path, struct err *err)
{
	static const struct {
		const char *format;
		size_t max;
	} labels[] = {{"ext4", 16}, {"btrfs", 256}, {"xfs", 12}, {"swap", 15}, {"vfat", 11}};
	const char *format = text(object, "format"), *label = text(object, "label");

	if (!format && (text(object, "path") || label || text(object, "uuid") ||
			is_true(object, "wipeFilesystem") ||
			json_array_size(json_object_get(object, "mountOptions")) > 0 ||
			json_array_size(json_object_get(object, "options")) > 0))
		return err_set(err, ERR_CONFIG,
			       "%s.format: is missing, but there is a path, label, uuid, "
			       "wipeFilesystem, options or mountOptions",
			       path);
	for (size_t i = 0; format && label && i < ARRAY_SIZE(labels); i++)
		if (streq(labels[i].format, format) && strlen(label) > labels[i].max)
			return err_set(err, ERR_CONFIG,
				       "%s.label: is longer than the %zu bytes that %s takes", path,
				       labels[i].max, format);
	return 0;
}

int ign_rule_file(const json_t *object, const char *path, struct err *err)
{
	if (is_true(object, "overwrite") && !string(json_object_get(object, "contents"), "source"))
		return err_set(
			err, ERR_CONFIG,
			"%s.overwrite: needs contents with a source, \"data:,\" for an empty "
			"file",
			path);
	return 0;
}

int ign_rule_link(const json_t *object, const char *path, struct err *err)
{
	if (!text(object, "target"))
		return err_set(err, ERR_CONFIG, "%s.target: is missing", path);
	return 0;
}

int ign_rule_owner(const json_t *object, const char *path, struct err *err)
{
	if (has(object, "id") && text(object, "name"))
		return err_set(err, ERR_CONFIG, "%s: has an id and a name; keep one of them", path);
	return 0;
}

/* The lists of nodes; what lies at the path of one of the latter two has nothing below it. */
static const char *const node_lists[] = {"directories", "files", "links"};

/* Fails when a part of the path before its end is a key of `closed`, whose value says what. */
static int check_below(const char *node, const json_t *closed, const char *path, const char *list,
		       size_t i, struct err *err)
{
	_cleanup_(freep) char *part = xstrdup(node);
	char *slash;

	while ((slash = strrchr(part, '/')) && slash != part) {
		const char *what;

		*slash = '\0';
		what = json_string_value(json_object_get(closed, part));
		if (what)
			return err_set(
				err, ERR_CONFIG,
				"%s.%s[%zu].path: lies below %s, which is a %s of this config",
				path, list, i, part, what);
	}
	return 0;
}

static int check_nodes(const json_t *storage, const json_t *closed, const char *path,
		       struct err *err)
{
	for (size_t k = 0; k < ARRAY_SIZE(node_lists); k++) {
		json_t *node;
		size_t i;

		json_array_foreach (json_object_get(storage, node_lists[k]), i, node)
			if (check_below(string(node, "path"), closed, path, node_lists[k], i, err) <
			    0)
				return -1;
	}
	return 0;
}

static int check_hard_links(const json_t *storage, const char *path, struct err *err)
{
	_cleanup_json_ json_t *directories = json_object();
	json_t *node;
	size_t i;

	json_array_foreach (json_object_get(storage, "directories"), i, node)
		json_object_set_new(directories, string(node, "path"), json_true());
	json_array_foreach (json_object_get(storage, "links"), i, node)
		if (is_true(node, "hard") && json_object_get(directories, string(node, "target")))
			return err_set(err, ERR_CONFIG,
				       "%s.links[%zu].target: is a directory of this config, which "
				       "takes no hard link",
				       path, i);
	return 0;
}

static int check_mount_points(const json_t *storage, const char *path, struct err *err)
{
	_cleanup_json_ json_t *seen = json_object();
	json_t *fs;
	size_t i;

	json_array_foreach (json_object_get(storage, "filesystems"), i, fs) {
		const char *at = text(fs, "path");

		if (at && json_object_get(seen, at))
			return err_set(err, ERR_CONFIG,
				       "%s.filesystems[%zu].path: another file system has it too",
				       path, i);
		if (at)
			json_object_set_new(seen, at, json_true());
	}
	return 0;
}

int ign_rule_storage(const json_t *object, const char *path, struct err *err)
{
	_cleanup_json_ json_t *closed = json_object();
	json_t *node;
	size_t i;

	json_array_foreach (json_object_get(object, "files"), i, node)
		json_object_set_new(closed, string(node, "path"), json_string("file"));
	json_array_foreach (json_object_get(object, "links"), i, node)
		json_object_set_new(closed, string(node, "path"), json_string("link"));
	if (check_nodes(object, closed, path, err) < 0 || check_hard_links(object, path, err) < 0)
		return -1;
	return check_mount_points(object, path, err);
}

static json_t *unit_paths(const json_t *config)
{
	json_t *paths = json_object(), *unit, *dropin;
	size_t i, k;

	json_array_foreach (json_object_get(json_object_get(config, "systemd"), "units"), i, unit) {
		const char *name = string(unit, "name");
		_cleanup_(freep) char *file = xasprintf("/etc/systemd/system/%s", name);

		if (text(unit, "contents"))
			json_object_set_new(paths, file, json_string(name));
		json_array_foreach (json_object_get(unit, "dropins"), k, dropin) {
			_cleanup_(freep) char *below =
				xasprintf("%s.d/%s", file, string(dropin, "name"));

			if (text(dropin, "contents"))
				json_object_set_new(paths, below, json_string(name));
		}
	}
	return paths;
}

int ign_rule_config(const json_t *object, const char *path, struct err *err)
{
	const json_t *storage = json_object_get(object, "storage");
	_cleanup_json_ json_t *paths = unit_paths(object);

	for (size_t k = 0; k < ARRAY_SIZE(node_lists); k++) {
		json_t *node, *unit;
		size_t i;

		json_array_foreach (json_object_get(storage, node_lists[k]), i, node) {
			unit = json_object_get(paths, string(node, "path"));
			if (unit)
				return err_set(err, ERR_CONFIG,
					       "%s.storage.%s[%zu].path: systemd.units makes this "
					       "file, for %s",
					       path, node_lists[k], i, json_string_value(unit));
		}
	}
	return 0;
}
