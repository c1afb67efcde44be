/* SPDX-License-Identifier: Apache-2.0 */
/* What templates may refer to. Pure. */
#ifndef PROVISION_PLAN_VALUES_H
#define PROVISION_PLAN_VALUES_H

#include "plan_build.h"

/* The values for a node's templates, as an object; the list stands in the head of
 * ignition-templates/base.yaml. New reference. */
json_t *plan_values(const struct node *n, const struct cluster *c,
		    const struct plan_inputs *in) _nonnull_;

#endif
