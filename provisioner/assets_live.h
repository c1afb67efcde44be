/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images that run in memory, as upstream releases them: Flatcar Container Linux by its release
 * folders (version.txt; for each file .DIGESTS with SHA-512 and .sig), Fedora CoreOS by the
 * metadata of its stable stream (location, signature and SHA-256 of each file).
 */
#ifndef PROVISION_ASSETS_LIVE_H
#define PROVISION_ASSETS_LIVE_H

#include "assets_release.h"
#include "fetch.h"
#include "jsonx.h"
#include "live_image.h"
#include "node.h"

struct live_wish {
	enum live_kind kind; /* LIVE_FLATCAR or LIVE_FCOS */
	const char *version; /* NULL: what upstream calls the current one */
	const char *mirror;  /* a URL that stands for upstream's host, or NULL */
	enum arch arch;
};

/* Asks upstream for what it has to be asked, and gives the files. Release with release_release. */
int live_release(struct fetch *f, const struct live_wish *w, struct release *ret,
		 struct err *err) _must_check_ _nonnull_;
/* Flatcar's files of that version. Pure. */
int live_release_flatcar(const struct live_wish *w, const char *version, struct release *ret,
			 struct err *err) _must_check_ _nonnull_;
/* The release that the metadata of a stream or of one release tells of this architecture. Pure. */
int live_release_fcos(const struct live_wish *w, const json_t *metadata, struct release *ret,
		      struct err *err) _must_check_ _nonnull_;
/* "boot/IMAGE-ARCH/FILE" below the assets; caller frees. ERR_USAGE when version makes no name of an
 * image. */
int live_asset_path(enum live_kind kind, const char *version, enum arch arch, const char *file,
		    char **ret, struct err *err) _must_check_ _nonnull_;

#endif
