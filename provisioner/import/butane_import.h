/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody else's config as a template of ours: Ignition's JSON (2.x and 3.x), Butane's YAML and
 * the older Container Linux Config. What a template cannot say is left out and told, by JSON path.
 * Pure.
 */
#ifndef PROVISION_BUTANE_IMPORT_H
#define PROVISION_BUTANE_IMPORT_H

#include "jsonx.h"
#include "problems.h"

enum butane_source {
	BUTANE_FROM_IGNITION, /* keys as in Ignition's JSON */
	BUTANE_FROM_YAML      /* keys as in Butane's YAML */
};

/* Gives the template's content in Butane's keys, a new reference; `file` is the name in problems. A
 * null in a list stands where an element was left out, so that a path means the same in both;
 * import_strip takes it away. */
json_t *butane_import(const json_t *config, enum butane_source source, const char *file,
		      struct problems *left) _must_check_ _nonnull_;

#endif
