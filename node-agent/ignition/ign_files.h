/* SPDX-License-Identifier: Apache-2.0 */
/*
 * storage.directories, files and links of spec 3.4, in upstream's order: by the depth of their
 * resolved path, so that what lies in a folder comes after it; hard links last.
 */
#ifndef PROVISION_IGN_FILES_H
#define PROVISION_IGN_FILES_H

#include "ign_resource.h"
#include "ign_root.h"
#include "jsonx.h"

/* Whether all entries have a place of their own once the root's links are followed; ERR_CONFIG with
 * both JSON paths. Touches nothing. */
int ign_files_check(const struct ign_root *r, const json_t *config,
		    struct err *err) _must_check_ _nonnull_;
/* Makes them all. config is one that ign_config_load gave. ERR_REFUSED, ERR_CONFIG or ERR_IO name
 * the entry; what stood at its place is then as it was. */
int ign_files_make(const struct ign_root *r, struct ign_fetch *f, const json_t *config,
		   struct err *err) _must_check_ _nonnull_;

#endif
