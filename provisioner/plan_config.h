/* SPDX-License-Identifier: Apache-2.0 */
/* Files, units, users and kernel arguments of a plan, from templates in Butane's vocabulary. Pure.
 */
#ifndef PROVISION_PLAN_CONFIG_H
#define PROVISION_PLAN_CONFIG_H

#include "plan.h"

/* Adds what config (Butane: storage, systemd, passwd, kernel_arguments; an object) says to p.
 * ERR_CONFIG names the place by JSON path. */
int plan_add_config(struct plan *p, const json_t *config, struct err *err) _must_check_ _nonnull_;

#endif
