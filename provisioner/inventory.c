/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory.h"

#include "cluster_yaml.h"
#include "fsio.h"
#include "limits.h"
#include "node_yaml.h"
#include "parse.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* Open addressing; node is the index + 1, 0 is free. */
struct mac_slot {
	struct mac mac;
	uint32_t node;
};

struct inventory *inventory_free(struct inventory *inv)
{
	if (!inv)
		return NULL;
	cluster_release(&inv->cluster);
	for (size_t i = 0; i < inv->n_nodes; i++)
		node_release(&inv->nodes[i]);
	free(inv->nodes);
	for (size_t i = 0; i < inv->n_files; i++)
		free(inv->files[i]);
	free(inv->files);
	free(inv->slots);
	free(inv->network_manifest);
	free(inv);
	return NULL;
}

/* The slot that holds mac, or the free one where it belongs. */
static struct mac_slot *slot_of(const struct inventory *inv, const struct mac *mac)
{
	size_t mask = inv->n_slots - 1, at = mac_hash(mac) & mask;

	while (inv->slots[at].node && mac_compare(&inv->slots[at].mac, mac) != 0)
		at = (at + 1) & mask;
	return &inv->slots[at];
}

static void index_macs(struct inventory *inv, struct problems *ps)
{
	size_t total = 0;
	char text[MAC_TEXT_SIZE];

	for (size_t i = 0; i < inv->n_nodes; i++)
		total += inv->nodes[i].n_macs;
	for (inv->n_slots = 16; inv->n_slots < 2 * total; inv->n_slots *= 2)
		;
	inv->slots = xcalloc(inv->n_slots, sizeof(*inv->slots));
	for (size_t i = 0; i < inv->n_nodes; i++) {
		const struct node *n = &inv->nodes[i];

		for (size_t k = 0; k < n->n_macs; k++) {
			struct mac_slot *slot = slot_of(inv, &n->macs[k]);

			if (slot->node)
				problems_add(ps, n->place.file, n->place.line, n->place.column,
					     "the MAC address %s belongs to %s already; each "
					     "network card is named once",
					     mac_format(&n->macs[k], text),
					     inv->nodes[slot->node - 1].place.file);
			else
				*slot = (struct mac_slot){n->macs[k], (uint32_t)i + 1};
		}
	}
}

static int compare_nodes(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	return strcmp(x->name, y->name);
}

struct taken {
	struct ipv4 ip;
	const struct node *node;
};

static int compare_taken(const void *a, const void *b)
{
	const struct taken *x = a, *y = b;

	return x->ip.a < y->ip.a ? -1 : x->ip.a > y->ip.a;
}

static void check_address(const struct inventory *inv, const struct node *n, struct problems *ps)
{
	const struct cluster *c = &inv->cluster;
	char ip[IPV4_TEXT_SIZE], net[IPV4_NET_TEXT_SIZE];
	const char *owner = n->address.ip.a == c->address.a  ? "the provisioner's own"
			    : n->address.ip.a == c->router.a ? "the router's (lan.router)"
							     : NULL;

	if (owner)
		problems_add(ps, n->place_address.file, n->place_address.line,
			     n->place_address.column, "address: %s is %s; give the node another",
			     ipv4_format(n->address.ip, ip), owner);
	if (c->subnet.ip.a && !ipv4_in_net(n->address.ip, c->subnet))
		problems_add(ps, n->place_address.file, n->place_address.line,
			     n->place_address.column,
			     "address: %s is not in lan.subnet %s of cluster.yaml",
			     ipv4_format(n->address.ip, ip), ipv4_net_format(c->subnet, net));
	else if (c->subnet.ip.a && n->address.prefix != c->subnet.prefix)
		problems_add(ps, n->place_address.file, n->place_address.line,
			     n->place_address.column,
			     "address: the prefix /%u is not that of lan.subnet %s; write %s/%u",
			     n->address.prefix, ipv4_net_format(c->subnet, net),
			     ipv4_format(n->address.ip, ip), c->subnet.prefix);
}

static void check_addresses(const struct inventory *inv, struct problems *ps)
{
	_cleanup_(freep) struct taken *taken = xcalloc(inv->n_nodes, sizeof(*taken));
	char ip[IPV4_TEXT_SIZE];
	size_t n = 0;

	for (size_t i = 0; i < inv->n_nodes; i++) {
		const struct node *node = &inv->nodes[i];

		if (!node->address.ip.a)
			continue;
		taken[n++] = (struct taken){node->address.ip, node};
		check_address(inv, node, ps);
	}
	qsort(taken, n, sizeof(*taken), compare_taken);
	for (size_t i = 0; i + 1 < n; i++) {
		const struct place *at = &taken[i + 1].node->place_address;

		if (taken[i].ip.a == taken[i + 1].ip.a)
			problems_add(ps, at->file, at->line, at->column,
				     "address: %s belongs to %s already; give one of them another",
				     ipv4_format(taken[i].ip, ip), taken[i].node->name);
	}
}

/* Of two records with one name the second is told; both stay, as nothing is used then. */
static void check_names(const struct inventory *inv, struct problems *ps)
{
	for (size_t i = 0; i + 1 < inv->n_nodes; i++) {
		const struct node *a = &inv->nodes[i], *b = &inv->nodes[i + 1];

		if (streq(a->name, b->name))
			problems_add(ps, b->place.file, b->place.line, b->place.column,
				     "the name %.63s belongs to %s already; give one of them "
				     "another",
				     b->name, a->place.file);
	}
}

/* What a control plane of ours needs beside its own record. */
static void check_control_planes(struct inventory *inv, struct problems *ps)
{
	struct cluster *c = &inv->cluster;
	const struct node *only = NULL;
	size_t n = 0;

	for (size_t i = 0; i < inv->n_nodes; i++) {
		if (inv->nodes[i].role != ROLE_CONTROL_PLANE)
			continue;
		only = &inv->nodes[i];
		n++;
		if (c->kubeconfig)
			problems_add(ps, only->place.file, only->place.line, only->place.column,
				     "the cluster exists already (cluster.kubeconfig), and only "
				     "workers can be added to it; write role: worker");
	}
	if (c->endpoint || c->kubeconfig || !n)
		return;
	if (n == 1 && only->address.ip.a) {
		char ip[IPV4_TEXT_SIZE];

		c->endpoint = xasprintf("%s:6443", ipv4_format(only->address.ip, ip));
		return;
	}
	problems_add(ps, c->place.file, c->place.line, c->place.column,
		     "%zu control planes need one name for all of them; add cluster: "
		     "controlPlaneEndpoint: HOST:6443",
		     n);
}

static void check_logins(const struct inventory *inv, struct problems *ps)
{
	if (inv->cluster.ssh_keys.n)
		return;
	for (size_t i = 0; i < inv->n_nodes; i++) {
		if (inv->nodes[i].ssh_keys.n)
			continue;
		problems_add(
			ps, inv->cluster.place.file, 0, 0,
			"nobody could log in to %s: write the line of a file like "
			"~/.ssh/id_ed25519.pub into sshKeys: [\"...\"] here or in the node's "
			"file (a new cluster.yaml gets it by provision init --ssh-key FILE, one "
			"node by provision add-node --ssh-key KEY)",
			inv->nodes[i].name);
		return;
	}
}

static const char *keep_name(struct inventory *inv, const char *file)
{
	char *copy = xstrdup(file);

	*ARRAY_APPEND(inv->files, inv->n_files) = copy;
	return copy;
}

static void read_cluster_text(struct inventory *inv, const struct inventory_text *t,
			      struct problems *ps)
{
	struct settings s = {keep_name(inv, t->file), ps};
	_cleanup_(yaml_item_freep) struct yaml_item *root = yaml_parse(t->text, t->len, s.file, ps);
	_cleanup_(yaml_item_freep) struct yaml_item *none = yaml_map_new();

	cluster_read(&s, root ? root : none, &inv->cluster);
}

/* Into the next of inv->nodes, which has room for all files. */
static void read_node_text(struct inventory *inv, const struct inventory_text *t,
			   struct problems *ps)
{
	struct settings s = {keep_name(inv, t->file), ps};
	_cleanup_(yaml_item_freep) struct yaml_item *root = yaml_parse(t->text, t->len, s.file, ps);
	_cleanup_(freep) char *name = NULL;
	const char *base;

	if (!root)
		return;
	base = strrchr(t->file, '/');
	base = base ? base + 1 : t->file;
	name = endswith(base, ".yaml") ? xstrndup(base, strlen(base) - 5) : xstrdup(base);
	node_read(&s, root, name, &inv->nodes[inv->n_nodes++]);
}

/* What no single file tells. */
static int finish(struct inventory *inv, struct problems *ps)
{
	if (inv->n_nodes)
		qsort(inv->nodes, inv->n_nodes, sizeof(*inv->nodes), compare_nodes);
	check_names(inv, ps);
	index_macs(inv, ps);
	check_addresses(inv, ps);
	check_control_planes(inv, ps);
	check_logins(inv, ps);
	return ps->n ? -1 : 0;
}

int inventory_parse(const struct inventory_text *cluster, const struct inventory_text *nodes,
		    size_t n, struct inventory **ret, struct problems *ps)
{
	_cleanup_(inventory_freep) struct inventory *inv = xcalloc(1, sizeof(*inv));

	read_cluster_text(inv, cluster, ps);
	inv->nodes = xcalloc(n, sizeof(*inv->nodes));
	for (size_t i = 0; i < n; i++)
		read_node_text(inv, &nodes[i], ps);
	if (finish(inv, ps) < 0)
		return -1;
	*ret = TAKE_PTR(inv);
	return 0;
}

/* Reads one file and hands its text on; a file that cannot be read is a problem. */
static void load_file(struct inventory *inv, int dir, const char *file, struct problems *ps,
		      void (*read)(struct inventory *inv, const struct inventory_text *t,
				   struct problems *ps))
{
	_cleanup_(freep) char *text = NULL;
	struct err err = ERR_INIT;
	size_t len = 0;

	if (file_read(dir, file, LIMIT_YAML_BYTES, &text, &len, &err) < 0) {
		if (err.errnum == ENOENT)
			problems_add(ps, file, 0, 0, "%s",
				     streq(file, "cluster.yaml")
					     ? "the file is missing: provision init"
					     : "the file is missing, or a link to nothing: mend it "
					       "or remove it");
		else if (err.kind == ERR_CONFIG)
			problems_add(ps, file, 0, 0,
				     "the file has more than %d bytes; move data out of it",
				     LIMIT_YAML_BYTES);
		else
			problems_add(ps, file, 0, 0, "%s", err_text(&err));
		err_release(&err);
		return;
	}
	read(inv, &(struct inventory_text){file, text, len}, ps);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names below nodes/, in order; none when the folder is absent. */
static void list_nodes(int dir, struct strv *names, struct problems *ps)
{
	int fd = openat(dir, "nodes", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const struct dirent *e;
	DIR *d;

	if (fd < 0 && errno == ENOENT)
		return;
	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		problems_add(ps, "nodes", 0, 0, "the folder cannot be read: %s", strerror(errno));
		closep(&fd);
		return;
	}
	while ((e = readdir(d))) {
		_cleanup_(freep) char *path = NULL;

		if (e->d_name[0] == '.')
			continue;
		path = xasprintf("nodes/%s", e->d_name);
		if (endswith(e->d_name, ".yml"))
			problems_add(ps, path, 0, 0, "the file is not read; name it .yaml");
		if (!endswith(e->d_name, ".yaml"))
			continue;
		strv_take(names, TAKE_PTR(path));
	}
	closedir(d);
	if (names->n)
		qsort(names->v, names->n, sizeof(*names->v), compare_names);
}

/* cluster.network when it names a file; kubeconfig made absolute. */
static void load_references(struct inventory *inv, int dir, const char *config_dir,
			    struct problems *ps)
{
	struct cluster *c = &inv->cluster;
	struct err err = ERR_INIT;
	size_t len = 0;

	if (c->kubeconfig && c->kubeconfig[0] != '/') {
		char *path = xasprintf("%s/%s", config_dir, c->kubeconfig);

		free(c->kubeconfig);
		c->kubeconfig = path;
	}
	if (!strchr(c->network, '.') && !strchr(c->network, '/'))
		return;
	if (file_read(dir, c->network, LIMIT_YAML_BYTES, &inv->network_manifest, &len, &err) < 0) {
		problems_add(ps, c->place.file, c->place.line, c->place.column,
			     "cluster.network: %s", err_text(&err));
		err_release(&err);
	}
}

int inventory_load_as_if(const char *config_dir, const struct inventory_text *extra,
			 const char *without, struct inventory **ret, struct problems *ps)
{
	_cleanup_(inventory_freep) struct inventory *inv = xcalloc(1, sizeof(*inv));
	_cleanup_(closep) int dir = open(config_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(strv_release) struct strv names = {0};

	if (dir < 0) {
		problems_add(ps, config_dir, 0, 0, "the folder cannot be read: %s: provision init",
			     strerror(errno));
		return -1;
	}
	load_file(inv, dir, "cluster.yaml", ps, read_cluster_text);
	if (inv->cluster.network)
		load_references(inv, dir, config_dir, ps);
	list_nodes(dir, &names, ps);
	if (names.n > LIMIT_NODES) {
		problems_add(ps, "nodes", 0, 0, "more than %d nodes", LIMIT_NODES);
		return -1;
	}
	inv->nodes = xcalloc(names.n + 1, sizeof(*inv->nodes));
	for (size_t i = 0; i < names.n; i++)
		if (!streq_null(names.v[i], without))
			load_file(inv, dir, names.v[i], ps, read_node_text);
	if (extra)
		read_node_text(inv, extra, ps);
	if (finish(inv, ps) < 0)
		return -1;
	*ret = TAKE_PTR(inv);
	return 0;
}

int inventory_load(const char *config_dir, struct inventory **ret, struct problems *ps)
{
	return inventory_load_as_if(config_dir, NULL, NULL, ret, ps);
}

const struct node *inventory_by_mac(const struct inventory *inv, const struct mac *mac)
{
	const struct mac_slot *slot = slot_of(inv, mac);

	return slot->node ? &inv->nodes[slot->node - 1] : NULL;
}

const struct node *inventory_by_name(const struct inventory *inv, const char *name)
{
	const struct node key = {.name = (char *)name};

	if (!inv->n_nodes)
		return NULL;
	return bsearch(&key, inv->nodes, inv->n_nodes, sizeof(key), compare_nodes);
}

int inventory_need(const struct inventory *inv, const char *name, const struct node **ret,
		   struct err *err)
{
	const struct node *n = inventory_by_name(inv, name);
	_cleanup_(freep) const char **names = NULL;
	_cleanup_(freep) char *shown = NULL;
	const char *near;

	if (n) {
		*ret = n;
		return 0;
	}
	names = xcalloc(inv->n_nodes, sizeof(*names));
	for (size_t i = 0; i < inv->n_nodes; i++)
		names[i] = inv->nodes[i].name;
	near = nearest_name(name, names, inv->n_nodes);
	shown = printable(name, strnlen(name, LIMIT_NAME));
	return err_set(err, ERR_NOT_FOUND, "no node is called %s%s%s%s", shown,
		       near ? "; did you mean " : "; provision status lists them all",
		       near ? near : "", near ? "?" : "");
}

size_t inventory_count_control_planes(const struct inventory *inv)
{
	size_t n = 0;

	for (size_t i = 0; i < inv->n_nodes; i++)
		n += inv->nodes[i].role == ROLE_CONTROL_PLANE;
	return n;
}
