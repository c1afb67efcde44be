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
 *
 * binary: what the one program of a flavour is called, whatever its file is (k3s-arm64); NULL: a
 * program keeps the name of its file.
 */
int assets_add(const char *assets_dir, const char *folder, const char *binary, const char *from,
	       struct strv *ret_paths, struct err *err) _must_check_
	__attribute__((nonnull(1, 2, 4, 5, 6)));

/* Copies the file `from` to assets_dir/path, replacing it at once. */
int assets_add_as(const char *assets_dir, const char *from, const char *path,
		  struct err *err) _must_check_ _nonnull_;

#endif
