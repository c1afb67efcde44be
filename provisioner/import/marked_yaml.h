/* SPDX-License-Identifier: Apache-2.0 */
/* Butane's YAML as JSON, with the marks of go_template.h in it. Pure. */
#ifndef PROVISION_MARKED_YAML_H
#define PROVISION_MARKED_YAML_H

#include "jsonx.h"
#include "yaml_tree.h"

/* New reference. A mark stays one only in a text; in a key, and where the plain text with its value
 * in place is a number, true, false or nothing, the value of `values` takes its place: that is what
 * a reader of the filled-in text would have seen. */
json_t *marked_yaml_to_json(const struct yaml_item *item,
			    const json_t *values) _must_check_ _nonnull_;
/* A text with the values, an object of texts, in place of its marks; one that is not there is
 * empty. Caller frees. */
char *marked_text_fill(const char *text, const json_t *values) _must_check_ _nonnull_;

#endif
