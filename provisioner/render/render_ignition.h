/* SPDX-License-Identifier: Apache-2.0 */
/* A plan for a foreign Ignition client: an Ignition 3.4 config without the object `provision`.
 * Pure.
 */
#ifndef PROVISION_RENDER_IGNITION_H
#define PROVISION_RENDER_IGNITION_H

#include "plan.h"

/* New reference. */
json_t *render_ignition(const struct plan *p) _nonnull_;

#endif
