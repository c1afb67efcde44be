/* SPDX-License-Identifier: Apache-2.0 */
/* The texts and files that Butane's configs carry: inline, local, contents_local, trees. Pure. */
#ifndef PROVISION_BUTANE_CONTENTS_H
#define PROVISION_BUTANE_CONTENTS_H

#include "butane.h"

/* in: what was written; out: what it becomes, already with the keys that Ignition knows too. All
 * add problems. */

/* A resource (contents, append, merge, ...): exactly one of inline, local and source. */
void butane_add_source(const struct butane *b, const struct config_item *in,
		       struct config_item *out) _nonnull_;
/* contents_local of a unit or drop-in. */
void butane_add_contents(const struct butane *b, const struct config_item *in,
			 struct config_item *out) _nonnull_;
/* ssh_authorized_keys_local of a user: files with one key a line. */
void butane_add_keys(const struct butane *b, const struct config_item *in,
		     struct config_item *out) _nonnull_;
/* trees of storage, once its files and links are in out: what lies below a local folder, with mode
 * 0755 for what its owner may execute and 0644 for all else. */
void butane_add_trees(const struct butane *b, const struct config_item *in,
		      struct config_item *out) _nonnull_;

#endif
