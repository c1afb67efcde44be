/* SPDX-License-Identifier: Apache-2.0 */
/* Assets by name: files with a digest of the whole and of every ASSET_CHUNK bytes, in one signed
 * manifest. */
#ifndef PROVISION_IMAGE_H
#define PROVISION_IMAGE_H

#include "jsonx.h"
#include "sha256.h"

struct asset {
	char *path; /* below the assets directory, and below /assets/ in URLs; its name everywhere
		     */
	uint64_t size;
	struct sha256 digest;
	struct sha256 *chunks; /* ceil(size / ASSET_CHUNK) */
	size_t n_chunks;
};

struct manifest {
	struct asset *assets; /* sorted by path */
	size_t n;
};

const struct asset *manifest_find(const struct manifest *m, const char *path) _nonnull_;
void asset_release(struct asset *a) _nonnull_;
void manifest_release(struct manifest *m) _nonnull_;
/* A deep copy; dst is overwritten. */
void asset_copy(struct asset *dst, const struct asset *src) _nonnull_;
/* {"path","size","sha256","chunks":["hex",...]} */
json_t *asset_to_json(const struct asset *a) _nonnull_;
int asset_from_json(const json_t *j, const char *path, struct asset *ret,
		    struct err *err) _must_check_ _nonnull_;
json_t *manifest_to_json(const struct manifest *m) _nonnull_;
int manifest_from_json(const json_t *j, struct manifest *ret,
		       struct err *err) _must_check_ _nonnull_;

#endif
