/* SPDX-License-Identifier: Apache-2.0 */
#include "pod_network.h"

#include <fcntl.h>

#include "fsio.h"
#include "limits.h"

int pod_network_load(const char *assets_dir, const struct inventory *inv, const struct manifest *m,
		     char **ret, struct err *err)
{
	const char *asset = asset_path_network(&inv->cluster);
	_cleanup_(freep) char *path = NULL;
	size_t len;

	*ret = NULL;
	if (inv->network_manifest) {
		*ret = xstrdup(inv->network_manifest);
		return 0;
	}
	if (!asset || !manifest_find(m, asset))
		return 0;
	path = xasprintf("%s/%s", assets_dir, asset);
	if (file_read(AT_FDCWD, path, LIMIT_YAML_BYTES, ret, &len, err) == 0)
		return 0;
	if (err->kind != ERR_NOT_FOUND)
		return -1;
	err_release(err);
	return 0;
}
