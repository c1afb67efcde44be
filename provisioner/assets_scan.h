/* SPDX-License-Identifier: Apache-2.0 */
/* Digests of files, and of a whole folder of them. */
#ifndef PROVISION_ASSETS_SCAN_H
#define PROVISION_ASSETS_SCAN_H

#include "image.h"

/* Reads the file below dirfd and fills ret, path included. Release with asset_release. */
int asset_digest(int dirfd, const char *path, struct asset *ret,
		 struct err *err) _must_check_ _nonnull_;
/* Paths of the files below dirfd, sorted, without names that begin with a dot and without
 * manifest.json and manifest.sig. Anything but folders and ordinary files is ERR_CONFIG. */
int assets_list(int dirfd, struct strv *ret, struct err *err) _must_check_ _nonnull_;
/* asset_digest of all in assets_list. Release with manifest_release. */
int assets_scan(int dirfd, struct manifest *ret, struct err *err) _must_check_ _nonnull_;

#endif
