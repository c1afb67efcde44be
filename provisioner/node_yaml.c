/* SPDX-License-Identifier: Apache-2.0 */
#include "node_yaml.h"

#include "cluster_yaml.h"
#include "limits.h"
#include "parse.h"
#include "plan.h"

#include <ctype.h>
#include <string.h>

static void read_macs(const struct settings *s, struct yaml_item *root, struct node *n)
{
	_cleanup_(strv_release) struct strv macs = {0};
	struct yaml_entry *e = settings_strings(s, root, "mac", &macs);
	struct err err = ERR_INIT;

	if (!macs.n)
		problems_add(s->problems, s->file, root->line, root->column,
			     "the node has no MAC address; add mac: 52:54:00:12:34:56");
	if (macs.n > LIMIT_MACS)
		settings_problem(s, e, "at most %d MAC addresses", LIMIT_MACS);
	for (size_t i = 0; i < macs.n && i < LIMIT_MACS; i++) {
		const struct yaml_entry *at =
			e->value->kind == YAML_LIST ? &e->value->entries[i] : e;
		struct mac mac;

		if (mac_parse(macs.v[i], &mac, &err) < 0) {
			settings_problem(s, at, "%s", err_text(&err));
			err_release(&err);
			continue;
		}
		*ARRAY_APPEND(n->macs, n->n_macs) = mac;
	}
}

/* kubelet refuses to register itself with labels of these domains, but for two prefixes
 * (kubernetes.io/docs/reference/labels-annotations-taints, NodeRestriction). */
static bool kubelet_may_set(const char *key)
{
	const char *slash = strchr(key, '/');
	_cleanup_(freep) char *domain = slash ? xstrndup(key, (size_t)(slash - key)) : NULL;

	if (!domain || endswith(domain, "node.kubernetes.io") ||
	    endswith(domain, "kubelet.kubernetes.io"))
		return true;
	return !streq(domain, "kubernetes.io") && !streq(domain, "k8s.io") &&
	       !endswith(domain, ".kubernetes.io") && !endswith(domain, ".k8s.io");
}

static void read_labels(const struct settings *s, struct yaml_item *root, struct node *n)
{
	struct yaml_item *map = settings_map(s, root, "labels");

	for (size_t i = 0; map && i < map->n; i++) {
		const struct yaml_entry *e = &map->entries[i];
		const char *value = settings_text(s, e);
		struct label l;

		if (!value)
			continue;
		l = (struct label){e->key, (char *)value};
		if (!label_is_valid(&l))
			settings_problem(s, e,
					 "Kubernetes takes labels like example.org/rack: a12, of "
					 "letters, digits, '.', '_' and '-', at most 63 each");
		else if (!kubelet_may_set(e->key))
			settings_problem(s, e,
					 "a node may not give itself a label of this domain; use "
					 "node.kubernetes.io/... or a domain of your own");
		*ARRAY_APPEND(n->labels, n->n_labels) =
			(struct label){xstrdup(e->key), xstrdup(value)};
	}
}

static void read_taints(const struct settings *s, struct yaml_item *root, struct node *n)
{
	_cleanup_(strv_release) struct strv taints = {0};
	struct yaml_entry *e = settings_strings(s, root, "taints", &taints);

	for (size_t i = 0; i < taints.n; i++) {
		struct label taint;

		if (taint_parse(taints.v[i], &taint) < 0)
			settings_problem(s, e,
					 "entry %zu is no taint; write it like "
					 "dedicated=storage:NoSchedule",
					 i + 1);
		else
			*ARRAY_APPEND(n->taints, n->n_taints) = taint;
	}
}

/* A name that a reference can write: {{ metadata.NAME }}. */
static bool is_metadata_name(const char *s)
{
	static const char allowed[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";
	const size_t len = strlen(s);

	return len && len <= LIMIT_METADATA_NAME && !s[strspn(s, allowed)];
}

static void read_metadata(const struct settings *s, struct yaml_item *root, struct node *n)
{
	struct yaml_item *map = settings_map(s, root, "metadata");

	for (size_t i = 0; map && i < map->n; i++) {
		const struct yaml_entry *e = &map->entries[i];
		const char *value = settings_text(s, e);

		if (!value)
			continue;
		if (!is_metadata_name(e->key))
			settings_problem(s, e, "a name here is at most %d letters, digits and '_'",
					 LIMIT_METADATA_NAME);
		else if (i >= LIMIT_METADATA)
			settings_problem(s, e, "at most %d names", LIMIT_METADATA);
		else
			*ARRAY_APPEND(n->metadata, n->n_metadata) =
				(struct label){xstrdup(e->key), xstrdup(value)};
	}
}

static bool is_uuid(const char *s)
{
	if (strlen(s) != UUID_TEXT_SIZE - 1)
		return false;
	for (size_t i = 0; s[i]; i++) {
		const bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
			return false;
	}
	return true;
}

static void read_firmware_names(const struct settings *s, struct yaml_item *root, struct node *n)
{
	struct yaml_entry *e = settings_string(s, root, "uuid", &n->uuid);

	if (e && n->uuid && !is_uuid(n->uuid))
		settings_problem(s, e,
				 "a UUID is wanted as the firmware tells it, like "
				 "8f2c1c1e-0f3b-4a0e-9a55-52540000a101");
	e = settings_string(s, root, "serial", &n->serial);
	if (e && n->serial && strlen(n->serial) > LIMIT_SERIAL)
		settings_problem(s, e, "a serial number has at most %d characters", LIMIT_SERIAL);
}

static void read_address(const struct settings *s, struct yaml_item *root, struct node *n)
{
	struct yaml_entry *e = settings_net(s, root, "address", &n->address);

	if (!e) {
		if (n->role == ROLE_CONTROL_PLANE)
			problems_add(s->problems, s->file, root->line, root->column,
				     "a control plane needs an address of its own that never "
				     "changes; add address: 192.168.1.20/24");
		return;
	}
	n->place_address = settings_place(s, e);
	if (!n->address.ip.a)
		return;
	if (n->address.prefix < 31 && n->address.ip.a == ipv4_network(n->address).a)
		settings_problem(s, e, "this is the address of a network, not of a node");
	else if (n->address.prefix < 31 && n->address.ip.a == ipv4_broadcast(n->address).a)
		settings_problem(s, e,
				 "this is the network's broadcast address, not one of a node");
}

static void read_arguments(const struct settings *s, struct yaml_item *root, struct node *n)
{
	struct yaml_entry *e = settings_strings(s, root, "kernelArguments", &n->kernel_arguments);

	if (e)
		n->place_arguments = settings_place(s, e);
	for (size_t i = 0; i < n->kernel_arguments.n; i++)
		if (!kernel_argument_is_valid(n->kernel_arguments.v[i]))
			settings_problem(s, e,
					 "entry %zu is no single kernel argument like "
					 "console=ttyS0,115200",
					 i + 1);
}

static void read_identity(const struct settings *s, struct yaml_item *root, const char *name,
			  struct node *n)
{
	static const char *const roles[ROLE_MAX] = {"control-plane", "worker"};
	static const char *const archs[ARCH_MAX] = {"amd64", "arm64"};
	int role = ROLE_WORKER, arch = ARCH_AMD64;
	struct err err = ERR_INIT;
	struct yaml_entry *e;

	n->name = xstrdup(name);
	e = settings_string(s, root, "name", &n->name);
	if (parse_name(n->name, &err) < 0) {
		problems_add(s->problems, s->file, e ? e->value->line : 0, e ? e->value->column : 0,
			     "%s", err_text(&err));
		err_release(&err);
	}
	read_macs(s, root, n);
	settings_word(s, root, "role", roles, ROLE_MAX, &role);
	n->role = (enum node_role)role;
	settings_word(s, root, "arch", archs, ARCH_MAX, &arch);
	n->arch = (enum arch)arch;
}

void node_read(const struct settings *s, struct yaml_item *root, const char *name, struct node *n)
{
	_cleanup_(yaml_item_freep) struct yaml_item *none = yaml_map_new();
	struct yaml_item *storage;
	struct yaml_entry *e;

	n->place = (struct place){s->file, root->line, root->column};
	if (root->kind != YAML_MAP) {
		n->name = xstrdup(name);
		problems_add(s->problems, s->file, root->line, root->column,
			     "keys such as \"mac:\" are wanted here");
		return;
	}
	read_identity(s, root, name, n);
	read_address(s, root, n);
	read_labels(s, root, n);
	read_taints(s, root, n);
	read_firmware_names(s, root, n);
	read_metadata(s, root, n);
	e = settings_strings(s, root, "sshKeys", &n->ssh_keys);
	ssh_keys_check(s, e, &n->ssh_keys);
	settings_string(s, root, "image", &n->image);
	read_arguments(s, root, n);
	storage = settings_map(s, root, "storage");
	storage = storage ? storage : none;
	storage_read(s, storage, n);
	yaml_note_below(root, "storage", storage);
	yaml_leftover(root, s->file, s->problems);
}
