/* SPDX-License-Identifier: Apache-2.0 */
#include "inventory_edit.h"

#include "buf.h"
#include "cluster_text.h"
#include "fsio.h"
#include "jsonx.h"
#include "limits.h"
#include "live_image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* A text in double quotes: JSON's escapes are YAML's too. */
static void add_quoted(struct buf *b, const char *text)
{
	json_t *j = json_string(text);
	char *s = j ? json_dumps(j, JSON_ENCODE_ANY | JSON_ENSURE_ASCII) : xstrdup("\"\"");

	buf_adds(b, s);
	free(s);
	json_decref(j);
}

static void add_list(struct buf *b, const char *indent, const char *key, const struct strv *list)
{
	if (!list->n)
		return;
	buf_addf(b, "%s%s:\n", indent, key);
	for (size_t i = 0; i < list->n; i++) {
		buf_addf(b, "%s  - ", indent);
		add_quoted(b, list->v[i]);
		buf_addc(b, '\n');
	}
}

static void add_disks(struct buf *b, const char *indent, const struct pool_spec *p)
{
	buf_addf(b, "%sdisks:\n", indent);
	for (size_t i = 0; i < p->n_disks; i++) {
		_cleanup_(freep) char *words = disk_spec_format(&p->disks[i]);

		buf_addf(b, "%s  - ", indent);
		add_quoted(b, words);
		buf_addc(b, '\n');
	}
}

static void add_pool_rest(struct buf *b, const char *indent, const struct pool_spec *p)
{
	if (p->data != PROFILE_INVALID)
		buf_addf(b, "%sdata: %s\n", indent, profile_name(p->data));
	if (p->metadata != PROFILE_INVALID)
		buf_addf(b, "%smetadata: %s\n", indent, profile_name(p->metadata));
	if (p->compression)
		buf_addf(b, "%scompression: %s\n", indent, p->compression);
	if (p->mount) {
		buf_addf(b, "%smount: ", indent);
		add_quoted(b, p->mount);
		buf_addc(b, '\n');
	}
	if (p->n_subvolumes)
		buf_addf(b, "%ssubvolumes:\n", indent);
	for (size_t i = 0; i < p->n_subvolumes; i++) {
		buf_addf(b, "%s  - name: ", indent);
		add_quoted(b, p->subvolumes[i].name);
		buf_addc(b, '\n');
		if (!p->subvolumes[i].mount)
			continue;
		buf_addf(b, "%s    mount: ", indent);
		add_quoted(b, p->subvolumes[i].mount);
		buf_addc(b, '\n');
	}
}

static void add_storage(struct buf *b, const struct node *n, const char *image)
{
	if (!n->n_pools && image && image_is_live(image)) {
		buf_adds(b, "# The system runs in memory. What is to outlive a boot has to be in a "
			    "pool:\n"
			    "# storage:\n"
			    "#   pools:\n"
			    "#     - {name: data, disks: [{serial: WD-1234}], mount: "
			    "/var/lib/containerd}\n");
		return;
	}
	if (!n->n_pools) {
		buf_adds(b, "# Without a word about disks the system takes the machine's one fixed "
			    "disk:\n"
			    "# storage:\n"
			    "#   system:\n"
			    "#     disks: [{serial: WD-1234}]\n"
			    "#   pools:\n"
			    "#     - {name: tank, disks: [{transport: sata, count: 2}], mount: "
			    "/srv/tank}\n");
		return;
	}
	buf_adds(b, "storage:\n");
	for (size_t i = 0; i < n->n_pools; i++) {
		const struct pool_spec *p = &n->pools[i];

		if (!i) { /* the system pool; without disks the default rule stands */
			if (!p->n_disks)
				continue;
			buf_adds(b, "  system:\n");
			add_disks(b, "    ", p);
			add_pool_rest(b, "    ", p);
			continue;
		}
		buf_addf(b, "%s    - name: %s\n", i == 1 ? "  pools:\n" : "", p->name);
		add_disks(b, "      ", p);
		add_pool_rest(b, "      ", p);
	}
}

static void add_macs(struct buf *b, const struct node *n)
{
	char mac[MAC_TEXT_SIZE];

	if (n->n_macs == 1) {
		buf_addf(b, "mac: \"%s\"\n", mac_format(&n->macs[0], mac));
		return;
	}
	buf_adds(b, "mac:\n");
	for (size_t i = 0; i < n->n_macs; i++)
		buf_addf(b, "  - \"%s\"\n", mac_format(&n->macs[i], mac));
}

static void add_text(struct buf *b, const char *key, const char *value)
{
	if (!value)
		return;
	buf_addf(b, "%s: ", key);
	add_quoted(b, value);
	buf_addc(b, '\n');
}

static void add_map(struct buf *b, const char *key, const struct label *entries, size_t n)
{
	if (n)
		buf_addf(b, "%s:\n", key);
	for (size_t i = 0; i < n; i++) {
		buf_adds(b, "  ");
		add_quoted(b, entries[i].key);
		buf_adds(b, ": ");
		add_quoted(b, entries[i].value);
		buf_addc(b, '\n');
	}
}

static void add_labels(struct buf *b, const struct node *n)
{
	add_map(b, "labels", n->labels, n->n_labels);
	if (n->n_taints)
		buf_adds(b, "taints:\n");
	for (size_t i = 0; i < n->n_taints; i++) {
		_cleanup_(freep) char *taint =
			xasprintf("%s=%s", n->taints[i].key, n->taints[i].value);

		buf_adds(b, "  - ");
		add_quoted(b, taint);
		buf_addc(b, '\n');
	}
}

char *node_to_yaml(const struct node *n, const struct inventory *inv)
{
	const struct ipv4_net example =
		cluster_example_address(&inv->cluster, inv->nodes, inv->n_nodes);
	char net[IPV4_NET_TEXT_SIZE];
	struct buf b;

	buf_init(&b, SIZE_MAX / 2);
	buf_addf(
		&b,
		"# The node %s. The file is yours: comments stay, and an edit shows as drift until "
		"the\n# node is installed again (provision reinstall %s).\n",
		n->name, n->name);
	add_macs(&b, n);
	buf_addf(&b, "role: %s\n", role_name(n->role));
	if (n->arch != ARCH_AMD64)
		buf_addf(&b, "arch: %s\n", arch_name(n->arch));
	if (n->address.ip.a)
		buf_addf(&b, "address: %s\n", ipv4_net_format(n->address, net));
	else
		buf_addf(&b, "# address: %s    # static; without it, by DHCP\n",
			 ipv4_net_format(example, net));
	add_text(&b, "image", n->image);
	add_text(&b, "uuid", n->uuid);
	add_text(&b, "serial", n->serial);
	add_labels(&b, n);
	add_map(&b, "metadata", n->metadata, n->n_metadata);
	add_list(&b, "", "sshKeys", &n->ssh_keys);
	add_list(&b, "", "kernelArguments", &n->kernel_arguments);
	add_storage(&b, n, n->image ? n->image : inv->cluster.image);
	return buf_take(&b);
}

static int check_free(const struct inventory *inv, const struct node *n, struct err *err)
{
	char mac[MAC_TEXT_SIZE], ip[IPV4_TEXT_SIZE];

	if (inventory_by_name(inv, n->name))
		return err_set(err, ERR_REFUSED,
			       "a node is called %s already (provision reinstall %s installs it "
			       "again; --name gives another name)",
			       n->name, n->name);
	for (size_t i = 0; i < n->n_macs; i++) {
		const struct node *other = inventory_by_mac(inv, &n->macs[i]);

		if (other)
			return err_set(err, ERR_REFUSED,
				       "the MAC address %s belongs to node %s already (provision "
				       "reinstall %s installs it again)",
				       mac_format(&n->macs[i], mac), other->name, other->name);
	}
	for (size_t i = 0; n->address.ip.a && i < inv->n_nodes; i++)
		if (inv->nodes[i].address.ip.a == n->address.ip.a)
			return err_set(err, ERR_REFUSED,
				       "--address: %s belongs to node %s already; give one of them "
				       "another",
				       ipv4_format(n->address.ip, ip), inv->nodes[i].name);
	return 0;
}

char *inventory_new_file(const struct node *n)
{
	return xasprintf("nodes/%s.yaml", n->name);
}

int inventory_add_node(const char *config_dir, const struct inventory *inv, const struct node *n,
		       struct problems *ps, struct err *err)
{
	_cleanup_(closep) int dir = open(config_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(inventory_freep) struct inventory *after = NULL;
	_cleanup_(freep) char *path = inventory_new_file(n);
	_cleanup_(freep) char *fresh = xasprintf("nodes/.%s.yaml.new", n->name);
	_cleanup_(freep) char *text = node_to_yaml(n, inv);
	const struct inventory_text record = {path, text, strlen(text)};
	int saved;

	if (dir < 0)
		return err_errno(err, ERR_IO, errno, "%s", config_dir);
	if (check_free(inv, n, err) < 0 ||
	    inventory_load_as_if(config_dir, &record, NULL, &after, ps) < 0)
		return -1;
	if (dir_make(dir, "nodes", 0755, err) < 0 ||
	    file_write(dir, fresh, text, strlen(text), 0644, err) < 0)
		return err_wrap(err, "%s", config_dir);
	/* a file that appeared meanwhile is somebody's work */
	if (renameat2(dir, fresh, dir, path, RENAME_NOREPLACE) == 0)
		return 0;
	saved = errno;
	unlinkat(dir, fresh, 0);
	if (saved == EEXIST)
		return err_set(err, ERR_REFUSED,
			       "%s/%s is there already; --name gives another name", config_dir,
			       path);
	return err_errno(err, ERR_IO, saved, "%s/%s", config_dir, path);
}

int inventory_remove_node(const char *config_dir, const struct inventory *inv, const char *name,
			  struct err *err)
{
	const struct node *n = NULL;
	_cleanup_(freep) char *path = NULL;

	if (inventory_need(inv, name, &n, err) < 0)
		return -1;
	path = xasprintf("%s/%s", config_dir, n->place.file);
	if (unlink(path) < 0)
		return err_errno(err, ERR_IO, errno, "%s", path);
	return 0;
}

char *inventory_free_name(const struct inventory *inv, const struct mac *mac)
{
	char *name = xasprintf("node-%02x%02x%02x", mac->b[3], mac->b[4], mac->b[5]);

	for (unsigned int i = 2; inventory_by_name(inv, name); i++) {
		free(name);
		name = xasprintf("node-%02x%02x%02x-%u", mac->b[3], mac->b[4], mac->b[5], i);
	}
	return name;
}
