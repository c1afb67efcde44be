/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as {"lsblk": [...], "wipefs": {...}}: read, described, compared. */
#include "lsblk.h"
#include "sha256.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(disk_list_release) struct disk_list l = {0};
	_cleanup_json_ json_t *j = NULL, *none = json_object();
	const json_t *lsblk, *wipefs;
	struct err err = ERR_INIT;

	if (jsonx_parse((const char *)data, size, "report", &j, &err) < 0) {
		err_release(&err);
		return 0;
	}
	lsblk = json_object_get(j, "lsblk");
	wipefs = json_object_get(j, "wipefs");
	if (lsblk_read(lsblk ? lsblk : none, wipefs ? wipefs : none, &l, &err) < 0)
		err_release(&err);
	for (size_t i = 0; i < l.n; i++) {
		struct sha256 fingerprint;

		free(disk_describe(&l.d[i]));
		disk_fingerprint(&l.d[i], &fingerprint);
	}
	return 0;
}
