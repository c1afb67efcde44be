/* SPDX-License-Identifier: Apache-2.0 */
/* Every value of a node's config with the place that it came from. Pure. */
#ifndef PROVISION_RENDER_EXPLAIN_H
#define PROVISION_RENDER_EXPLAIN_H

#include "config_tree.h"
#include "value_source.h"

/* One line a value, like a compiler's: "templates/base.yaml:5:9: $.storage.files[0].mode = 420",
 * behind it in brackets what a reference or an inlined file has to do with it. Long values are cut.
 * Caller frees. */
char *render_explain(const struct config_item *config, const struct value_sources *s) _nonnull_;
/* The same as a list of {path, value, file, line, column}, whole values, with "reference" and
 * "source", "inlined" or "default" where it applies. New reference. */
json_t *render_explain_json(const struct config_item *config,
			    const struct value_sources *s) _nonnull_;

#endif
