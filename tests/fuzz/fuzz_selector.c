/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the query of /ignition: at most one record is meant, one of those that there are. */
#include "selector.h"

#include <string.h>

#include "http/range.h"

#define MAX_TERMS 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char cluster[] =
	"cluster: {controlPlaneEndpoint: \"10.0.0.9:6443\", kubeconfig: k}\n"
	"sshKeys: [\"ssh-ed25519 "
	"AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me\"]\n";
static const char first[] = "mac: 52:54:00:00:00:01\nserial: S1\nlabels: {rack: a, disk: ssd}\n";
static const char second[] = "mac: 52:54:00:00:00:02\nlabels: {rack: a}\n"
			     "uuid: 8F2C1C1E-0F3B-4A0E-9A55-525400000003\n";

static struct site *two_nodes(void)
{
	const struct inventory_text c = {"cluster.yaml", cluster, strlen(cluster)};
	const struct inventory_text nodes[] = {{"nodes/n1.yaml", first, strlen(first)},
					       {"nodes/n2.yaml", second, strlen(second)}};
	struct site *site = xcalloc(1, sizeof(*site));
	struct problems ps = {0};

	if (inventory_parse(&c, nodes, ARRAY_SIZE(nodes), &site->inventory, &ps) < 0)
		BUG("the records are wrong");
	site->nodes = xcalloc(ARRAY_SIZE(nodes), sizeof(*site->nodes));
	return site;
}

static void check_found(const struct site *site, const struct node *found)
{
	for (size_t i = 0; i < site->inventory->n_nodes; i++)
		if (found == &site->inventory->nodes[i])
			return;
	BUG("a record that is not there");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct site *site;
	_cleanup_(freep) char *query = xstrndup((const char *)data, size);
	_cleanup_(err_release) struct err err = ERR_INIT;
	struct selector_term terms[MAX_TERMS];
	const struct node *found = NULL;
	size_t n = 0;

	if (!site)
		site = two_nodes();
	for (char *rest = query; rest && n < MAX_TERMS; n++) {
		char *name = strsep(&rest, "&"), *value = strchr(name, '=');

		if (value)
			*value++ = '\0';
		url_decode(name);
		if (value)
			url_decode(value);
		terms[n] = (struct selector_term){name, value ? value : ""};
	}
	if (selector_find(site, terms, n, &found, &err) == 0)
		check_found(site, found);
	else if (err.kind != ERR_USAGE && err.kind != ERR_NOT_FOUND && err.kind != ERR_CONFIG)
		BUG("a refusal of another kind");
	return 0;
}
