/* SPDX-License-Identifier: Apache-2.0 */
/* cluster.yaml and a node's file. */
#include "inventory.h"
#include "inventory_edit.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char cluster[] =
		"cluster: {controlPlaneEndpoint: \"a:1\", kubeconfig: k}\n"
		"sshKeys: [\"ssh-ed25519 "
		"AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f me\"]\n";
	const struct inventory_text c = {"cluster.yaml", cluster, sizeof(cluster) - 1};
	const struct inventory_text n = {"nodes/web1.yaml", (const char *)data, size};
	struct inventory *inv = NULL;
	struct problems ps = {0};

	/* the same bytes as cluster.yaml */
	if (inventory_parse(&n, NULL, 0, &inv, &ps) == 0)
		inv = inventory_free(inv);
	problems_release(&ps);
	if (inventory_parse(&c, &n, 1, &inv, &ps) == 0) {
		_cleanup_(freep) char *text = node_to_yaml(&inv->nodes[0], inv);

		inventory_free(inv);
		problems_release(&ps);
		if (!*text)
			abort();
	}
	problems_release(&ps);
	return 0;
}
