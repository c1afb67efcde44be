/* SPDX-License-Identifier: Apache-2.0 */
/* The merge of two Ignition configs, by the rules of ignition.config.merge. Pure. */
#ifndef PROVISION_IGN_MERGE_H
#define PROVISION_IGN_MERGE_H

#include "jsonx.h"

/*
 * child over parent, both checked. As Ignition merges: an object field by field; a value of the
 * child replaces the parent's; a list whose elements are unique keeps the parent's order, merges
 * elements of the same key, and appends what only the child has; lists of a group (files,
 * directories, links; both lists of kernel arguments) give up an element of the parent that the
 * child has in another list of the group; lists whose elements may come twice are appended. An HTTP
 * header whose value the child has as null goes out. Null is absent. New reference; shares what it
 * did not have to change.
 */
json_t *ign_merge(const json_t *parent, const json_t *child) _nonnull_;

#endif
