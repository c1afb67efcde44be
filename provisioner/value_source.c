/* SPDX-License-Identifier: Apache-2.0 */
#include "value_source.h"

#include "fsio.h"
#include "limits.h"

#include <fcntl.h>
#include <string.h>

#define CLUSTER_FILE "cluster.yaml"

/* What a value is made of, by the path of keys in each file. */
static const struct row {
	const char *name;
	const char *cluster, *node;
} rows[] = {
	{"hostname", NULL, "name"},
	{"node.name", NULL, "name"},
	{"node.mac", NULL, "mac"},
	{"node.role", NULL, "role"},
	{"node.uuid", NULL, "uuid"},
	{"node.serial", NULL, "serial"},
	{"metadata", NULL, "metadata"},
	{"node.arch", NULL, "arch"},
	{"node.address", NULL, "address"},
	{"node.addressWithPrefix", NULL, "address"},
	{"node.labels", NULL, "labels"},
	{"node", NULL, ""},
	{"cluster.name", "cluster.name", NULL},
	{"cluster.flavour", "cluster.flavour", NULL},
	{"cluster.version", "cluster.version", NULL},
	{"cluster.endpoint", "cluster.controlPlaneEndpoint", NULL},
	{"cluster.network", "cluster.network", NULL},
	{"cluster", "cluster", NULL},
	{"version", "cluster.version", NULL},
	{"pauseImage", "cluster.version", NULL},
	{"podSubnet", "cluster.podSubnet", NULL},
	{"serviceSubnet", "cluster.serviceSubnet", NULL},
	{"lan", "lan", NULL},
	{"provisioner", "provisioner.address", NULL},
	{"sshKeys", "sshKeys", "sshKeys"},
};

void value_sources_release(struct value_sources *s)
{
	yaml_item_free(s->cluster);
	yaml_item_free(s->node);
	free(s->node_file);
	*s = (struct value_sources){0};
}

int value_sources_parse(const char *cluster, const char *node, const char *node_file,
			struct value_sources *ret)
{
	_cleanup_(problems_release) struct problems ps = {0};

	ret->node_file = xstrdup(node_file);
	ret->cluster = yaml_parse(cluster, strlen(cluster), CLUSTER_FILE, &ps);
	ret->node = yaml_parse(node, strlen(node), node_file, &ps);
	return ret->cluster && ret->node ? 0 : -1;
}

int value_sources_load(const char *config_dir, const struct node *n, struct value_sources *ret,
		       struct err *err)
{
	_cleanup_(freep) char *cluster_path = xasprintf("%s/%s", config_dir, CLUSTER_FILE);
	_cleanup_(freep) char *node_path = xasprintf("%s/%s", config_dir, n->place.file);
	_cleanup_(freep) char *cluster = NULL, *node = NULL;
	size_t len;

	if (file_read(AT_FDCWD, cluster_path, LIMIT_YAML_BYTES, &cluster, &len, err) < 0 ||
	    file_read(AT_FDCWD, node_path, LIMIT_YAML_BYTES, &node, &len, err) < 0)
		return -1;
	if (value_sources_parse(cluster, node, n->place.file, ret) < 0)
		return err_set(err, ERR_CONFIG, "the files changed meanwhile (provision check)");
	return 0;
}

static const struct yaml_entry *member(const struct yaml_item *map, const char *key, size_t len)
{
	for (size_t i = 0; map->kind == YAML_MAP && i < map->n; i++)
		if (strlen(map->entries[i].key) == len &&
		    strncmp(map->entries[i].key, key, len) == 0)
			return &map->entries[i];
	return NULL;
}

/* Follows the path of keys, then what is left of the name, as far as it goes. */
static const struct yaml_item *follow(const struct yaml_item *root, const char *path,
				      const char *rest, bool *ret_whole)
{
	const struct yaml_item *item = root;

	*ret_whole = true;
	while (*path) {
		size_t len = strcspn(path, ".");
		const struct yaml_entry *e = member(item, path, len);

		if (!e) {
			*ret_whole = false;
			return item;
		}
		item = e->value;
		path += len + (path[len] == '.');
	}
	while (*rest) {
		size_t len = strcspn(++rest, ".");
		const struct yaml_entry *e = member(item, rest, len);

		if (!e)
			return item;
		item = e->value;
		rest += len;
	}
	return item;
}

static void add(struct strv *list, const struct yaml_item *root, const char *file, const char *path,
		const char *rest, bool only)
{
	const struct yaml_item *item;
	bool whole;

	if (!path || !root)
		return;
	item = follow(root, path, rest, &whole);
	if (whole)
		strv_take(list, xasprintf("%s:%u:%u", file, item->line, item->column));
	else if (only)
		strv_take(list, xasprintf("%s (default)", file));
}

bool value_source_listed(const struct value_sources *s, const char *key, const char *text,
			 unsigned int *ret_line, unsigned int *ret_column)
{
	const struct yaml_entry *e = member(s->node, key, strlen(key));
	const struct yaml_item *list = e ? e->value : NULL;

	for (size_t i = 0; list && list->kind == YAML_LIST && i < list->n; i++) {
		const struct yaml_item *item = list->entries[i].value;

		if (!streq_null(item->text, text))
			continue;
		*ret_line = item->line;
		*ret_column = item->column;
		return true;
	}
	return false;
}

char *value_source(const struct value_sources *s, const char *name)
{
	_cleanup_(strv_release) struct strv list = {0};

	for (size_t i = 0; i < ARRAY_SIZE(rows) && !list.n; i++) {
		const struct row *r = &rows[i];
		size_t len = strlen(r->name);
		bool only = !r->cluster || !r->node;

		if (!startswith(name, r->name) || (name[len] && name[len] != '.'))
			continue;
		add(&list, s->cluster, CLUSTER_FILE, r->cluster, name + len, only);
		add(&list, s->node, s->node_file, r->node, name + len, only);
	}
	return list.n ? strv_join(&list, ", ") : NULL;
}
