/* SPDX-License-Identifier: Apache-2.0 */
/* Downloading one file of an upstream release, held against upstream's digest. */
#ifndef PROVISION_ASSETS_FETCH_H
#define PROVISION_ASSETS_FETCH_H

#include "assets_release.h"
#include "fetch.h"

/* Downloads the file below assets_dir and puts it in its place when its digest is upstream's, if
 * upstream has one, and, with a keyring (a file of OpenPGP keys, for gpgv), its signature is good;
 * a file that is there and right is left, and *ret_had set. */
int release_fetch(struct fetch *f, const char *assets_dir, const struct release_file *file,
		  const char *keyring, bool *ret_had, struct err *err) _must_check_
	__attribute__((nonnull(1, 2, 3, 5, 6)));

#endif
