/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From Butane's vocabulary to an Ignition 3.4 document: names, local files and texts as data URLs,
 * trees as files and links. What the document has to be beyond its shape, ignition_check says.
 * Pure.
 */
#ifndef PROVISION_BUTANE_H
#define PROVISION_BUTANE_H

#include "config_tree.h"
#include "local_files.h"

#define BUTANE_IGNITION "3.4.0"

struct butane {
	const struct local_files *files; /* what may be inlined */
	const json_t *values;            /* for files with `template: true`; NULL: a draft */
	struct problems *ps;
};

/*
 * in: the merged config. New config, or NULL with problems added: unknown keys, wrong shapes, local
 * files that are not there. Of a draft, in which references are still open, as much is checked as
 * can be, and the result has no JSON yet.
 *
 * Two things are said here that Butane does not say: files with contents, and links, overwrite what
 * the image brings unless `overwrite: false` stands there; and `template: true` beside inline or
 * local replaces references in that text.
 */
struct config_item *butane_translate(const struct butane *b,
				     const struct config_item *in) _nonnull_;

#endif
