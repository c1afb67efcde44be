/* SPDX-License-Identifier: Apache-2.0 */
/* Kubernetes from local files: binaries and archives of images, copied to where their version lies,
 * and the manifest of a pod network. */
#ifndef PROVISION_ASSETS_ADD_H
#define PROVISION_ASSETS_ADD_H

#include "err.h"

/*
 * Copies `from`, a file or a folder, below assets_dir/folder: archives of images (.tar, .tar.gz,
 * .tgz, .tar.zst, .tar.xz) to images/, all else to bin/. Folders bin and images of a folder keep
 * their place. Each file is replaced at once. ret_paths gets the paths below assets_dir.
 */
int assets_add(const char *assets_dir, const char *folder, const char *from, struct strv *ret_paths,
	       struct err *err) _must_check_ _nonnull_;

/* Copies the file `from` to assets_dir/path, replacing it at once. */
int assets_add_as(const char *assets_dir, const char *from, const char *path,
		  struct err *err) _must_check_ _nonnull_;

#endif
