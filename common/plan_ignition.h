/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of a plan that is an Ignition 3.4 config: its keys stand at the top of the plan's JSON,
 * beside `provision`. Pure.
 */
#ifndef PROVISION_PLAN_IGNITION_H
#define PROVISION_PLAN_IGNITION_H

#include "plan.h"

/* Holds a config against ignition_check and against what a plan may say beyond it: version 3.4.0;
 * no disks, which pools claim; what is fetched comes by https or has a digest; kernel arguments and
 * ssh keys are one word and one line. ERR_CONFIG with the JSON path. */
int plan_ignition_check(const json_t *config, struct err *err) _must_check_ _nonnull_;

/* Puts copies of the sections of the plan's config into doc. */
void plan_ignition_put(json_t *doc, const struct plan *p) _nonnull_;
/* Takes the sections of doc for an empty plan, checked as a stranger's: ERR_PROTOCOL. Other keys of
 * doc are not looked at. */
int plan_ignition_get(const json_t *doc, struct plan *p, struct err *err) _must_check_ _nonnull_;

/* kernelArguments of the plan's config: "shouldExist" or "shouldNotExist". Borrows nothing; release
 * the list. */
void plan_kernel_arguments(const struct plan *p, const char *key, struct strv *ret) _nonnull_;

#endif
