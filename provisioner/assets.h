/* SPDX-License-Identifier: Apache-2.0 */
/*
 * STATE/assets: what machines download (loaders, boot environment, node images, Kubernetes), with
 * manifest.json, which has a digest of every file and of every ASSET_CHUNK of it, and manifest.sig,
 * the ed25519 signature of its bytes in base64. Names with a leading dot are files on their way and
 * no assets.
 */
#ifndef PROVISION_ASSETS_H
#define PROVISION_ASSETS_H

#include "image.h"

#include <sys/types.h>

/* While manifest and signature are being replaced, which takes a moment: */
enum assets_wait {
	ASSETS_WAIT, /* until it is done */
	ASSETS_NOW,  /* ERR_BUSY */
};

/* The manifest, its signature checked with STATE/public/manifest.pub. ERR_NOT_FOUND before the
 * first `provision assets build`. Release with manifest_release. */
int assets_load(const char *state_dir, enum assets_wait wait, struct manifest *ret,
		struct err *err) _must_check_ _nonnull_;
/* As root: lets this group, and no stranger, lock the manifest while it reads it. */
int assets_give_lock(const char *state_dir, gid_t gid, struct err *err) _must_check_ _nonnull_;
/* Makes manifest and signature anew from the files that are there; opens the secrets. Two at once
 * wait for each other. */
int assets_sign(const char *state_dir, struct err *err) _must_check_ _nonnull_;
/* Compares the signature and every file with the manifest. 0 with one sentence for each thing that
 * is wrong in ret_problems; the caller releases it. ERR_NOT_FOUND and ERR_IO as from assets_load.
 */
int assets_verify(const char *state_dir, struct strv *ret_problems,
		  struct err *err) _must_check_ _nonnull_;

#endif
