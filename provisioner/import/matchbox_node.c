/* SPDX-License-Identifier: Apache-2.0 */
#include "import/matchbox_node.h"

#include "import/matchbox_values.h"
#include "limits.h"
#include "parse.h"
#include "pool.h"

#include <string.h>

char *matchbox_name(const char *id)
{
	char *name = xstrndup(id, LIMIT_NAME - 8); /* room for what tells two of a name apart */
	size_t len = strlen(name);

	for (char *c = name; *c; c++) {
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
		else if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9')))
			*c = '-';
	}
	while (len && name[len - 1] == '-')
		name[--len] = '\0';
	memmove(name, name + strspn(name, "-"), len - strspn(name, "-") + 1);
	if (!*name) {
		free(name);
		return xstrdup("node");
	}
	return name;
}

/* Without a domain: kubelet may not set labels of every one. */
static bool is_label(const char *name, const char *text)
{
	const struct label l = {(char *)name, (char *)text};

	return *text && !strchr(name, '/') && !matchbox_sounds_secret(name) && label_is_valid(&l);
}

static void read_labels(const struct matchbox_group *g, struct node *n, struct problems *left)
{
	/* known of the machine itself, or the step of an installation that there is not here */
	static const char *const known[] = {"mac", "uuid", "serial", "hostname", "os"};
	const char *key;
	json_t *value;

	json_object_foreach (g->selector, key, value) {
		_cleanup_(freep) char *shown = printable_text(key, strnlen(key, LIMIT_NAME));
		bool is_known = false;

		for (size_t i = 0; i < ARRAY_SIZE(known); i++)
			is_known = is_known || streq(known[i], key);
		if (!is_known && is_label(key, json_string_value(value)))
			*ARRAY_APPEND(n->labels, n->n_labels) =
				(struct label){xstrdup(key), xstrdup(json_string_value(value))};
		else if (!is_known)
			problems_add(left, g->file, 0, 0,
				     "$.selector.%s: is no label that Kubernetes takes; the MAC "
				     "address alone selects the record",
				     shown);
		else if (streq(key, "os") && !streq(json_string_value(value), "installed"))
			problems_add(left, g->file, 0, 0,
				     "$.selector.os: the MAC address alone selects the record");
	}
}

static void read_metadata(const struct matchbox_group *g, struct node *n, struct problems *left)
{
	const char *key;
	json_t *value;

	json_object_foreach (g->metadata, key, value) {
		if (!matchbox_is_metadata(key, value))
			continue;
		if (n->n_metadata == LIMIT_METADATA) {
			problems_add(left, g->file, 0, 0, "$.metadata: has more than %d texts",
				     LIMIT_METADATA);
			return;
		}
		*ARRAY_APPEND(n->metadata, n->n_metadata) =
			(struct label){xstrdup(key), matchbox_value_text(value)};
	}
}

/* What the firmware tells of the machine. */
static void read_firmware(const struct matchbox_group *g, struct node *n)
{
	const char *uuid = json_string_value(json_object_get(g->selector, "uuid"));
	const char *serial = json_string_value(json_object_get(g->selector, "serial"));

	n->uuid = uuid && *uuid ? xstrdup(uuid) : NULL;
	n->serial = serial && *serial ? xstrdup(serial) : NULL;
}

static bool tell(const struct matchbox_group *g, const char *path, const char *why,
		 struct problems *left)
{
	problems_add(left, g->file, 0, 0, "%s: %s", path, why);
	return false;
}

bool matchbox_node_read(const struct matchbox_group *g, struct node *ret, struct problems *left)
{
	const char *text = json_string_value(json_object_get(g->selector, "mac"));
	struct err err = ERR_INIT;
	struct mac mac;

	if (!json_object_size(g->selector))
		return tell(g, "$.selector",
			    "is absent: this is the default group, which matches every machine "
			    "that asks. Here a machine is installed only when a record names it "
			    "(provision add-node MAC), so no record was made of it",
			    left);
	if (!text)
		return tell(g, "$.selector",
			    "has no mac, so it may match any number of machines. Here each has a "
			    "record of its own with its MAC address: provision add-node MAC",
			    left);
	if (mac_parse(text, &mac, &err) < 0) {
		tell(g, "$.selector.mac", err_text(&err), left);
		err_release(&err);
		return false;
	}
	*ret = (struct node){.name = matchbox_name(g->id), .role = ROLE_WORKER, .arch = ARCH_AMD64};
	*ARRAY_APPEND(ret->macs, ret->n_macs) = mac;
	read_firmware(g, ret);
	read_labels(g, ret, left);
	read_metadata(g, ret, left);
	return true;
}
