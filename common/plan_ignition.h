/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of a plan that is an Ignition 3.4 config: storage.files, directories and links,
 * systemd.units, passwd.users, kernelArguments. Pure.
 */
#ifndef PROVISION_PLAN_IGNITION_H
#define PROVISION_PLAN_IGNITION_H

#include "plan.h"

/* Adds the sections, and "ignition" with the version, to doc. */
void plan_ignition_put(json_t *doc, const struct plan *p) _nonnull_;
/* Reads the sections of doc, each checked, into an empty plan. Other keys of doc are not looked
 * at. Files come in the order in which Ignition makes them: directories, files, links. */
int plan_ignition_get(const json_t *doc, struct plan *p, struct err *err) _must_check_ _nonnull_;

#endif
