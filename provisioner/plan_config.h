/* SPDX-License-Identifier: Apache-2.0 */
/* The Ignition config of a node: templates chosen, filled, laid on each other and translated. Pure.
 */
#ifndef PROVISION_PLAN_CONFIG_H
#define PROVISION_PLAN_CONFIG_H

#include "plan_build.h"
#include "problems.h"

/* The config, an Ignition document with the place of every value; its JSON is good. The templates
 * and records of the call have to outlive it. NULL with problems added, each with the place in the
 * template or record. */
struct config_item *plan_config(const struct node *n, const struct cluster *c,
				const struct plan_inputs *in, struct problems *ps) _nonnull_;

/* What a machine of this image may include in its config ($.ignition.config), beyond what
 * plan_ignition_check says of all: ERR_CONFIG. */
int plan_config_check_includes(const json_t *config, const char *image,
			       struct err *err) _must_check_ _nonnull_;

/* The config, or a plan's whole document, as it is shown: with every hash of a password replaced.
 * New reference. */
json_t *plan_config_redacted(const json_t *config) _nonnull_;
/* The same of a tree, in place. */
void plan_config_redact(struct config_item *config) _nonnull_;

#endif
