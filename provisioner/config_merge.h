/* SPDX-License-Identifier: Apache-2.0 */
/* Laying one template's config on another's. Pure. */
#ifndef PROVISION_CONFIG_MERGE_H
#define PROVISION_CONFIG_MERGE_H

#include "config_tree.h"

/*
 * Lays `over`, which is taken, on the map `base`: maps key by key; lists of files, directories and
 * links by path, of units, drop-ins, users, groups and headers by name; other lists one after the
 * other, without repeating an element; anything else is replaced, and removed by a null. What says
 * where contents come from (inline, local or source) takes the place of all that was said of them.
 */
void config_merge(struct config_item *base, struct config_item *over) _nonnull_;

#endif
